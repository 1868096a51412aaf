"""From a project to a data set: tables, dictionary, figures, and what differs from what is there.

In comes a project, out come files of a release, or frames that a release has. The wing writes
nothing but ``data/`` and the descriptor.
"""
