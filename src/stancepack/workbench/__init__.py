"""Where people code, train, unitise and settle: pages on this machine, keyboard first.

In comes a `Project`; out go sealed sheets, adjudications and unit lists, through the same doors as
those of the command line. What people write until then is kept in a journal that is never changed.
The wing knows no data set: no answer to a coder is computed from released tables.
"""
