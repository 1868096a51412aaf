"""What people work in: unit lists, coders, training, rounds of blind coding, sheets, adjudication, and the bibliography.

In comes a project's folder, out come its parts as they were entered; what people hand in is checked
at this door. The wing knows nothing of released tables.
"""
