"""The named rules of meaning, in the order in which they are run."""

from __future__ import annotations

from stancepack.validation.findings import Check, run_part
from stancepack.validation.rule import REGISTERED as RULES

# each module registers its rules; those on single cells go first, so that others are not run on
# what is no reference
# isort: off
from stancepack.validation import (
    text_rules,  # noqa: F401
    date_rules,  # noqa: F401
    codebook_rules,  # noqa: F401
    matrix_rules,  # noqa: F401
    settled_rules,  # noqa: F401
    figure_rules,  # noqa: F401
)
# isort: on

__all__ = ["RULES", "check_meaning"]


def check_meaning(check: Check) -> None:
    """Run every rule whose modules the package uses."""
    for name, rule in RULES.items():
        if rule.applies(check):
            run_part(check, name, rule.run)
