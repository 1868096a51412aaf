"""Coders against each other: agreement with its interval, what makes it, and one answer of several.

In come codes by unit and coder, in whatever holds them: `codings` is the one door, and reads frames
of any engine, arrays, lists and CSV files (`containers`, `layouts`, `engines`) into codes whose
order is known or said to be unknown (`categories`). They are counted once, as patterns (`counts`),
and everything else follows from these. Out go figures with what they rest on (`Agreement`), and
results with tables of units, coders and codes. The wing may not know what the codes are about: no
project, no package, no codebook, nothing of `files`; it imports nothing but `errors` and
`spellings`, and `plots` where it is asked to draw.
"""
