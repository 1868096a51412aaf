"""Positions over time: the evidence, trajectories, reversals, effects of events, changes, networks and scales.

In comes a package, out come frames with their uncertainty. The wing knows nothing of how the
package was made.
"""
