"""Pages that people look at: the report, with its templates.

In comes a package, out comes one self-contained page. The wing computes no figure of its own.
"""
