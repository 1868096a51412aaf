"""The named rules of meaning, in the order in which they are run."""

from __future__ import annotations

from stancepack.validation import (
    codebook_rules,
    date_rules,
    figure_rules,
    matrix_rules,
    settled_rules,
    text_rules,
)
from stancepack.validation.findings import Check, run_part
from stancepack.validation.rule import REGISTERED

# those on single cells go first, so that others are not run on what is no reference
_IN_ORDER = (text_rules, date_rules, codebook_rules, matrix_rules, settled_rules, figure_rules)
RULES = {
    name: rule
    for module in _IN_ORDER
    for name, rule in REGISTERED.items()
    if rule.faults.__module__ == module.__name__
}

__all__ = ["RULES", "check_meaning"]


def check_meaning(check: Check) -> None:
    """Run every rule whose modules the package uses."""
    for name, rule in RULES.items():
        if rule.applies(check):
            run_part(check, name, rule.run)
