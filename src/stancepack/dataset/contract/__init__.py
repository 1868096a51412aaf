"""The contract: what every stance package has, what it may leave out, and the order of rounds."""

from __future__ import annotations

import re

# What every stance package has; more tables and columns are welcome. `!` marks the primary key, `>`
# the table that a column points to (such ids are text), `:` a type that the rules count on.
CONTRACT = {
    "sources": "source_id! title author date url licence redistributable sha256 length:integer",
    "actors": "actor_id! name kind side wikidata",
    "offices": "office_id! actor_id>actors title start end source",
    "events": "event_id! title date source",
    "systems": "system_id! name kind description parent>systems",
    "issues": "issue_id! title question minus2 minus1 zero plus1 plus2",
    "statements": "statement_id! actor_id>actors date date_earliest:date date_latest:date date_basis dated_by venue "
    "event_id>events source start:integer end:integer quote proposition attribution speech_act conditional:boolean "
    "condition addressee repeats>statements office_id>offices",
    "statement_systems": "statement_id!>statements system_id!>systems",
    "coders": "coder_id! kind description training",
    "codings": "round! statement_id!>statements issue_id!>issues coder_id!>coders position:integer confidence note "
    "codebook_version",
    "stances": "statement_id!>statements issue_id!>issues position:integer settled_by rationale adjudicator>coders",
    "agreement": "round! variable! coefficient! value:number low:number high:number level n_units n_coders verdict",
    "discrepancies": "discrepancy_id! statement_id>statements aspect article_has source_has source",
}
OPTIONAL = {  # what a package may leave out
    "rounds": "round! of>rounds codebook_version codebook_sha256 n_statements n_coders sealed",
    "statement_codings": "round! statement_id!>statements variable! coder_id!>coders code confidence note codebook_version",
    "statement_codes": "statement_id!>statements variable! code settled_by rationale adjudicator>coders",
    "coverage": "coverage_id! source period query screened_by>coders found:integer",
    "retired": "id! table! version reason",
}


def round_order(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts names of rounds, with round-10 after round-9."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]
