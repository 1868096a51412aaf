"""The ordinal state model by the No-U-Turn sampler: a slow check on the fast fit.

Thresholds, coders and spreads are sampled under the same priors from the same marginal likelihood,
positions integrated out on the same lattice; then positions are drawn for each sample. So it tells
what the normal distribution about the mode leaves out. Needs the extra ``nuts``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import NotConverged, StancepackError
from stancepack.positions.likelihood import Layout, Priors
from stancepack.positions.state_space import Parameters, Places, Record, drawn_under, fit, units

if TYPE_CHECKING:
    from stancepack.positions.likelihood import Evidence
    from stancepack.positions.state_space import Points
    from stancepack.reliability.counts import Floats

_LARGEST_R_HAT = 1.1
_ACCEPTANCE = 0.85


def sample(
    evidence: Evidence,
    points: Points,
    draws: int = 500,
    warmup: int = 300,
    chains: int = 2,
    seed: int = 0,
    priors: Priors | None = None,
) -> tuple[Floats, Floats, Layout, dict[str, Any]]:
    """Draw positions at given chains and times, with the parameters, from their posterior.

    Parameters
    ----------
    evidence, points
        Codes of statements; chains and times at which positions are asked for.
    draws, warmup, chains, seed
        Of the sampler; draws over all its chains.
    priors
        The usual ones if None.

    Returns
    -------
    tuple
        Points × draws of positions, draws × parameters, their layout, and the diagnostics:
        ``r_hat`` (largest), ``ess`` (smallest effective number of draws), ``divergences``.

    Raises
    ------
    StancepackError
        If numpyro is not installed.
    NotConverged
        If the chains have not met (R-hat above 1.1).
    """
    try:
        import jax
        from numpyro.infer import MCMC, NUTS
    except ImportError:
        what = "engine='nuts' needs numpyro: pip install 'stancepack[nuts]'."
        raise StancepackError(what) from None
    jax.config.update("jax_enable_x64", True)
    priors = priors or Priors()
    fast = fit(evidence, priors)
    record = Record(evidence, priors)
    unit = units(fast.layout)
    sampler = MCMC(
        NUTS(potential_fn=_potential(record, fast, unit), target_accept_prob=_ACCEPTANCE),
        num_warmup=warmup,
        num_samples=-(-draws // chains),
        num_chains=chains,
        chain_method="sequential",
        progress_bar=False,
    )
    begin = np.zeros((chains, len(unit))) if chains > 1 else np.zeros(len(unit))
    key = jax.random.PRNGKey(seed)
    sampler.run(key, init_params=jax.numpy.asarray(begin), extra_fields=("diverging",))
    notes = _diagnostics(sampler)
    if notes["r_hat"] > _LARGEST_R_HAT:
        raise NotConverged(f"the chains have not met (R-hat {notes['r_hat']:.2f}); draw more.")
    vectors = fast.vector + np.asarray(sampler.get_samples())[:draws] * unit
    random = np.random.RandomState(seed)
    places = Places.of(evidence, fast, points)
    drawn = [
        drawn_under(
            vector, random.dirichlet(fast.counts), evidence, fast, points, 1, random, places
        )
        for vector in vectors
    ]
    return np.concatenate(drawn, axis=1), vectors, fast.layout, notes


def _potential(record: Record, fast: Parameters, unit: Floats) -> Any:
    """Return the negative log density for the sampler, its slope that of the fast fit."""
    import jax
    import jax.numpy as jnp

    def both(x: Any) -> tuple[Any, Any]:
        value, slope = record.value_and_slope(fast.vector + np.asarray(x) * unit)
        return np.float64(-value), np.asarray(-slope * unit)

    shapes = jax.ShapeDtypeStruct((), jnp.float64), jax.ShapeDtypeStruct(unit.shape, jnp.float64)

    def plain(x: Any) -> Any:
        return jax.pure_callback(both, shapes, x)[0]

    def forward(x: Any) -> tuple[Any, Any]:
        value, slope = jax.pure_callback(both, shapes, x)
        return value, slope

    def backward(slope: Any, outer: Any) -> tuple[Any]:
        return (slope * outer,)

    potential = jax.custom_vjp(plain)
    potential.defvjp(forward, backward)
    return potential


def _diagnostics(sampler: Any) -> dict[str, Any]:
    from numpyro.diagnostics import effective_sample_size, gelman_rubin

    by_chain = np.asarray(sampler.get_samples(group_by_chain=True))
    with np.errstate(invalid="ignore", divide="ignore"):  # what is not used does not vary
        return {
            "r_hat": float(np.nanmax(gelman_rubin(by_chain))),
            "ess": float(np.nanmin(effective_sample_size(by_chain))),
            "divergences": int(np.asarray(sampler.get_extra_fields()["diverging"]).sum()),
        }
