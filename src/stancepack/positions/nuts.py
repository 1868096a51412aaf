"""The ordinal state model by the No-U-Turn sampler: a slow check on the fast fit.

In the same units. Needs the extra ``nuts``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import NotConverged, StancepackError
from stancepack.positions.likelihood import QUIET, Layout, Priors
from stancepack.positions.state_space import Chains

if TYPE_CHECKING:
    from stancepack.positions.likelihood import Evidence, Variance
    from stancepack.positions.state_space import Points
    from stancepack.reliability.counts import Floats

_ENDLESS = 1e6  # where the thresholds below the first and above the last code stand
_LEAST_MASS = 1e-300  # of a code, so that its log is a number
_ACCEPTANCE = 0.9  # short steps: the model has funnels in its variances
_LARGEST_R_HAT = 1.1
_WATCHED = ("theta", "cuts", "noise", "drift", "start")


def sample(
    evidence: Evidence,
    points: Points,
    draws: int = 500,
    warmup: int = 500,
    chains: int = 2,
    seed: int = 0,
    priors: Priors | None = None,
) -> tuple[Floats, Floats, dict[str, Any]]:
    """Draw positions at given chains and times, with thresholds, from the joint posterior.

    Parameters
    ----------
    evidence, points
        Codes of statements; chains and times at which positions are asked for.
    draws, warmup, chains, seed
        Of the sampler.
    priors
        The usual ones if None.

    Returns
    -------
    tuple
        Positions × draws of θ, draws × issues × cuts of thresholds, and the diagnostics: ``r_hat``
        (largest), ``ess`` (smallest effective number of draws), ``divergences``, ``drift``,
        ``start``.

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
    nodes = Chains.of(evidence, points)
    sampler = MCMC(
        NUTS(_model, target_accept_prob=_ACCEPTANCE),
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="sequential",
        progress_bar=False,
    )
    key = jax.random.PRNGKey(seed)
    sampler.run(key, evidence, nodes, priors or Priors(), extra_fields=("diverging",))
    notes = _diagnostics(sampler)
    if notes["r_hat"] > _LARGEST_R_HAT:
        raise NotConverged(f"the chains have not met (R-hat {notes['r_hat']:.2f}); draw more.")
    samples = sampler.get_samples()
    theta = np.asarray(samples["theta"]).T[nodes.nodes_at(points)]
    return theta, np.asarray(samples["cuts"]), notes


def _model(evidence: Evidence, nodes: Chains, priors: Priors) -> None:
    """Say what is drawn from what; thresholds that an issue does not need stand far away."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    layout = Layout(tuple(int(n) for n in evidence.n_codes), evidence.n_coders)
    cuts = _thresholds(layout, priors)
    of_coder = [evidence.n_coders]
    severity = numpyro.sample("severity", dist.Normal(0, priors.severity_sd).expand(of_coder))
    usual = dist.Normal(np.log(priors.noise), priors.log_noise_sd)
    noise = numpyro.sample("noise", usual.expand(of_coder))
    theta = _walk(nodes, _variance("drift", priors.drift), _variance("start", priors.start))
    said = numpyro.sample("said", dist.Normal(0, 1).expand([len(evidence)]))
    seen = theta[jnp.asarray(nodes.node)] + said
    below = jnp.full((layout.n_issues, 1), -_ENDLESS)
    edges = jnp.concatenate([below, cuts, -below], axis=1)[jnp.asarray(evidence.issue)]
    for slot in range(evidence.codes.shape[1]):
        given = evidence.codes[:, slot] >= 0
        code = jnp.asarray(np.where(given, evidence.codes[:, slot], 0))
        coder = jnp.asarray(np.where(given, evidence.coder[:, slot], 0))
        log = _log_mass(edges, code, seen + severity[coder], noise[coder])
        numpyro.factor(f"codes{slot}", jnp.where(jnp.asarray(given), log, 0.0).sum())


def _thresholds(layout: Layout, priors: Priors) -> Any:
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    first = numpyro.sample(
        "first", dist.Normal(jnp.asarray(priors.first_cuts(layout.n_codes)), priors.first_cut_sd)
    )
    usual = np.repeat(np.log(priors.gaps(layout.n_codes))[:, None], layout.n_cuts - 1, axis=1)
    gaps = numpyro.sample("gap", dist.Normal(jnp.asarray(usual), priors.log_gap_sd))
    cuts = jnp.cumsum(jnp.concatenate([first[:, None], jnp.exp(gaps)], axis=1), axis=1)
    is_own = np.arange(layout.n_cuts) < np.array(layout.n_codes)[:, None] - 1
    return numpyro.deterministic("cuts", jnp.where(jnp.asarray(is_own), cuts, _ENDLESS))


def _variance(name: str, prior: Variance) -> Any:
    """Draw a variance; the mode of its prior in the fast fit is the guess."""
    import numpyro
    import numpyro.distributions as dist

    shape, rate = 0.5 * prior.weight + 0.5, 0.5 * prior.guess * prior.weight
    return numpyro.sample(name, dist.InverseGamma(shape, rate))


def _walk(nodes: Chains, drift: Any, start: Any) -> Any:
    """Draw the random walks, one chain after the other."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    first, step = jnp.asarray(nodes.first), jnp.asarray(nodes.step)
    deviation = jnp.where(first, jnp.sqrt(start), jnp.sqrt(drift * step))
    z = numpyro.sample("z", dist.Normal(0, 1).expand([len(nodes.chain)]))

    def move(before: Any, node: Any) -> tuple[Any, Any]:
        begins, moved = node
        after = jnp.where(begins, 0.0, before) + moved
        return after, after

    _, theta = jax.lax.scan(move, 0.0, (first, z * deviation))
    return numpyro.deterministic("theta", theta)


def _log_mass(edges: Any, code: Any, seen: Any, log_noise: Any) -> Any:
    import jax.numpy as jnp
    from jax.scipy.special import ndtr

    sigma = jnp.sqrt(jnp.exp(2 * log_noise) + QUIET**2)
    high, low = (
        (jnp.take_along_axis(edges, (code + step)[:, None], axis=1)[:, 0] - seen) / sigma
        for step in (1, 0)
    )
    mass = jnp.where(low > 0, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    return jnp.log(jnp.maximum(mass, _LEAST_MASS))


def _diagnostics(sampler: Any) -> dict[str, Any]:
    from numpyro.diagnostics import effective_sample_size, gelman_rubin

    by_chain = sampler.get_samples(group_by_chain=True)
    watched = [np.asarray(by_chain[name]) for name in _WATCHED]
    with np.errstate(invalid="ignore", divide="ignore"):  # what stands far away does not vary
        r_hats = [float(np.nanmax(gelman_rubin(draws))) for draws in watched]
        sizes = [float(np.nanmin(effective_sample_size(draws))) for draws in watched]
    return {
        "r_hat": max(r_hats),
        "ess": min(sizes),
        "divergences": int(np.asarray(sampler.get_extra_fields()["diverging"]).sum()),
        "drift": float(np.mean(by_chain["drift"])),
        "start": float(np.mean(by_chain["start"])),
    }
