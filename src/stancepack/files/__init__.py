"""Reading and writing files: tables, mappings, passages of texts, atomically.

In come paths, out go rows, mappings and text, or bytes on the disk. The wing knows nothing of
statements, coders or codes.
"""
