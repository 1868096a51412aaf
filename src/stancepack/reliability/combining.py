"""From several coders to one answer without an adjudicator: by majority, or by models of how coders err."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.reliability.counts import Patterns, patterns

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats

METHODS = ("majority", "dawid_skene", "mace", "ordinal")
_SMOOTH = 0.01  # of a code, added to every cell of a coder's table


@dataclass(frozen=True, eq=False)
class Combined:
    """One answer for each unit, with its probability, and what was learnt of the coders; see `combine`."""

    codes: pd.DataFrame
    coders: pd.DataFrame
    method: str

    def __repr__(self) -> str:
        """Say the method and how sure it is."""
        sure = self.codes["probability"].mean() if len(self.codes) else float("nan")
        return f"{self.method}: {len(self.codes)} units, mean probability of the answer {sure:.3f}, {len(self.coders)} coders"


def combine(
    frame: pd.DataFrame,
    method: str = "dawid_skene",
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
    categories: Iterable[Any] | None = None,
) -> Combined:
    r"""Combine the codes of several coders into one answer for each unit, with its uncertainty.

    Parameters
    ----------
    frame, unit, coder, value, categories
        Tidy codes, as for `agreement`; a pandas frame.
    method
        ``"majority"``: the code most coders gave; its probability is their share, ties go to the
        more frequent code. ``"dawid_skene"``: each coder has a table of how the true code :math:`t`
        is coded, :math:`P(k \mid t, g)`. ``"mace"``: a coder knows the truth with probability
        :math:`s_g` and else codes by habit: :math:`P(k \mid t, g) = s_g [k = t] + (1 - s_g)
        \xi_{gk}`. ``"ordinal"``: a coder sees the true code's place with a shift and noise of their
        own and takes the nearest code: :math:`P(k \mid t, g) = \Phi((k + ½ - t - b_g) / \sigma_g) -
        \Phi((k - ½ - t - b_g) / \sigma_g)`. The last three are fitted by EM with the shares of the
        true codes, on the counts of the patterns.

    Returns
    -------
    Combined
        ``codes``: one row for each unit with the unit's columns, ``code``, ``probability``, and a
        column ``p(…)`` for each code. ``coders``: one row for each coder: ``n`` codes, ``accuracy``
        (expected share of right codes), and the parameters: ``knows`` for MACE, ``shift`` and
        ``noise`` for the ordinal model.

    Raises
    ------
    StancepackError
        If the method is not known, a column is missing, or there is no code.

    Notes ----- With two coders the models rest on their agreement alone: if both share an error it
    cannot be seen.

    References ---------- Dawid, A. P., & Skene, A. M. (1979). Maximum likelihood estimation of
    observer error-rates using the EM algorithm. Journal of the Royal Statistical Society C 28,
    20–28. https://doi.org/10.2307/2346806

    Hovy, D., Berg-Kirkpatrick, T., Vaswani, A., & Hovy, E. (2013). Learning whom to trust with
    MACE. Proceedings of NAACL-HLT 2013, 1120–1130. https://aclanthology.org/N13-1132

    Marquardt, K. L., & Pemstein, D. (2018). IRT models for expert-coded panel data. Political
    Analysis 26, 431–456. https://doi.org/10.1017/pan.2018.28

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load().settling("codings")
    >>> result = sp.combine(codings[codings["issue_id"] == "us-sites"], "ordinal")
    >>> bool(result.codes["probability"].between(0, 1).all())
    True
    """
    if method not in METHODS:
        raise StancepackError(f"method {method!r} is not known; {did_you_mean(method, METHODS)}")
    found = patterns(frame, unit, coder, value, categories)
    if not len(found.codes):
        raise StancepackError(f"there is no code in the column {value!r}.")
    probability, coders = _FITS[method](found)
    names = [unit] if isinstance(unit, str) else unit
    keys = list(
        names
        or [
            name
            for name in ("round", "statement_id", "issue_id", "variable")
            if name in frame.columns
        ]
    )
    coded = frame[frame[value].notna()]
    # each unit's pattern is found again by its codes
    places = {code: place for place, code in enumerate(found.categories)}
    people = {name: place for place, name in enumerate(found.coders)}
    units = coded[keys].drop_duplicates(ignore_index=True)
    number = coded.merge(units.assign(_unit=range(len(units))), on=keys, how="left")[
        "_unit"
    ].to_numpy()
    wide = np.full((len(units), len(people)), -1, dtype=np.int64)
    values = [
        places[code] if code in places else places[_plain(code)] for code in coded[value].tolist()
    ]
    wide[number, coded[coder].map(people).to_numpy(dtype=int)] = values
    index = {tuple(row): place for place, row in enumerate(found.codes.tolist())}
    posterior = probability[[index[tuple(row)] for row in wide.tolist()]]
    best = posterior.argmax(axis=1)
    out = units.assign(
        code=[found.categories[place] for place in best], probability=posterior.max(axis=1)
    )
    for place, code in enumerate(found.categories):
        out[f"p({code})"] = posterior[:, place]
    given = np.array([(found.codes[:, place] >= 0) @ found.units for place in range(len(people))])
    return Combined(
        out, pd.DataFrame({"coder": found.coders, "n": given.astype(int), **coders}), method
    )


def _plain(code: Any) -> Any:
    """Return a code written as text as the number that it is."""
    number = float(code)
    return int(number) if number.is_integer() else number


Fit = tuple["Floats", dict[str, Any]]


def _majority(p: Patterns) -> Fit:
    share = p.counts / p.size[:, None]
    order = p.units @ p.counts
    tie = 1e-9 * order / order.sum()  # a tie goes to the more frequent code
    return share + tie - (share + tie).sum(axis=1, keepdims=True) / share.shape[
        1
    ] + 1 / share.shape[1], _accuracy(p, share)


def _accuracy(p: Patterns, posterior: Floats) -> dict[str, Any]:
    """Return the expected share of right codes of each coder."""
    out = []
    for column in p.codes.T:
        given = column >= 0
        out.append(
            float(p.units[given] @ posterior[given, column[given]] / p.units[given].sum())
            if given.any()
            else float("nan")
        )
    return {"accuracy": out}


def _em(p: Patterns, tables: Callable[[Floats, Floats], tuple[Floats, Any]]) -> tuple[Floats, Any]:
    """Fit a model of coders by EM: `tables` makes from posteriors and shares each coder's P(code | truth), and parameters."""
    posterior = p.counts / p.size[:, None]
    rows = np.arange(len(p.codes))
    last = -np.inf
    for _ in range(2_000):
        shares = p.units @ posterior
        shares = (shares + _SMOOTH) / (shares + _SMOOTH).sum()
        table, parameters = tables(posterior, shares)  # coders × truth × code
        log = np.log(shares)[None, :].repeat(len(rows), axis=0)
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(table, 1e-300))
        for coder, column in enumerate(p.codes.T):
            given = column >= 0
            log[given] += logs[coder][:, column[given]].T
        top = log.max(axis=1, keepdims=True)
        weight = np.exp(log - top)
        likelihood = float(p.units @ (top[:, 0] + np.log(weight.sum(axis=1))))
        posterior = weight / weight.sum(axis=1, keepdims=True)
        if abs(likelihood - last) < 1e-8 * (1 + abs(likelihood)):
            break
        last = likelihood
    return posterior, parameters


def _expected_tables(p: Patterns, posterior: Floats) -> Floats:
    """Return coders × truth × code: how many units each coder is expected to have coded so."""
    width = len(p.categories)
    out = np.zeros((len(p.coders), width, width))
    weighted = posterior * p.units[:, None]
    for coder, column in enumerate(p.codes.T):
        for code in range(width):
            out[coder, :, code] = weighted[column == code].sum(axis=0)
    return out


def _dawid_skene(p: Patterns) -> Fit:
    def tables(posterior: Floats, shares: Floats) -> tuple[Floats, None]:
        counts = _expected_tables(p, posterior) + _SMOOTH
        return counts / counts.sum(axis=2, keepdims=True), None

    posterior, _ = _em(p, tables)
    return posterior, _accuracy(p, posterior)


def _mace(p: Patterns) -> Fit:
    width = len(p.categories)
    knows = np.full(len(p.coders), 0.8)
    habit = np.full((len(p.coders), width), 1 / width)

    def tables(posterior: Floats, shares: Floats) -> tuple[Floats, Floats]:
        nonlocal knows, habit
        counts = _expected_tables(p, posterior)
        right = counts[:, range(width), range(width)]
        guess = (1 - knows)[:, None] * habit
        knew = (
            right * knows[:, None] / (knows[:, None] + guess)
        )  # of the right codes, those that were known
        by_habit = counts.sum(axis=1) - knew + _SMOOTH
        total = counts.sum(axis=(1, 2))
        knows = (knew.sum(axis=1) + _SMOOTH) / (total + 2 * _SMOOTH)
        habit = by_habit / by_habit.sum(axis=1, keepdims=True)
        table = ((1 - knows)[:, None] * habit)[:, None, :] + knows[:, None, None] * np.eye(width)
        return table, knows

    posterior, known = _em(p, tables)
    return posterior, {**_accuracy(p, posterior), "knows": known}


def _ordinal(p: Patterns) -> Fit:
    from scipy.optimize import minimize
    from scipy.special import ndtr

    width = len(p.categories)
    place = np.arange(width)
    fitted = np.tile([0.0, np.log(0.5)], (len(p.coders), 1))  # shift and log noise of each coder

    def table(shift: float, noise: float) -> Floats:
        edges = (np.arange(width + 1) - 0.5)[None, :] - place[:, None] - shift
        edges[:, 0], edges[:, -1] = -np.inf, np.inf
        return np.asarray(
            np.diff(ndtr(edges / noise), axis=1) * (1 - 1e-4) + 1e-4 / width
        )  # a slip of the pen now and then

    def tables(posterior: Floats, shares: Floats) -> tuple[Floats, Floats]:
        counts = _expected_tables(p, posterior)
        for coder in range(len(p.coders)):
            # weak priors keep a coder without errors from a noise of nothing, and shifts from
            # drifting together
            def loss(x: Any, coder: int = coder) -> float:
                fit = (counts[coder] * np.log(table(x[0], np.exp(x[1])))).sum()
                return float(-fit + 0.5 * (x[0] / 0.5) ** 2 + 0.5 * (x[1] - np.log(0.5)) ** 2)

            fitted[coder] = minimize(
                loss, fitted[coder], method="L-BFGS-B", bounds=[(-3, 3), (-3, 2)]
            ).x
        return np.array([table(shift, np.exp(noise)) for shift, noise in fitted]), fitted

    posterior, parameters = _em(p, tables)
    return posterior, {
        **_accuracy(p, posterior),
        "shift": parameters[:, 0],
        "noise": np.exp(parameters[:, 1]),
    }


_FITS: dict[str, Callable[[Patterns], Fit]] = {
    "majority": _majority,
    "dawid_skene": _dawid_skene,
    "mace": _mace,
    "ordinal": _ordinal,
}
