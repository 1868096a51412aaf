"""How a CSV file is written: what parts and quotes its cells, its header, its comments."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


class UnreadableRecord(csv.Error):
    """A record that is no CSV, with the line in which it begins."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True)
class Dialect:
    r"""How a CSV file is written; the plain way unless something else is said.

    Parameters
    ----------
    encoding
        The encoding of the file.
    delimiter, quote, escape
        The signs that part cells, quote them, and take its meaning from the next sign; an empty
        quote quotes nothing, an empty escape escapes nothing.
    doubles_quotes
        Whether a quote inside of a quoted cell is written twice. Without a sign that escapes it
        always is: there is no other way to write one.
    skips_space
        Whether spaces after a delimiter are no part of the cell.
    has_header
        Whether there is a header.
    header_rows, header_join
        The rows of a header of several, or below other rows, and what joins its names; without
        them the first row that is no comment is the header.
    keeps_case
        Whether capitals in the names of columns matter.
    comment_mark, comment_rows
        How rows begin that are comments, and which rows are.
    line_end, skips_blank_rows
        How lines are said to end, and whether blank rows are expected; both are read anyway.
    keeps_empty_rows
        Whether a row of empty cells is a row, as where an empty cell is a text like others.

    Examples
    --------
    >>> from stancepack.files.dialect import Dialect
    >>> list(Dialect(delimiter=";", comment_mark="#").records("# of 2012\na;b\n1;2,5\n"))
    [(2, ['a', 'b']), (3, ['1', '2,5'])]
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    doubles_quotes: bool = True
    skips_space: bool = False
    has_header: bool = True
    header_rows: tuple[int, ...] = ()
    header_join: str = " "
    keeps_case: bool = True
    comment_mark: str = ""
    comment_rows: tuple[int, ...] = ()
    line_end: str = "\n"
    skips_blank_rows: bool = False
    keeps_empty_rows: bool = False

    def reader(self, lines: Any) -> Any:
        """Return a reader of Python for lines in which no comments are left."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            doublequote=self.doubles_quotes or not self.escape,
            skipinitialspace=self.skips_space,
            strict=True,
        )

    @property
    def is_one_header_and_rows(self) -> bool:
        """Whether a reader of Python gives the header, if there is one, and then the rows."""
        return not (self.header_rows or self.comment_mark or self.comment_rows)

    def is_blank(self, record: list[str]) -> bool:
        """Tell whether a record says nothing."""
        return not record or not (self.keeps_empty_rows or any(record))

    def records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Go through the header, if there is one, and the rows, each with its first line.

        Raises
        ------
        UnreadableRecord
            If the text is no CSV.
        """
        header: list[list[str]] = []
        start, last = 0, max(self.header_rows, default=0)
        is_above = self.has_header
        for row, line, record in self._numbered(text):
            if not is_above:
                yield line, record
            elif row < last and row not in self.header_rows:
                continue
            elif row <= last or not last:
                header.append(record)
                start = start or line
                if row >= last:
                    yield start, self._joined(header)
                    is_above = False
            else:  # the last row of the header was a comment
                yield start or line, self._joined(header)
                yield line, record
                is_above = False

    def _numbered(self, text: str) -> Iterator[tuple[int, int, list[str]]]:
        """Go through what is no comment, each with the numbers of its row and its first line."""
        lines = _Lines(text, self.comment_mark)
        reader = self.reader(lines if self.comment_mark else lines.file)
        row, line = 0, 1
        try:
            for record in reader:
                row, line = row + 1 + lines.skipped, line + lines.skipped
                lines.skipped, lines.is_between_records = 0, True
                if row not in self.comment_rows:
                    yield row, line, record
                line = lines.comments + reader.line_num + 1
        except csv.Error as error:
            raise UnreadableRecord(str(error), line + lines.skipped) from None

    def _joined(self, header: list[list[str]]) -> list[str]:
        """Join the rows of a header: a name that stands alone stands over all columns after it."""
        if len(header) < 2:
            return header[0] if header else []
        width = max(map(len, header))
        above = [row + (row[-1:] or [""]) * (width - len(row)) for row in header[:-1]]
        full = [*above, header[-1] + [""] * (width - len(header[-1]))]
        names = []
        for cells in zip(*full, strict=True):
            kept = [
                cell
                for number, cell in enumerate(cells)
                if number == 0 or cell != cells[number - 1]
            ]
            names.append(self.header_join.join(kept))
        return names


PLAIN = Dialect()


class _Lines:
    """The lines of a text but for comments, which begin where a record would."""

    def __init__(self, text: str, comment_mark: str) -> None:
        self.file = io.StringIO(text, newline="")
        self.comment_mark = comment_mark
        self.is_between_records = True
        self.skipped = 0  # since the last record
        self.comments = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self.file)
        while self.is_between_records and line.startswith(self.comment_mark):
            self.skipped += 1
            self.comments += 1
            line = next(self.file)
        self.is_between_records = False
        return line
