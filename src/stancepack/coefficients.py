"""Where coefficients and distances were in version 1; now `stancepack.reliability`."""

from stancepack.spellings import moved_to

__getattr__ = moved_to("stancepack.reliability.weights", "stancepack.reliability.coefficients")
