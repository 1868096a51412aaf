"""Positions over time as means of the statements near each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stancepack.positions.evidence import DAYS_A_YEAR, drawn_years, years_of

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats


def window_means(
    of_issue: pd.DataFrame,
    mine: pd.DataFrame,
    times: pd.DatetimeIndex,
    window: float,
    kernel: str,
    *,
    sources: list[str],
    level: float,
    draws: int,
    random: np.random.RandomState,
) -> pd.DataFrame:
    """Average each line near each time, with an interval of the sources asked for."""
    from scipy.stats import t as student

    at, half = years_of(times), window / DAYS_A_YEAR / 2

    def weights(when: Floats) -> Floats:
        apart = np.abs(at[:, None] - when[None, :])
        return (
            np.exp(-0.5 * (apart / half) ** 2)
            if kernel == "gaussian"
            else (apart <= half).astype(float)
        )

    def means(part: pd.DataFrame, when: Floats, value: Floats) -> tuple[Floats, Floats, Floats]:
        weight = weights(when)
        total = weight.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = weight @ value / total
            effective = total**2 / (weight**2).sum(axis=1)
            within = weight @ value**2 / total - mean**2
        return mean, effective, np.maximum(within, 0)

    # how far statements of a line scatter about its own level; few statements of one line borrow
    # from the others
    spread = [
        means(part, drawn_years(part, None), part["value"].to_numpy())[2].mean()
        if len(part) > 2
        else np.nan
        for _, part in of_issue.groupby("actor_id")
    ]
    pooled = float(np.nanmean([one for one in spread if one == one] or [0.5]))
    pooled, borrowed = max(pooled, 0.1), 4.0
    frames = []
    for line, part in mine.groupby("line", sort=False):
        when, value = drawn_years(part, None), part["value"].to_numpy()
        near = np.abs(at[:, None] - when[None, :]) <= half
        n = near.sum(axis=1)
        reach = weights(when).sum(axis=1) if kernel == "gaussian" else n
        mean, effective, within = means(part, when, value)
        moved = []
        for _ in range(max(20, draws // 10) if {"coders", "dates"} & {*sources} else 0):
            day = drawn_years(part, random) if "dates" in sources else when
            code = value
            if "coders" in sources:
                shrink = np.where(
                    part["position"] == 0,
                    1,
                    value / np.where(part["position"] == 0, 1, part["position"].astype(float)),
                )
                picked = [codes[random.randint(len(codes))][1] for codes in part["codes"]]
                code = np.asarray(picked) * shrink
            moved.append(means(part, day, code)[0])
        other = np.zeros(len(at))
        if moved:  # where no draw has a statement nothing is said
            drawn = np.array(moved)
            count = np.maximum((~np.isnan(drawn)).sum(axis=0), 1)
            level_ = np.nansum(drawn, axis=0) / count
            other = np.nansum((drawn - level_) ** 2, axis=0) / count
        if "statements" in sources:
            freedom = borrowed + np.maximum(effective - 1, 0)
            scatter = (borrowed * pooled + np.maximum(effective - 1, 0) * within) / freedom
            error = np.sqrt(scatter / effective + other)
            width = student.ppf((1 + level) / 2, freedom) * error
        else:
            width = student.ppf((1 + level) / 2, 1e6) * np.sqrt(other)
        silent = (
            (reach < 0.135) if kernel == "gaussian" else n == 0
        )  # no statement within two half windows
        mean = np.where(silent, np.nan, mean)
        low, high = np.clip(mean - width, -2, 2), np.clip(mean + width, -2, 2)
        frames.append(
            pd.DataFrame(
                {"line": line, "time": times, "estimate": mean, "low": low, "high": high, "n": n}
            )
        )
    return pd.concat(frames, ignore_index=True)
