"""What is released: its contract, descriptor and codebook, and the package that users load.

In comes a folder with a descriptor, out come tables with real types. The wing knows nothing of how
a project is worked on.
"""
