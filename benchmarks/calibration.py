"""Do the intervals of trajectories hold the truth as often as they say? Simulated packages.

Two sizes: thin, as a few principals in these data (4 actors, 2 issues, 120 statements, 2 coders, a
fifth dated to the year only), and large (60 actors, 40 quarters, 5,000 statements, 8 coders of whom
one codes each). For the state model, windows, and the plain mean of codes within a year: bias,
correlation with the truth, coverage of 50, 80 and 90 % intervals, their width, and the spread of
coverage over data sets. Then other scales at the thin size, how far the priors move the thin
results, and shares of nominal codes, whose truth is a random walk for each code and neither windows
nor Wilson's intervals. Run with `python benchmarks/calibration.py [thin sets] [large sets]`.
"""

import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd

import stancepack as sp
from stancepack.positions.evidence import drawn_years, years_of
from stancepack.positions.likelihood import Priors, Variance, expected
from stancepack.positions.state import coded_evidence, scales_of_model
from stancepack.positions.state_space import fit, positions_at

THIN = int(sys.argv[1]) if len(sys.argv) > 1 else 200
LARGE = int(sys.argv[2]) if len(sys.argv) > 2 else 200
SOME = min(THIN, 40)  # sets for other scales, priors and shares
LEVELS = (0.5, 0.8, 0.9)
THIN_SIZE = {
    "actors": 4,
    "issues": 2,
    "statements": 120,
    "coders": 2,
    "years": 12,
    "undated": 0.2,
}
SIZES = {
    "thin": THIN_SIZE,
    "large": {
        "actors": 60,
        "issues": 1,
        "statements": 5000,
        "coders": 8,
        "each": 1,
        "years": 10,
        "undated": 0.0,
    },
    "thin, 3 codes": {**THIN_SIZE, "scale": "oppose,neutral,favour"},
    "thin, 0 to 10": {**THIN_SIZE, "scale": "0..10"},
}
USUAL = Priors()
PRIORS = {
    "drift prior × 4": replace(USUAL, drift=Variance(0.6)),
    "drift prior ÷ 4": replace(USUAL, drift=Variance(0.0375)),
    "start prior × 4": replace(USUAL, start=Variance(6.0)),
    "start prior ÷ 4": replace(USUAL, start=Variance(0.375)),
    "coder noise prior × 2": replace(USUAL, noise=0.8),
}
FRAMES = sp.Scale("frame", ("security", "cost", "rights", "process"), level="nominal")

Bands = dict[float, tuple[np.ndarray, np.ndarray]]


def state(
    pkg: sp.StancePackage, truth: pd.DataFrame, priors: Priors = USUAL
) -> tuple[np.ndarray, Bands]:
    """Fit once and return estimate and intervals of every level at the times of the truth."""
    rows = sp.evidence(pkg).assign(line=None)
    scales = scales_of_model(pkg)
    coded, chains, issues = coded_evidence(rows, scales)
    parameters, _, _ = fit(coded, priors)
    chain_of = {name: number for number, name in enumerate(chains)}
    chain = (truth["actor_id"] + " : " + truth["issue_id"]).map(chain_of).to_numpy()
    points = chain, years_of(truth["time"])
    random = np.random.RandomState(0)
    sets = 6 if rows["date_basis"].eq("inferred").any() else 1
    drawn = []
    for _ in range(sets):
        when = drawn_years(rows, random if sets > 1 else None)
        dated = coded.take(slice(None), when)
        theta, vectors = positions_at(dated, parameters, points, 240 // sets, random)
        positions = np.empty_like(theta)
        for number, issue in enumerate(issues):
            of_issue = (truth["issue_id"] == issue).to_numpy()
            cuts = parameters.cuts_of(number, vectors)[None, :, :]
            positions[of_issue] = expected(theta[of_issue], cuts, scales[issue].numbers)
        drawn.append(positions)
    draws = np.concatenate(drawn, axis=1)
    bands = {}
    for level in LEVELS:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=1)
        bands[level] = low, high
    return draws.mean(axis=1), bands


def windows(pkg: sp.StancePackage, truth: pd.DataFrame) -> tuple[np.ndarray, Bands]:
    bands, estimate = {}, np.full(len(truth), np.nan)
    index = pd.MultiIndex.from_frame(truth[["actor_id", "issue_id", "time"]])
    options = {"by": "actor", "method": "window", "start": "2000-01-01", "step": "3MS"}
    options |= {"end": str(truth["time"].max().date()), "draws": 200}
    for level in LEVELS:
        paths = [
            sp.trajectory(pkg, issue=issue, interval=level, **options).table.assign(issue_id=issue)
            for issue in truth["issue_id"].unique()
        ]
        path = pd.concat(paths).rename(columns={"actor": "actor_id"})
        path = path.set_index(["actor_id", "issue_id", "time"]).reindex(index)
        estimate = path["estimate"].to_numpy()
        bands[level] = path["low"].to_numpy(), path["high"].to_numpy()
    return estimate, bands


def plain(pkg: sp.StancePackage, truth: pd.DataFrame) -> tuple[np.ndarray, Bands]:
    """Mean of the codes of a calendar year with its standard error, as is often done."""
    from scipy.stats import t

    spoken = pkg["statements"][["statement_id", "actor_id", "date_earliest"]]
    codes = pkg["codings"].merge(spoken, on="statement_id")
    codes["year"] = codes["date_earliest"].dt.year
    number_of = {
        (issue, position): pkg.scale(issue).number(position)
        for issue, position in zip(codes["issue_id"], codes["position"], strict=True)
    }
    codes["number"] = [
        number_of[cell] for cell in zip(codes["issue_id"], codes["position"], strict=True)
    ]
    cell = codes.groupby(["actor_id", "issue_id", "year"])["number"].agg(["mean", "std", "count"])
    asked = pd.MultiIndex.from_arrays([truth["actor_id"], truth["issue_id"], truth["time"].dt.year])
    cell = cell.reindex(asked)
    mean, deviation, n = (cell[name].to_numpy(dtype=float) for name in ("mean", "std", "count"))
    bands = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        error = deviation / np.sqrt(n)
        for level in LEVELS:
            reach = t.ppf((1 + level) / 2, n - 1) * error
            bands[level] = mean - reach, mean + reach
    return mean, bands


METHODS = {"state": state, "window": windows, "mean of codes": plain}


def simulated(size: str, seed: int, months: list[int]) -> tuple[sp.StancePackage, pd.DataFrame]:
    """Return a package, and the truth in some months of who spoke on what."""
    pkg = sp.simulate(seed=seed, **SIZES[size])
    positions = pkg["stances"].merge(pkg["statements"], on="statement_id")
    spoke = pd.MultiIndex.from_frame(positions[["actor_id", "issue_id"]])
    truth = pkg.truth[pkg.truth["time"].dt.month.isin(months)]
    told = pd.MultiIndex.from_frame(truth[["actor_id", "issue_id"]]).isin(spoke)
    return pkg, truth[told].reset_index(drop=True)


def calibrated(task: tuple[str, int]) -> list[dict[str, object]]:
    """Return how each method did on one data set."""
    size, seed = task
    pkg, truth = simulated(size, seed, [1, 4, 7, 10])
    true = truth["position"].to_numpy()
    rows = []
    for name, method in METHODS.items():
        begin = time.perf_counter()
        try:
            estimate, bands = method(pkg, truth)
        except sp.StancepackError:
            rows.append({"size": size, "method": name, "failed": 1.0})
            continue
        there = ~np.isnan(estimate)
        row: dict[str, object] = {
            "size": size,
            "method": name,
            "failed": 0.0,
            "seconds": time.perf_counter() - begin,
            "answered": there.mean(),
            "bias": (estimate - true)[there].mean(),
            "correlation": np.corrcoef(estimate[there], true[there])[0, 1],
        }
        for level, (low, high) in bands.items():
            held = (low <= true) & (true <= high)
            known = ~np.isnan(low) & there
            row[f"cover {level:.0%}"] = held[known].mean() if known.any() else np.nan
        low, high = bands[0.9]
        row["width 90%"] = (high - low)[there & ~np.isnan(low)].mean()
        rows.append(row)
    return rows


def priors(seed: int) -> dict[str, object]:
    """Refit a thin set under other priors and compare with the usual ones."""
    pkg, truth = simulated("thin", seed, [1])
    true = truth["position"].to_numpy()
    usual, _ = state(pkg, truth)
    row: dict[str, object] = {}
    for name, other in PRIORS.items():
        try:
            estimate, bands = state(pkg, truth, other)
        except sp.StancepackError:
            continue
        low, high = bands[0.9]
        row[f"{name}: moved"] = np.abs(estimate - usual).mean()
        row[f"{name}: cover 90%"] = ((low <= true) & (true <= high)).mean()
    return row


def shares(seed: int) -> list[dict[str, object]]:
    """Return how often 90 % intervals held the share of a code."""
    rows = []
    for statements, drift in ((60, 0.1), (300, 0.1), (300, 0.5)):
        size = {"actors": 1, "issues": 1, "statements": statements, "drift": drift}
        pkg = sp.simulate(seed=seed, scale=FRAMES, **size)
        path = sp.trajectory(pkg, issue="issue-1", actor="actor-1", step="3MS", draws=200)
        both = pkg.truth.merge(path.table, on=["time", "code"]).dropna()
        held = both["share"].between(both["low"], both["high"])
        rows.append({
            "statements": statements,
            "drift": drift,
            "cover 90%": held.mean(),
            "cover 90%, shares below .1": held[both["share"] < 0.1].mean(),
            "width 90%": (both["high"] - both["low"]).mean(),
            "bias": (both["estimate"] - both["share"]).abs().mean(),
        })  # fmt: skip
    return rows


if __name__ == "__main__":
    sets = {"thin": THIN, "large": LARGE, "thin, 3 codes": SOME, "thin, 0 to 10": SOME}
    tasks = [(size, seed) for size, count in sets.items() for seed in range(count)]
    with ProcessPoolExecutor(2) as pool:
        table = pd.DataFrame([row for rows in pool.map(calibrated, tasks) for row in rows])
        moved = pd.DataFrame(list(pool.map(priors, range(SOME))))
        nominal = pd.DataFrame([row for rows in pool.map(shares, range(SOME)) for row in rows])
    by_method = table.groupby(["size", "method"], sort=False)
    mean, spread = by_method.mean().round(3), by_method["cover 90%"].std().round(3)
    print(f"{', '.join(f'{count} {size}' for size, count in sets.items())}\n")
    print(mean.assign(**{"sd of cover 90%": spread}).T.to_string())
    print(f"\nPriors at the thin size, {len(moved)} data sets (positions run from −2 to 2):")
    print(moved.mean().round(3).to_string())
    print(f"\nShares of four nominal codes, {SOME} data sets:")
    print(nominal.groupby(["statements", "drift"]).mean().round(3).to_string())
