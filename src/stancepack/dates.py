"""Where the reading of EDTF was in version 1; now `stancepack.dataset.dates`."""

from stancepack.spellings import moved_to

__getattr__ = moved_to("stancepack.dataset.dates")
