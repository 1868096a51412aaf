"""Hand-coded stances of any study: coded, settled, checked, released, and followed over time."""

from __future__ import annotations

from typing import Any

_PUBLIC = {
    "load": "stancepack.dataset.package",
    "StancePackage": "stancepack.dataset.package",
    "validate": "stancepack.validation.validate",
    "codings": "stancepack.reliability.codings",
    "Codings": "stancepack.reliability.codings",
    "agreement": "stancepack.reliability.agreement",
    "agreement_table": "stancepack.release.figures",
    "Agreement": "stancepack.reliability.result",
    "agreement_by": "stancepack.reliability.agreement",
    "diagnose": "stancepack.reliability.diagnosis",
    "Diagnosis": "stancepack.reliability.diagnosis",
    "disagreements": "stancepack.release.disagreements",
    "plan_agreement": "stancepack.reliability.planning",
    "Plan": "stancepack.reliability.planning",
    "combine": "stancepack.reliability.combining",
    "Combined": "stancepack.reliability.combining",
    "unitising_alpha": "stancepack.reliability.spans",
    "trajectory": "stancepack.positions.trajectory",
    "Trajectory": "stancepack.positions.trajectory",
    "evidence": "stancepack.positions.evidence",
    "reversals": "stancepack.positions.reversals",
    "event_effect": "stancepack.positions.events",
    "change_points": "stancepack.positions.change_points",
    "simulate": "stancepack.positions.simulation",
    "network": "stancepack.positions.networks",
    "scale": "stancepack.positions.scaling",
    "multiverse": "stancepack.positions.multiverse",
    "Multiverse": "stancepack.positions.multiverse",
    "universe": "stancepack.positions.multiverse",
    "cite": "stancepack.dataset.citation",
    "build": "stancepack.release.build",
    "diff": "stancepack.dataset.diff",
    "Codebook": "stancepack.dataset.codebook",
    "Project": "stancepack.project.project",
    "Outline": "stancepack.project.new",
    "new_project": "stancepack.project.new",
    "add_statements": "stancepack.project.adding",
    "Scale": "stancepack.dataset.scales",
    "StancepackError": "stancepack.errors",
    "UnknownName": "stancepack.errors",
    "NotConverged": "stancepack.errors",
    "StancepackDeprecation": "stancepack.errors",
    "StancepackWarning": "stancepack.errors",
}

__all__ = [
    "Agreement",
    "Codebook",
    "Codings",
    "Combined",
    "Diagnosis",
    "Multiverse",
    "NotConverged",
    "Outline",
    "Plan",
    "Project",
    "Scale",
    "StancePackage",
    "StancepackDeprecation",
    "StancepackError",
    "StancepackWarning",
    "Trajectory",
    "UnknownName",
    "add_statements",
    "agreement",
    "agreement_by",
    "agreement_table",
    "build",
    "change_points",
    "cite",
    "codings",
    "combine",
    "diagnose",
    "diff",
    "disagreements",
    "event_effect",
    "evidence",
    "load",
    "multiverse",
    "network",
    "new_project",
    "plan_agreement",
    "reversals",
    "scale",
    "simulate",
    "trajectory",
    "unitising_alpha",
    "universe",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import stancepack` costs nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("stancepack")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'stancepack' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
