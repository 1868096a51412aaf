"""Do intervals of trajectories hold the truth as often as they say? Packages of known positions.

Two sizes: thin, as a few principals in these data (4 actors, 2 issues, 120 statements, 2 coders, a
fifth dated to the year only), and large (60 actors, 40 quarters, 5,000 statements, 8 coders of whom
one codes each). For the state model, windows, and the plain mean of codes within a year: bias,
correlation with the truth, coverage of 50, 80 and 90 % intervals, their width, and the spread of
coverage over data sets. Then how far the priors move the thin results. Run with `python
benchmarks/calibration.py [thin sets] [large sets]`.
"""

import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd

import stancepack as sp
from stancepack.positions import state as measurement
from stancepack.positions import state_space as ordinal

THIN = int(sys.argv[1]) if len(sys.argv) > 1 else 200
LARGE = int(sys.argv[2]) if len(sys.argv) > 2 else 200
LEVELS = (0.5, 0.8, 0.9)
SIZES = {
    "thin": {"actors": 4, "issues": 2, "statements": 120, "coders": 2, "years": 12, "undated": 0.2},
    "large": {
        "actors": 60,
        "issues": 1,
        "statements": 5000,
        "coders": 8,
        "each": 1,
        "years": 10,
        "undated": 0.0,
    },
}


def state(
    pkg: sp.StancePackage, truth: pd.DataFrame
) -> tuple[np.ndarray, dict[float, tuple[np.ndarray, np.ndarray]]]:
    """Fit once and return the estimate and intervals of every level at the times of the truth."""
    everything = sp.evidence(pkg)
    everything["line"] = everything["actor_id"]
    e, chains, issues = measurement.coded_evidence(everything)
    p, _, _ = ordinal.fit(e)
    number = {name: place for place, name in enumerate(chains)}
    keys = (truth["actor_id"] + " : " + truth["issue_id"]).map(number).to_numpy()
    random = np.random.RandomState(0)
    drawn = []
    rounds = 6 if everything["date_basis"].eq("inferred").any() else 1
    for _ in range(rounds):
        when = measurement.drawn_years(everything, random if rounds > 1 else None)
        times = measurement.years_of(truth["time"])
        _, theta, vectors = ordinal.positions_at(
            e.take(slice(None), when), p, (keys, times), 240 // rounds, random
        )
        cuts = np.array([p.split(vectors[:, draw])[0] for draw in range(vectors.shape[1])])
        of_issue = (
            truth["issue_id"].map({name: place for place, name in enumerate(issues)}).to_numpy()
        )
        drawn.append(ordinal.expected(theta, cuts[:, of_issue].transpose(1, 0, 2)))
    all_ = np.concatenate(drawn, axis=1)
    bands = {
        level: np.quantile(all_, [(1 - level) / 2, (1 + level) / 2], axis=1) for level in LEVELS
    }
    return all_.mean(axis=1), {level: (band[0], band[1]) for level, band in bands.items()}


def windows(
    pkg: sp.StancePackage, truth: pd.DataFrame
) -> tuple[np.ndarray, dict[float, tuple[np.ndarray, np.ndarray]]]:
    bands, estimate = {}, np.full(len(truth), np.nan)
    index = pd.MultiIndex.from_frame(truth[["actor_id", "issue_id", "time"]])
    for level in LEVELS:
        parts = []
        for issue in truth["issue_id"].unique():
            last = str(truth["time"].max().date())
            path = sp.trajectory(
                pkg,
                issue=issue,
                by="actor",
                method="window",
                level=level,
                start="2000-01-01",
                end=last,
                step="3MS",
                draws=200,
            )
            parts.append(pd.DataFrame(path).assign(issue_id=issue))
        frame = (
            pd.concat(parts)
            .rename(columns={"actor": "actor_id"})
            .set_index(["actor_id", "issue_id", "time"])
            .reindex(index)
        )
        estimate = frame["estimate"].to_numpy()
        bands[level] = frame["low"].to_numpy(), frame["high"].to_numpy()
    return estimate, bands


def plain(
    pkg: sp.StancePackage, truth: pd.DataFrame
) -> tuple[np.ndarray, dict[float, tuple[np.ndarray, np.ndarray]]]:
    """Mean of the codes of a calendar year with its standard error, as is often done."""
    from scipy.stats import t

    codes = pkg["codings"].merge(
        pkg["statements"][["statement_id", "actor_id", "date_earliest"]], on="statement_id"
    )
    codes["year"] = codes["date_earliest"].dt.year
    cell = codes.groupby(["actor_id", "issue_id", "year"])["position"].agg(["mean", "std", "count"])
    found = cell.reindex(
        pd.MultiIndex.from_arrays([truth["actor_id"], truth["issue_id"], truth["time"].dt.year])
    )
    mean, deviation, n = (found[name].to_numpy(dtype=float) for name in ("mean", "std", "count"))
    error = deviation / np.sqrt(n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bands = {
            level: (
                mean - t.ppf((1 + level) / 2, n - 1) * error,
                mean + t.ppf((1 + level) / 2, n - 1) * error,
            )
            for level in LEVELS
        }
    return mean, bands


METHODS = {"state": state, "window": windows, "mean of codes": plain}


def one(task: tuple[str, int]) -> list[dict[str, object]]:
    size, seed = task
    pkg = sp.simulate(seed=seed, **SIZES[size])
    spoke = set(
        zip(
            pkg["statements"]["actor_id"],
            pkg["codings"].drop_duplicates("statement_id")["issue_id"],
            strict=True,
        )
    )
    truth = pkg.truth[pkg.truth["time"].dt.month.isin([1, 4, 7, 10])]
    truth = truth[
        [key in spoke for key in zip(truth["actor_id"], truth["issue_id"], strict=True)]
    ].reset_index(drop=True)
    rows = []
    for name, method in METHODS.items():
        begin = time.perf_counter()
        try:
            estimate, bands = method(pkg, truth)
        except sp.StancepackError:
            rows.append({"size": size, "method": name, "failed": 1.0})
            continue
        true = truth["position"].to_numpy()
        there = ~np.isnan(estimate)
        row: dict[str, object] = {
            "size": size,
            "method": name,
            "failed": 0.0,
            "seconds": time.perf_counter() - begin,
        }
        row |= {
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
    pkg = sp.simulate(seed=seed, **SIZES["thin"])
    truth = pkg.truth[pkg.truth["time"].dt.month == 1].reset_index(drop=True)
    spoke = set(
        zip(
            pkg["statements"]["actor_id"],
            pkg["codings"].drop_duplicates("statement_id")["issue_id"],
            strict=True,
        )
    )
    truth = truth[
        [key in spoke for key in zip(truth["actor_id"], truth["issue_id"], strict=True)]
    ].reset_index(drop=True)
    usual, _ = state(pkg, truth)
    row: dict[str, object] = {}
    for name, (part, value) in {
        "drift prior × 4": ("_DRIFT", (0.6, 1.0)),
        "drift prior ÷ 4": ("_DRIFT", (0.0375, 1.0)),
        "start prior × 4": ("_START", (6.0, 1.0)),
        "start prior ÷ 4": ("_START", (0.375, 1.0)),
        "coder noise prior × 2": ("_NOISE", (np.log(0.8), 0.6)),
    }.items():
        before = getattr(ordinal, part)
        setattr(ordinal, part, value)
        try:
            estimate, bands = state(pkg, truth)
            true = truth["position"].to_numpy()
            row[f"{name}: moved"] = np.abs(estimate - usual).mean()
            row[f"{name}: cover 90%"] = ((bands[0.9][0] <= true) & (true <= bands[0.9][1])).mean()
        except sp.StancepackError:
            pass
        finally:
            setattr(ordinal, part, before)
    return row


if __name__ == "__main__":
    tasks = [("thin", seed) for seed in range(THIN)] + [("large", seed) for seed in range(LARGE)]
    with ProcessPoolExecutor(2) as pool:
        rows = [row for part in pool.map(one, tasks) for row in part]
        table = pd.DataFrame(rows).sort_values("size", ascending=False, kind="stable")
        moved = pd.DataFrame(list(pool.map(priors, range(min(THIN, 40)))))
    mean = table.groupby(["size", "method"], sort=False).mean().round(3)
    spread = table.groupby(["size", "method"], sort=False)["cover 90%"].std().round(3)
    print(f"{THIN} thin and {LARGE} large data sets\n")
    print(mean.assign(**{"sd of cover 90%": spread}).T.to_string())
    print(f"\nPriors at the thin size, {len(moved)} data sets (positions run from −2 to 2):")
    print(moved.mean().round(3).to_string())
