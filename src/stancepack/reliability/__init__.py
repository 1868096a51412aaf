"""Coders against each other: agreement with its interval, what makes it, and one answer of several coders.

In come codes by unit and coder, out go figures and frames. The wing knows no project, no package
and no codebook.
"""
