"""What people work in: new projects, statements added and checked, blind rounds, settling.

In comes a project's folder, out come its parts as they were entered; what people hand in is checked
at this door. The wing knows nothing of released tables.
"""
