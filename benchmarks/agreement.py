"""Agreement beside its peers, in one run; ratios are peer over ours.

3 coders, 7 codes, 20 % missing. Each side gets the input it likes best, made before the clock
starts: we take whole numbers with a sign for missing, or a tidy frame. Point estimates of nominal
alpha (Fleiss' kappa where a peer has no alpha), the best of several calls. Peers that are not
installed are left out, and said.
"""

import importlib
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

import stancepack as sp

sys.path.pop(0)  # this folder, whose file is named like a peer
SIZES = [int(size) for size in sys.argv[1:]] or [1_000, 100_000, 1_000_000]


def best(function: Callable[[], object], seconds: float = 1.0) -> float:
    took, spent = [], 0.0
    while not took or (spent < seconds and len(took) < 20):
        start = time.perf_counter()
        function()
        took.append(time.perf_counter() - start)
        spent += took[-1]
    return min(took)


def peer_of(name: str) -> object | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def peers_for(
    codes: np.ndarray, tidy: pd.DataFrame
) -> Iterator[tuple[str, str, Callable[[], float]]]:
    """Go through the peers that are installed: name, what they are given, and the call."""
    units = len(codes)
    wide = np.where(codes < 0, np.nan, codes.astype(float))
    counts = np.stack([(codes == code).sum(axis=1) for code in range(7)], axis=1)
    if (krippendorff := peer_of("krippendorff")) is not None:
        how = {"level_of_measurement": "nominal"}
        yield "krippendorff", "array", lambda: krippendorff.alpha(reliability_data=wide.T, **how)

        def pivoted() -> float:
            by_coder = tidy.pivot(index="coder", columns="unit", values="code")
            return float(krippendorff.alpha(reliability_data=by_coder.to_numpy(), **how))

        yield "krippendorff", "frame", pivoted
    if peer_of("agreement") is not None:
        kappa = importlib.import_module("agreement.metrics").krippendorffs_alpha
        yield "agreement", "array", lambda: kappa(counts)
    if peer_of("interrater") is not None:
        interrater = importlib.import_module("interrater")
        config = interrater.KrippendorffAlphaConfig(
            n_resamples=2
        )  # its estimate always comes with a bootstrap
        analyzer = interrater.KrippendorffAlphaAnalyzer.build_from_nij_matrix
        tallies = interrater.NijMatrix(counts)
        yield (
            "interrater",
            "array",
            lambda: analyzer(tallies, config).estimate_from_nij_matrix().point,
        )
    if peer_of("rater_agreement") is not None and units <= 100_000:
        alpha = importlib.import_module("rater_agreement").krippendorff_alpha
        rows = [[None if code < 0 else int(code) for code in row] for row in codes]
        yield "rater-agreement", "array", lambda: alpha(rows)
    if (simpledorff := peer_of("simpledorff")) is not None and units <= 1_000:
        given = {"experiment_col": "unit", "annotator_col": "coder", "class_col": "code"}
        coded = tidy.dropna()
        yield (
            "simpledorff",
            "frame",
            lambda: simpledorff.calculate_krippendorffs_alpha_for_df(coded, **given),
        )
    if peer_of("nltk") is not None and units <= 100_000:
        task = importlib.import_module("nltk.metrics.agreement").AnnotationTask
        triples = [
            (c, u, int(codes[u, c])) for u in range(units) for c in range(3) if codes[u, c] >= 0
        ]
        yield "nltk", "array", lambda: task(data=triples).alpha()


def measure(units: int) -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 7, units)
    codes = np.where(
        random.random((units, 3)) < 0.7, truth[:, None], random.integers(0, 7, (units, 3))
    ).astype(np.int8)
    codes[random.random(codes.shape) < 0.2] = -1
    values = np.where(codes < 0, np.nan, codes.astype(float)).ravel()
    tidy = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), 3),
            "coder": np.tile(np.arange(3), units),
            "code": values,
        }
    )
    array = {"level": "nominal", "missing": -1}
    columns = {"unit": "unit", "coder": "coder", "value": "code", "level": "nominal"}
    point = best(lambda: sp.agreement(codes, interval=None, **array))
    boot = best(lambda: sp.agreement(codes, draws=1000, method="percentile", **array))
    frame = best(lambda: sp.agreement(tidy, interval=None, **columns))
    tracemalloc.start()
    value = sp.agreement(codes, interval=None, **array).value
    peak = tracemalloc.get_traced_memory()[1] / codes.nbytes
    tracemalloc.stop()
    print(
        f"{units:,} units: point {point * 1e3:.2f} ms ({point / units * 1e9:.1f} ns a unit), "
        f"memory {peak:.2f} × the codes,"
    )
    print(
        f"    1,000 replicates {boot * 1e3:.1f} ms ({boot / point:.0f} point estimates), "
        f"tidy frame {frame * 1e3:.1f} ms"
    )
    for name, kind, call in peers_for(codes, tidy):
        try:
            got = float(call())
        except Exception as fault:  # a peer that cannot is said, and the others go on
            print(f"    {name:16} {kind:6} fails: {type(fault).__name__}: {str(fault)[:80]}")
            continue
        took = best(call)
        ratio = took / (point if kind == "array" else frame)
        same = "same value"
        if abs(got - value) >= 1e-6:
            same = f"other value, {got:.4f} for {value:.4f}"
        print(
            f"    {name:16} {kind:6} {took * 1e3:10.2f} ms: {ratio:8.1f}; "
            f"bootstrap* {took * 1000 / boot:10,.0f}  {same}"
        )
    if (inter_rater := peer_of("statsmodels.stats.inter_rater")) is not None:
        full = codes[(codes >= 0).all(axis=1)]
        counts = np.stack([(full == code).sum(axis=1) for code in range(7)], axis=1)
        ours = best(lambda: sp.agreement(full, coefficient="fleiss_kappa", interval=None))
        theirs = best(lambda: inter_rater.fleiss_kappa(counts))
        print(
            f"    statsmodels: Fleiss' kappa from counts {theirs * 1e3:.2f} ms, "
            f"ours {ours * 1e3:.2f}: {theirs / ours:.1f}"
        )


for size in SIZES:
    measure(size)
print(
    "* a thousand calls of the peer, extrapolated from one; "
    "none resamples faster than by being called again."
)

random = np.random.default_rng(0)
continuous = random.normal(size=(200, 1)) + random.normal(size=(200, 3))
ours = best(lambda: sp.agreement(continuous, level="interval", interval=None))
if (krippendorff := peer_of("krippendorff")) is not None:
    theirs = best(
        lambda: krippendorff.alpha(reliability_data=continuous.T, level_of_measurement="interval"),
        0.1,
    )
    print(
        f"200 units of distinct numbers, interval: {ours * 1e3:.2f} ms, "
        f"krippendorff {theirs * 1e3:.0f} ms: {theirs / ours:.0f}"
    )
