"""What coders gave: the codes of the sealed sheets as one frame, and the cells that they settle.

A cell is one thing coded on one statement. The latest complete round that coded a cell settles it;
a round *of* another one settles nothing. Codes are kept as categories, so that millions of them fit
into memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.dataset.codebook import Codebook
    from stancepack.project.rounds import Round

SEALED_COLUMNS = ["order", "statement_id", "variable", "code", "confidence", "note"]
GIVEN = ["round", "coder_id", *SEALED_COLUMNS[1:]]  # columns of the frame of codes
KEY = ["round", "statement_id", "variable"]


def parse_codes(content: bytes, path: Path) -> pd.DataFrame:
    """Read the bytes of a sealed sheet as columns of categories.

    Raises
    ------
    StancepackError
        If it is no table, or a column is missing.
    """
    import pandas as pd

    try:
        # as text first: categories alone would be taken for numbers where all look like some
        sheet = pd.read_csv(io.BytesIO(content), dtype="str", na_filter=False).astype("category")
    except (ValueError, UnicodeDecodeError) as error:  # pandas' errors of parsing are among them
        raise StancepackError(f"{path}: cannot be read as CSV: {error}") from None
    for column in SEALED_COLUMNS:
        if column not in sheet:
            hint = did_you_mean(column, map(str, sheet.columns))
            raise StancepackError(f"{path}: column {column!r} is missing; {hint}")
    return sheet[SEALED_COLUMNS[1:]]


def sealed_codes(rounds: Iterable[Round]) -> pd.DataFrame:
    """Return every code of the sealed sheets of some rounds, with its round and coder.

    Every column is of categories in the order of their texts.
    """
    import pandas as pd
    from pandas.api.types import union_categoricals

    sheets = []
    for coding_round in rounds:
        for coder in coding_round.sheets:
            sheet = coding_round.codes(coder)
            for column, name in (("round", coding_round.name), ("coder_id", coder)):
                sheet[column] = pd.Categorical.from_codes([0] * len(sheet), [name])
            sheets.append(sheet)
    if not sheets:
        return pd.DataFrame({column: pd.Categorical([]) for column in GIVEN})
    merged = {}
    for column in GIVEN:
        parts = [sheet.pop(column).array for sheet in sheets]
        merged[column] = union_categoricals(parts, sort_categories=True)
    return pd.DataFrame(merged)


def settling_codes(codes: pd.DataFrame, rounds: Iterable[Round]) -> pd.DataFrame:
    """Keep of each cell the codes of the latest round that settles it; ``cell`` numbers them."""
    import pandas as pd

    settling = pd.Index([coding_round.name for coding_round in rounds if not coding_round.of])
    rank = settling.get_indexer(codes["round"].cat.categories)[codes["round"].cat.codes]
    numbers = codes["statement_id"].cat.codes.to_numpy("int64")
    width = len(codes["variable"].cat.categories)
    cell = pd.Series(numbers * width + codes["variable"].cat.codes.to_numpy(), codes.index)
    latest = pd.Series(rank, codes.index).groupby(cell).transform("max")
    return codes.assign(cell=cell)[(rank == latest) & (rank >= 0)]


def coded_cells(codes: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each cell: its key, its first code, and whether all coders gave that."""
    given = codes["code"].cat.codes.groupby(codes["cell"])
    agreed = given.transform("min") == given.transform("max")
    n_coders = given.transform("size")
    cells = codes.assign(agreed=agreed, n_coders=n_coders).drop_duplicates("cell")
    return cells[[*KEY, "code", "agreed", "n_coders", "cell"]]


def plays(book: Codebook, role: str, cells: pd.DataFrame) -> pd.Series[bool]:
    """Tell of each cell whether its code plays a role."""
    import pandas as pd

    playing = pd.Series(False, cells.index)
    for variable, codes in book.roles.get(role, {}).items():
        playing |= (cells["variable"] == variable) & cells["code"].isin(codes)
    return playing
