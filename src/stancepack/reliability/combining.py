"""From several coders to one answer: by majority, or by models of how coders err."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from stancepack.errors import NotConverged, StancepackError, known_name
from stancepack.reliability.codings import Reading, read
from stancepack.reliability.counts import Patterns
from stancepack.spellings import old_spellings

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Integers

METHODS = ("majority", "dawid_skene", "mace", "ordinal")
_SMOOTH = 0.01  # of a code, added to every cell of a coder's table
_SAME_DIGITS = 12  # to which two probabilities are a tie; beyond them is rounding
_SHOWN = 5  # units in a notebook
_CONVERGED = 1e-8  # relative change of the likelihood that ends EM
_LEAST = 1e-300  # probability whose logarithm is taken in place of that of 0
_START_KNOWS = 0.8  # share of codes that a coder of MACE knows at first
_START_LOG_NOISE = float(np.log(0.5))  # of a coder of the ordinal model, in codes; also its prior
_PRIOR_SHIFT = 0.5  # standard deviation of a coder's shift, in codes
_BOUNDS = [(-3, 3), (-3, 2)]  # of shift and log noise
_SLIP = 1e-4  # share of codes that are a slip of the pen


@dataclass(frozen=True, eq=False)
class Combined:
    """One answer a unit with its probability, and what was learnt of the coders; see `combine`."""

    codes: pd.DataFrame
    coders: pd.DataFrame
    method: str

    def __repr__(self) -> str:
        """Say the method and how sure it is."""
        sure = self.codes["probability"].mean() if len(self.codes) else float("nan")
        return (
            f"{self.method}: {len(self.codes)} units, mean probability of the answer {sure:.3f}, "
            f"{len(self.coders)} coders"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table.head(_SHOWN).to_html(index=False)}"

    @property
    def table(self) -> pd.DataFrame:
        """The answers, a row for each unit."""
        return self.codes

    def summary(self) -> str:
        """Say the method, how sure it is, and what was learnt of the coders."""
        coders = self.coders.to_string(index=False, float_format="{:.3f}".format)
        return f"{self!r}\n\n{coders}"


@old_spellings(
    positional=("method", "unit", "coder", "value", "order"),
    renamed={"frame": "data", "categories": "order"},
)
def combine(
    data: Any,
    *,
    method: str = "dawid_skene",
    iterations: int = 2_000,
    **reading: Unpack[Reading],
) -> Combined:
    r"""Combine the codes of several coders into one answer for each unit, with its uncertainty.

    Parameters
    ----------
    data, **reading
        As for `agreement`.
    method
        ``"majority"``: the code most coders gave; its probability is their share, ties go to the
        more frequent code. ``"dawid_skene"``: each coder has a table of how the true code :math:`t`
        is coded, :math:`P(k \mid t, g)`. ``"mace"``: a coder knows the truth with probability
        :math:`s_g` and else codes by habit: :math:`P(k \mid t, g) = s_g [k = t] + (1 - s_g)
        \xi_{gk}`. ``"ordinal"``: a coder sees the true code's place with a shift and noise of their
        own and takes the nearest code: :math:`P(k \mid t, g) = \Phi((k + ½ - t - b_g) / \sigma_g) -
        \Phi((k - ½ - t - b_g) / \sigma_g)`. The last three are fitted by EM with the shares of the
        true codes, on the counts of the patterns.
    iterations
        Of EM at most.

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
        If the method is not known, the codes cannot be read, or there is none; if they are sets,
        or for the ordinal model have no known order.
    NotConverged
        If EM came to no end.

    Notes
    -----
    With two coders the models rest on their agreement alone: if both share an error it cannot be
    seen.

    References
    ----------
    Dawid, A. P., & Skene, A. M. (1979). Maximum likelihood estimation of
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
    >>> result = sp.combine(codings[codings["issue_id"] == "us-sites"], method="ordinal")
    >>> bool(result.codes["probability"].between(0, 1).all())
    True
    """
    known_name("method", method, METHODS)
    if not isinstance(iterations, int) or isinstance(iterations, bool) or iterations < 1:
        raise StancepackError(f"iterations is {iterations!r}; it should be a whole number from 1.")
    codings = read(data, reading, "method", "iterations")
    codings.check_combining(method)
    coded = codings.rows
    units, patterns, pattern_of_unit = coded.by_unit()
    if not len(units):
        raise StancepackError(f"there is no code in the column {coded.value!r}.")
    fit = Fit(patterns, iterations)
    posterior, of_coders = _FITS[method](fit)
    probability = posterior[pattern_of_unit]
    best = _best(posterior, patterns.units @ patterns.counts)[pattern_of_unit]
    answers = pd.Series(list(patterns.categories), dtype=object).take(best).infer_objects()
    figures = {"code": answers.to_numpy(), "probability": probability.max(axis=1)}
    figures |= {f"p({code})": probability[:, rank] for rank, code in enumerate(patterns.categories)}
    n_codes = (patterns.units @ (patterns.codes >= 0)).astype(int)
    coders = pd.DataFrame({"coder": patterns.coders, "n": n_codes, **of_coders})
    if patterns.anonymous:
        coders = coders.iloc[:0]
    codes = pd.concat([units, pd.DataFrame(figures)], axis=1)
    return Combined(codes, coders, method)


def _best(posterior: Floats, frequency: Floats) -> Integers:
    """Return the rank of the most probable code; a tie goes to the more frequent one."""
    frequent_first = np.argsort(-frequency, kind="stable")
    in_order = np.round(posterior, _SAME_DIGITS)[:, frequent_first]
    return np.asarray(frequent_first[in_order.argmax(axis=1)])


@dataclass(frozen=True, eq=False)
class Fit:
    """The patterns that a model is fitted to, and for how long."""

    patterns: Patterns
    iterations: int

    def em(self, method: str, tables: Callable[[Floats], tuple[Floats, Any]]) -> tuple[Floats, Any]:
        """Fit a model of coders by EM; return the posteriors of the patterns, and the parameters.

        `tables` makes from posteriors each coder's P(code | truth) and the parameters.
        """
        patterns = self.patterns
        posterior = patterns.counts / patterns.size[:, None]
        last = -np.inf
        for _ in range(self.iterations):
            shares = patterns.units @ posterior
            shares = (shares + _SMOOTH) / (shares + _SMOOTH).sum()
            table, parameters = tables(posterior)  # coders × truth × code
            log = _log_joint(patterns, shares, table)
            top = log.max(axis=1, keepdims=True)
            weight = np.exp(log - top)
            likelihood = float(patterns.units @ (top[:, 0] + np.log(weight.sum(axis=1))))
            posterior = weight / weight.sum(axis=1, keepdims=True)
            if abs(likelihood - last) < _CONVERGED * (1 + abs(likelihood)):
                return posterior, parameters
            last = likelihood
        raise NotConverged(
            f"{method} did not converge in {self.iterations} iterations; allow more with "
            "iterations=…, or take the majority."
        )


Fitted = tuple["Floats", dict[str, Any]]


def _majority(fit: Fit) -> Fitted:
    share = fit.patterns.counts / fit.patterns.size[:, None]
    return share, _accuracy(fit.patterns, share)


def _accuracy(patterns: Patterns, posterior: Floats) -> dict[str, Any]:
    """Return the expected share of right codes of each coder."""
    shares = []
    for column in patterns.codes.T:
        given = column >= 0
        units = patterns.units[given]
        right = float(units @ posterior[given, column[given]]) if given.any() else float("nan")
        shares.append(right / units.sum() if given.any() else right)
    return {"accuracy": shares}


def _log_joint(patterns: Patterns, shares: Floats, table: Floats) -> Floats:
    """Return patterns × truth: the log probability of the truth and the pattern together."""
    log = np.log(shares)[None, :].repeat(len(patterns.codes), axis=0)
    log_table = np.log(np.maximum(table, _LEAST))
    for coder, column in enumerate(patterns.codes.T):
        given = column >= 0
        log[given] += log_table[coder][:, column[given]].T
    return log


def _expected_tables(patterns: Patterns, posterior: Floats) -> Floats:
    """Return coders × truth × code: how many units each coder is expected to have coded so."""
    width = len(patterns.categories)
    expected = np.zeros((len(patterns.coders), width, width))
    weighted = posterior * patterns.units[:, None]
    for coder, column in enumerate(patterns.codes.T):
        for rank in range(width):
            expected[coder, :, rank] = weighted[column == rank].sum(axis=0)
    return expected


def _dawid_skene(fit: Fit) -> Fitted:
    patterns = fit.patterns

    def tables(posterior: Floats) -> tuple[Floats, None]:
        counts = _expected_tables(patterns, posterior) + _SMOOTH
        return counts / counts.sum(axis=2, keepdims=True), None

    posterior, _ = fit.em("dawid_skene", tables)
    return posterior, _accuracy(patterns, posterior)


def _mace(fit: Fit) -> Fitted:
    patterns = fit.patterns
    width = len(patterns.categories)
    knows = np.full(len(patterns.coders), _START_KNOWS)
    habit = np.full((len(patterns.coders), width), 1 / width)

    def tables(posterior: Floats) -> tuple[Floats, Floats]:
        nonlocal knows, habit
        counts = _expected_tables(patterns, posterior)
        right = counts[:, range(width), range(width)]
        guessed = (1 - knows)[:, None] * habit
        # of the right codes, those that were known
        knew = right * knows[:, None] / (knows[:, None] + guessed)
        by_habit = counts.sum(axis=1) - knew + _SMOOTH
        total = counts.sum(axis=(1, 2))
        knows = (knew.sum(axis=1) + _SMOOTH) / (total + 2 * _SMOOTH)
        habit = by_habit / by_habit.sum(axis=1, keepdims=True)
        table = ((1 - knows)[:, None] * habit)[:, None, :] + knows[:, None, None] * np.eye(width)
        return table, knows

    posterior, known = fit.em("mace", tables)
    return posterior, {**_accuracy(patterns, posterior), "knows": known}


def _ordinal(fit: Fit) -> Fitted:
    patterns = fit.patterns
    width = len(patterns.categories)
    fitted = np.tile([0.0, _START_LOG_NOISE], (len(patterns.coders), 1))  # shift, log noise

    def tables(posterior: Floats) -> tuple[Floats, Floats]:
        counts = _expected_tables(patterns, posterior)
        for coder in range(len(patterns.coders)):
            fitted[coder] = _fitted_ordinal_coder(counts[coder], fitted[coder])
        each = [_ordinal_table(shift, np.exp(log_noise), width) for shift, log_noise in fitted]
        return np.array(each), fitted

    posterior, parameters = fit.em("ordinal", tables)
    shift, noise = parameters[:, 0], np.exp(parameters[:, 1])
    return posterior, {**_accuracy(patterns, posterior), "shift": shift, "noise": noise}


def _ordinal_table(shift: float, noise: float, width: int) -> Floats:
    """Return truth × code: the probability that what is seen is nearest to the code."""
    from scipy.special import ndtr

    edges = (np.arange(width + 1) - 0.5)[None, :] - np.arange(width)[:, None] - shift
    edges[:, 0], edges[:, -1] = -np.inf, np.inf
    return np.asarray(np.diff(ndtr(edges / noise), axis=1) * (1 - _SLIP) + _SLIP / width)


def _fitted_ordinal_coder(counts: Floats, start: Floats) -> Floats:
    """Return shift and log noise of a coder.

    Weak priors keep a coder without errors from a noise of nothing, and shifts from drifting
    together.
    """
    from scipy.optimize import minimize

    def loss(x: Floats) -> float:
        shift, log_noise = x
        table = _ordinal_table(shift, np.exp(log_noise), len(counts))
        fit = (counts * np.log(table)).sum()
        of_shift = 0.5 * (shift / _PRIOR_SHIFT) ** 2
        return float(-fit + of_shift + 0.5 * (log_noise - _START_LOG_NOISE) ** 2)

    return np.asarray(minimize(loss, start, method="L-BFGS-B", bounds=_BOUNDS).x)


_FITS: dict[str, Callable[[Fit], Fitted]] = {
    "majority": _majority,
    "dawid_skene": _dawid_skene,
    "mace": _mace,
    "ordinal": _ordinal,
}
