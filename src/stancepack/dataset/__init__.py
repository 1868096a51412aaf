"""What is released: the contract of its tables, the descriptor, the codebook, and the package as users load it.

In comes a folder with a descriptor, out come tables with real types. The wing knows nothing of how
a project is worked on.
"""
