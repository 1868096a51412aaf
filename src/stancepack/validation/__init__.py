"""What is wrong with a package: one list of findings, each with its place, its rule and what to do.

In comes a package, out come findings. Layers are run in order, and one fault gives one finding.
"""
