"""What draws: figures that show themselves in a notebook.

In come results, out come figures of matplotlib. The wing knows results by their columns alone, and
imports no other wing.
"""
