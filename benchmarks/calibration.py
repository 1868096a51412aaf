"""Do the bands of trajectories hold the truth as often as they say? On processes not their own.

Lines that stay, swing, step, jump, or climb, none of which is how the state model says that
positions move; statements that scatter about them normally, with long tails, or hardly; coders with
thresholds of their own; dates in clusters; speeches whose statements share an error; positions at
the ends of the scale. Eight lines of 5 to 15 statements a set. The truth at a time is the code that
statements then take on average, read at the thresholds of the simulation without a coder's error.

For the state model, windows, and a Gaussian process on the plain numbers (a constant and an
exponential kernel, its variances by maximum likelihood): how often the 90 % and 50 % bands hold the
truth, within the record and at the ends and gaps (no statement within a twelfth of the record), the
error, and the bias where the truth is beyond ±1.5. Run with

    python benchmarks/calibration.py [sets of each kind] [kinds …]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

import stancepack as sp
from stancepack.positions.evidence import years_of
from stancepack.positions.state import Engine, state_positions
from stancepack.positions.uncertainty import Uncertainty
from stancepack.positions.windows import Kernel, window_means

SETS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
ASKED = sys.argv[2:]
YEARS, LINES, TIMES = 10.0, 8, 21
SCALE = sp.Scale.parse("-2..2", name="issue")
CUTS = np.array([-1.5, -0.5, 0.5, 1.5])
LEVELS = (0.9, 0.5)
START = pd.Timestamp("2000-01-01")


@dataclass(frozen=True)
class Kind:
    """A kind of record."""

    shape: str = "any"
    noise: str = "normal"
    spread: float = 0.7  # of statements
    coders: int = 2
    each: int = 2
    coder_noise: float = 0.3
    threshold_sd: float = 0.1  # of the thresholds of each coder
    severity_sd: float = 0.2
    clustered: bool = False
    speech: float = 0.0  # sd of what statements of a speech share
    extreme: bool = False
    statements: tuple[int, int] = (5, 15)


KINDS = {
    "constants": Kind("constant"),
    "ramps": Kind("ramp"),
    "sines": Kind("sine"),
    "steps": Kind("step"),
    "jumps": Kind("jump"),
    "logistic noise": Kind(noise="logistic"),
    "heavy tails": Kind(noise="t3"),
    "unequal thresholds": Kind(threshold_sd=0.35, severity_sd=0.35),
    "clustered dates": Kind(clustered=True),
    "speeches": Kind(speech=0.6),
    "extreme positions": Kind(extreme=True),
    "quiet statements": Kind(spread=0.25),
    "one coder": Kind(coders=1, each=1),
    "three of four coders": Kind(coders=4, each=3),
    "five statements": Kind(statements=(5, 5)),
    "fifteen statements": Kind(statements=(15, 15)),
}
SHAPES = ("constant", "ramp", "sine", "step", "jump")


def path(shape: str, extreme: bool, random: np.random.Generator):
    """Return a line: a function of the share of the record that is over."""
    if extreme:
        level = random.choice([-1, 1]) * random.uniform(1.7, 2.3)
        slope = random.uniform(-0.3, 0.3)
        return lambda u: level + slope * (u - 0.5)
    level = random.uniform(-1.2, 1.2)
    if shape == "constant":
        return lambda u: np.full_like(u, level * 1.4)
    if shape == "ramp":
        rise = random.choice([-1, 1]) * random.uniform(0.8, 2.5)
        return lambda u: level * 0.5 + rise * (u - 0.5)
    if shape == "sine":
        size, turns, phase = random.uniform(0.5, 1.2), random.uniform(0.5, 2), random.uniform(0, 7)
        return lambda u: level * 0.7 + size * np.sin(2 * np.pi * turns * u + phase)
    if shape == "step":
        when, size = random.uniform(0.25, 0.75), random.choice([-1, 1]) * random.uniform(1, 2.5)
        return lambda u: level * 0.4 + size * ((u > when) - 0.5)
    whens = np.sort(random.uniform(0.1, 0.9, 3))  # jumps
    levels = random.uniform(-1.8, 1.8, 4)
    return lambda u: levels[np.searchsorted(whens, u)]


def errors(noise: str, size, random: np.random.Generator) -> np.ndarray:
    """Return errors of standard deviation 1."""
    if noise == "logistic":
        return random.logistic(size=size) * np.sqrt(3) / np.pi
    if noise == "t3":
        return random.standard_t(3, size=size) / np.sqrt(3)
    return random.standard_normal(size)


def simulated(kind: Kind, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the evidence, as `stancepack.evidence` gives it, and the truth."""
    random = np.random.default_rng(seed)
    own_cuts = CUTS + kind.severity_sd * random.standard_normal((kind.coders, 1))
    own_cuts = own_cuts + kind.threshold_sd * random.standard_normal((kind.coders, 4))
    own_cuts = np.sort(own_cuts - own_cuts.mean(axis=0) + CUTS) if kind.coders > 1 else CUTS[None]
    pool = errors(kind.noise, 4000, np.random.default_rng(1)) * kind.spread
    pool = pool + kind.speech * np.random.default_rng(2).standard_normal(4000)
    rows, truths = [], []
    grid = np.linspace(0, 1, TIMES)
    for line in range(LINES):
        shape = str(random.choice(SHAPES)) if kind.shape == "any" else kind.shape
        f = path(shape, kind.extreme, random)
        n = int(random.integers(kind.statements[0], kind.statements[1] + 1))
        when = np.sort(random.random(n))
        if kind.clustered:
            centres = random.random(3)
            when = np.sort(np.clip(random.choice(centres, n) + 0.02 * random.normal(size=n), 0, 1))
        days = np.round(when * YEARS * 365.25).astype(int)
        if kind.speech:
            days = np.repeat(days[::3], 3)[:n]
        shared = {day: kind.speech * random.standard_normal() for day in days}
        u = days / (YEARS * 365.25)
        said = f(u) + errors(kind.noise, n, random) * kind.spread + [shared[day] for day in days]
        for day, z in zip(days, said, strict=True):
            coders = random.choice(kind.coders, kind.each, replace=False)
            noise = kind.coder_noise * random.standard_normal(kind.each)
            codes = [
                (f"coder-{c}", float(np.searchsorted(own_cuts[c], z + e) - 2))
                for c, e in zip(coders, noise, strict=True)
            ]
            numbers = [number for _, number in codes]
            rows.append({
                "line": f"line-{line}", "actor_id": f"line-{line}", "issue_id": "issue",
                "date_earliest": START + pd.Timedelta(days=int(day)),
                "number": float(np.sort(numbers)[(len(numbers) - 1) // 2]), "codes": tuple(codes),
            })  # fmt: skip
        nearest = np.abs(grid[:, None] - u).min(axis=1)
        outside = (grid < u.min()) | (grid > u.max())
        said_then = np.clip(np.round(f(grid)[:, None] + pool), -2, 2)
        truths.append(pd.DataFrame({
            "line": f"line-{line}", "u": grid, "position": said_then.mean(axis=1),
            "is_far": (nearest > 1 / 12) | outside,
        }))  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["date_latest"] = frame["date_earliest"]
    frame["middle"], frame["value"] = frame["date_earliest"], frame["number"]
    return frame, pd.concat(truths, ignore_index=True)


def state(rows: pd.DataFrame, times: pd.DatetimeIndex) -> tuple[np.ndarray, dict]:
    engine = Engine("laplace", 0, np.random.RandomState(0))
    carried = Uncertainty(draws=400)
    _, _, drawn = state_positions(rows, times, SCALE, {"issue": SCALE}, engine, carried)
    bands = {p: np.quantile(drawn, [(1 - p) / 2, (1 + p) / 2], axis=1) for p in LEVELS}
    return drawn.mean(axis=1), bands


def windows(rows: pd.DataFrame, times: pd.DatetimeIndex) -> tuple[np.ndarray, dict]:
    random = np.random.RandomState(0)
    table = window_means(rows, times, SCALE, Kernel(), Uncertainty(draws=60), random)
    return table["estimate"].to_numpy(), {0.9: table[["low", "high"]].to_numpy().T}


def gaussian(rows: pd.DataFrame, times: pd.DatetimeIndex) -> tuple[np.ndarray, dict]:
    """A Gaussian process on each line, its variances by the likelihood of all lines."""
    lines = [
        (years_of(part["middle"]), part["value"].to_numpy())
        for _, part in rows.groupby("line", sort=False)
    ]
    centre = rows["value"].mean()

    def covariance(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
        return np.exp(x[0]) + np.exp(x[1] - np.abs(a[:, None] - b) / np.exp(x[2]))

    def loss(x: np.ndarray) -> float:
        total = 0.0
        for when, value in lines:
            root = np.linalg.cholesky(covariance(when, when, x) + np.exp(x[3]) * np.eye(len(when)))
            total += 0.5 * (np.linalg.solve(root, value - centre) ** 2).sum()
            total += np.log(np.diag(root)).sum()
        return total

    limits = [(-5, 2), (-5, 2), (-1, 3), (-4, 1)]
    x = minimize(loss, np.array([0.0, -1.0, 1.0, -1.0]), method="L-BFGS-B", bounds=limits).x
    means, variances, then = [], [], years_of(times)
    for when, value in lines:
        inner = covariance(when, when, x) + np.exp(x[3]) * np.eye(len(when))
        across = covariance(then, when, x)
        solved = np.linalg.solve(inner, across.T)
        means.append(centre + (value - centre) @ solved)
        variances.append(np.exp(x[0]) + np.exp(x[1]) - (across * solved.T).sum(axis=1))
    mean, deviation = np.concatenate(means), np.sqrt(np.concatenate(variances))
    reach = {0.9: 1.645, 0.5: 0.674}
    bands = {
        p: np.array([mean - reach[p] * deviation, mean + reach[p] * deviation]) for p in LEVELS
    }
    return np.clip(mean, -2, 2), bands


METHODS = {"state": state, "windows": windows, "Gaussian process": gaussian}


def results(kind: Kind, seed: int) -> list[dict]:
    rows, truth = simulated(kind, seed)
    times = START + pd.to_timedelta(np.linspace(0, 1, TIMES) * YEARS * 365.25, unit="D")
    true, far = truth["position"].to_numpy(), truth["is_far"].to_numpy()
    found = []
    for name, method in METHODS.items():
        estimate, bands = method(rows, pd.DatetimeIndex(times))
        there = ~np.isnan(estimate)
        row = {"method": name}
        for p, (low, high) in bands.items():
            held = (low - 1e-9 <= true) & (true <= high + 1e-9)
            row[f"{p:.0%}"] = held[there].mean()
            row[f"{p:.0%} far"] = held[there & far].mean() if (there & far).any() else np.nan
        low, high = bands[0.9]
        row["width"] = (high - low)[there].mean()
        row["square"] = ((estimate - true)[there] ** 2).mean()
        out = there & (np.abs(true) > 1.5)
        row["bias"] = ((estimate - true) * np.sign(true))[out].mean() if out.any() else np.nan
        found.append(row)
    return found


if __name__ == "__main__":
    for name, kind in KINDS.items():
        if ASKED and name not in ASKED:
            continue
        table = pd.DataFrame([row for seed in range(SETS) for row in results(kind, seed)])
        mean = table.groupby("method", sort=False).mean()
        mean["rmse"] = np.sqrt(mean.pop("square"))
        print(f"{name}\n{mean.round(3).to_string()}", flush=True)
