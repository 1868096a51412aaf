"""Run the command line with ``python -m stancepack``."""

from stancepack.cli import main

main()
