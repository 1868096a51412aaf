"""Coders against each other: agreement with its interval, what makes it, and one answer of several.

In come codes by unit and coder: a tidy frame of any engine, or an array of units × coders. They are
counted once, as patterns (`counts`), and everything else follows from these. Out go figures with
what they rest on (`Agreement`), and frames of units, coders and codes. The wing may not know what
the codes are about: no project, no package, no codebook, no files; it imports nothing but `errors`,
and `plots` where it is asked to draw.
"""
