"""Positions over time: evidence, trajectories, reversals, events, changes, networks, scaling.

In comes a package, out come frames with their uncertainty. The wing knows nothing of how the
package was made.
"""
