"""The ordinal state model by the No-U-Turn sampler: a slow check on the fast fit, in the same units. Needs the extra ``nuts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import StancepackError
from stancepack.positions.state_space import (
    _CUT,
    _DRIFT,
    _GAP,
    _NOISE,
    _QUIET,
    _SEVERITY,
    _START,
    CUTS,
    Chains,
)

if TYPE_CHECKING:
    from stancepack.positions.state_space import Evidence
    from stancepack.reliability.counts import Floats, Integers


def sample(
    e: Evidence,
    at: tuple[Integers, Floats],
    draws: int = 500,
    warmup: int = 500,
    chains: int = 2,
    seed: int = 0,
) -> tuple[Floats, Floats, dict[str, Any]]:
    """Draw positions at given chains and times, with thresholds, from the joint posterior.

    Returns positions × draws of θ, draws × issues × cuts of thresholds, and the diagnostics:
    ``r_hat`` (largest), ``ess`` (smallest effective number of draws), ``divergences``, ``drift``,
    ``start``.

    Raises
    ------
    StancepackError
        If numpyro is not installed, or the chains have not met (R-hat above 1.1).
    """
    try:
        import jax
        import jax.numpy as jnp
        import numpyro
        import numpyro.distributions as dist
        from jax.scipy.special import ndtr
        from numpyro.diagnostics import effective_sample_size, gelman_rubin
        from numpyro.infer import MCMC, NUTS
    except ImportError:
        raise StancepackError(
            "engine='nuts' needs numpyro: pip install 'stancepack[nuts]'."
        ) from None
    jax.config.update("jax_enable_x64", True)
    nodes = Chains.of(e, at)
    first, step = jnp.asarray(nodes.first), jnp.asarray(nodes.step)
    node, issue = jnp.asarray(nodes.node), jnp.asarray(e.issue)

    def model() -> None:
        start_cut = numpyro.sample("first", dist.Normal(*_CUT).expand([e.n_issues]))
        gaps = numpyro.sample("gap", dist.Normal(*_GAP).expand([e.n_issues, CUTS - 1]))
        cuts = jnp.cumsum(jnp.concatenate([start_cut[:, None], jnp.exp(gaps)], axis=1), axis=1)
        numpyro.deterministic("cuts", cuts)
        severity = numpyro.sample("severity", dist.Normal(0, _SEVERITY).expand([e.n_coders]))
        noise = numpyro.sample("noise", dist.Normal(*_NOISE).expand([e.n_coders]))
        drift = numpyro.sample(
            "drift", dist.InverseGamma(0.5 * _DRIFT[1] + 0.5, 0.5 * _DRIFT[0] * _DRIFT[1])
        )
        begin = numpyro.sample(
            "start", dist.InverseGamma(0.5 * _START[1] + 0.5, 0.5 * _START[0] * _START[1])
        )
        z = numpyro.sample("z", dist.Normal(0, 1).expand([len(nodes.chain)]))
        scale = jnp.where(first, jnp.sqrt(begin), jnp.sqrt(drift * step))

        def walk(before: Any, now: Any) -> tuple[Any, Any]:
            fresh, moved = now
            after = jnp.where(fresh, 0.0, before) + moved
            return after, after

        _, theta = jax.lax.scan(walk, 0.0, (first, z * scale))
        numpyro.deterministic("theta", theta)
        seen = theta[node] + numpyro.sample("said", dist.Normal(0, 1).expand([len(e)]))
        edges = jnp.concatenate(
            [jnp.full((e.n_issues, 1), -1e6), cuts, jnp.full((e.n_issues, 1), 1e6)], axis=1
        )[issue]
        for slot in range(e.codes.shape[1]):
            given = e.codes[:, slot] >= 0
            code = jnp.asarray(np.where(given, e.codes[:, slot], 0))
            who = jnp.asarray(np.where(given, e.coder[:, slot], 0))
            sigma = jnp.sqrt(jnp.exp(2 * noise[who]) + _QUIET**2)
            x = seen + severity[who]
            high, low = (
                jnp.take_along_axis(edges, (code + up)[:, None], axis=1)[:, 0] for up in (1, 0)
            )
            top, bottom = (high - x) / sigma, (low - x) / sigma
            flip = bottom > 0
            mass = jnp.where(flip, ndtr(-bottom) - ndtr(-top), ndtr(top) - ndtr(bottom))
            numpyro.factor(
                f"codes{slot}",
                jnp.where(jnp.asarray(given), jnp.log(jnp.maximum(mass, 1e-300)), 0.0).sum(),
            )

    sampler = MCMC(NUTS(model, target_accept_prob=0.9), num_warmup=warmup, num_samples=draws, num_chains=chains,
                   chain_method="sequential", progress_bar=False)  # fmt: skip
    sampler.run(jax.random.PRNGKey(seed), extra_fields=("diverging",))
    by_chain = sampler.get_samples(group_by_chain=True)
    watched = [np.asarray(by_chain[name]) for name in ("theta", "cuts", "noise", "drift", "start")]
    notes = {
        "r_hat": max(float(np.nanmax(gelman_rubin(one))) for one in watched),
        "ess": min(float(np.nanmin(effective_sample_size(one))) for one in watched),
        "divergences": int(np.asarray(sampler.get_extra_fields()["diverging"]).sum()),
        "drift": float(np.mean(by_chain["drift"])),
        "start": float(np.mean(by_chain["start"])),
    }
    if notes["r_hat"] > 1.1:
        raise StancepackError(f"the chains have not met (R-hat {notes['r_hat']:.2f}); draw more.")
    samples = sampler.get_samples()
    names = zip(nodes.chain.tolist(), nodes.time.tolist(), strict=True)
    index = {(chain, round(time, 6)): place for place, (chain, time) in enumerate(names)}
    wanted = [index[int(chain), round(float(time), 6)] for chain, time in zip(*at, strict=True)]
    return np.asarray(samples["theta"]).T[wanted], np.asarray(samples["cuts"]), notes
