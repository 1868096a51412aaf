"""Given anything, a public function of agreement returns, or says what is wrong."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
import pytest
from any_things import data, nested, spans
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stancepack as sp
from stancepack.reliability.agreement import agreements

EXAMPLES = int(os.environ.get("STANCEPACK_FUZZ", "300"))  # 10000 for a long run
pytestmark = pytest.mark.filterwarnings("ignore::stancepack.errors.StancepackDeprecation")


READING = {
    "layout": st.sampled_from(["long", "wide", "counts", "coders-in-rows", "tall", 3]),
    "unit": st.one_of(st.sampled_from(["unit", ["unit", "a"], "a", [], 0]), nested),
    "coder": st.one_of(st.sampled_from(["coder", "coder_id", ["coder"], 1]), nested),
    "value": st.one_of(st.sampled_from(["code", "position"]), nested),
    "missing": st.one_of(st.sampled_from([["."], 1, ["a", 2], "1"]), nested),
    "order": st.one_of(st.sampled_from([[1, 2, 3], ["a", "b"], ["b", "a", "1", "2"]]), nested),
    "parts": st.one_of(st.sampled_from(["|", ",", None, ""]), nested),
}
MEASURING = {
    "level": st.one_of(st.sampled_from(["nominal", "ordinal", "interval", "ratio"]), nested),
    "interval": st.one_of(st.sampled_from([None, None, 0.9, 1.5, "none", "bca"]), nested),
    "method": st.one_of(
        st.sampled_from(["bca", "percentile", "jackknife", "jackknife-coders", "analytic"]), nested
    ),
    "draws": st.one_of(st.sampled_from([1, 20, 0, -1]), st.floats(), st.text(max_size=2)),
    "seed": st.one_of(st.integers(0, 9), nested),
}
MATRICES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            np.eye(2),
            1 - np.eye(3),
            np.full((2, 2), np.nan),
            pd.DataFrame(1 - np.eye(2), index=["a", "b"], columns=["b", "a"]),
            pd.DataFrame(np.eye(2), index=[1, 2], columns=[1, 2]),
            pd.DataFrame([["x"]]),
            lambda one, other: float(one != other),
            lambda one, other: one / 0,
            lambda one, other: "far",
            "masi",
            "linear",
            "ratio",
        ]
    ),
    nested,
)
FIGURE = {**READING, **MEASURING, "weights": MATRICES, "distance": MATRICES}
COEFFICIENT = st.one_of(
    st.sampled_from(["alpha", "alpha", "ac1", "ac2", "fleiss_kappa", "cohen_kappa", "icc1"]), nested
)
whole = st.one_of(st.lists(st.integers(2, 6), max_size=2), nested)
DOORS: dict[str, tuple[Any, dict[str, Any]]] = {
    "codings": (sp.codings, READING),
    "agreement": (sp.agreement, {**FIGURE, "coefficient": COEFFICIENT}),
    "agreements": (
        agreements,
        {**FIGURE, "coefficients": st.one_of(st.just(["alpha", "ac1"]), nested)},
    ),
    "agreement_by": (
        sp.agreement_by,
        {
            **FIGURE,
            "by": st.one_of(st.sampled_from(["code", "coder", "pair"]), nested),
            "coefficient": COEFFICIENT,
        },
    ),
    "diagnose": (sp.diagnose, {**READING, **MEASURING, "distance": MATRICES}),
    "plan_agreement": (
        sp.plan_agreement,
        {
            **READING,
            "width": st.one_of(st.floats(), nested),
            "units": whole,
            "coders": whole,
            "level": MEASURING["level"],
            "draws": st.one_of(st.just(1), st.text(max_size=1)),
            "seed": MEASURING["seed"],
        },
    ),
    "combine": (
        sp.combine,
        {
            **READING,
            "method": st.one_of(st.sampled_from(["majority", "dawid_skene", "mace"]), nested),
            "iterations": st.one_of(st.integers(-1, 50), nested),
        },
    ),
    "unitising_alpha": (
        sp.unitising_alpha,
        {
            "continuum": st.one_of(st.sampled_from([(0, 10), (5, 1)]), nested),
            "variant": st.one_of(st.sampled_from(["u", "|u", "cu", "u1995"]), nested),
            "coder": st.one_of(st.just("coder"), nested),
            "start": st.one_of(st.just("start"), nested),
            "end": st.one_of(st.just("end"), nested),
            "value": st.one_of(st.just("value"), nested),
            "category": nested,
            "coders": st.one_of(st.integers(0, 5), nested),
        },
    ),
}
NEEDED = {
    "agreements": {"coefficients"},
    "agreement_by": {"by"},
    "unitising_alpha": {"continuum"},
}
TIDY = {"unit": "unit", "coder": "coder", "value": "code"}


@pytest.mark.parametrize("name", DOORS)
@given(st.data())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_anything_is_answered(name: str, draw: st.DataObject) -> None:
    function, options = DOORS[name]
    given_data = draw.draw(data)
    chosen = draw.draw(st.sets(st.sampled_from(sorted(options)), max_size=4))
    how = {
        option: draw.draw(options[option]) for option in sorted(chosen | NEEDED.get(name, set()))
    }
    if name == "unitising_alpha" and draw.draw(st.booleans()):
        given_data = draw.draw(spans)
        how = {**how, "coder": "coder", "continuum": (0, 10)}
    elif name != "unitising_alpha" and draw.draw(st.booleans()):
        how = {**TIDY, **how}
    try:
        result = function(given_data, **how)
        repr(result)
        for part in ("patterns", "table", "summary"):
            shown = getattr(result, part, None)
            if callable(shown) and not isinstance(result, pd.DataFrame):
                shown()
    except sp.StancepackError as error:
        if not str(error).strip():
            raise AssertionError("an error has words") from error


@pytest.mark.parametrize("name", DOORS)
def test_an_unknown_keyword_is_named(name: str) -> None:
    function, _ = DOORS[name]
    how: dict[str, Any] = {"continuum": (0, 9)} if name == "unitising_alpha" else {}
    how |= {"by": "code"} if name == "agreement_by" else {}
    how |= {"coefficients": ["alpha"]} if name == "agreements" else {}
    with pytest.raises((sp.StancepackError, TypeError), match="intervall"):
        function(np.array([[1, 1], [2, 2]]), intervall=3, **how)
