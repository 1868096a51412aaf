"""The command line: one module a command.

In come words, out come lines and an exit code; what a command does, a wing does.
"""

from stancepack.cli import (  # noqa: F401 - each registers its command
    add,
    adjudicate,
    agreement,
    anchor,
    assign,
    build,
    check,
    cite,
    code,
    codebook,
    diff,
    lead,
    migrate,
    new,
    report,
    sample,
    seal,
    settle,
    sheet,
    status,
    unitise,
    validate,
)  # isort: skip
from stancepack.cli.app import main

__all__ = ["main"]
