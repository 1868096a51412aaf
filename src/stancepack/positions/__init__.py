"""Positions over time: evidence, trajectories, reversals, events, changes, networks, scaling.

In comes a package, out come results with their uncertainty, which say, list and draw themselves.
The wing knows nothing of how the package was made.
"""
