"""From the bytes of a roster file to a table of text: encodings, delimiters, spreadsheets, and the limits on a bad file.

Knows nothing of members. A CSV is UTF-8 (with or without mark), UTF-16 with mark or GB18030; a spreadsheet is its first sheet with values
only, never formulas. A small archive may unpack to gigabytes, so sizes are summed from the directory and held while reading.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_UNPACKED = 200 * 1024 * 1024  # 50,000 rows of 14 columns are about 40 MB of XML
MAX_RATIO = 200  # of one part; XML of a roster packs to about a tenth
_SMALL = 1024 * 1024  # a part this small may be packed as tightly as it likes


class RosterFileTrouble(Exception):
    """The file as a whole cannot be taken: a code of the roster's complaints and its parameters."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: line number as a spreadsheet counts, and the cells as text; empty rows are left out, but counted."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(content: bytes, filename: str) -> Table:
    if len(content) > MAX_BYTES:
        raise RosterFileTrouble("tooLarge", limit=MAX_BYTES)
    is_archive = content[:4] == b"PK\x03\x04"
    if filename.lower().endswith((".xlsx", ".xlsm")) or is_archive:
        return _table(_spreadsheet_rows(content))
    if content[:4] == b"\xd0\xcf\x11\xe0":  # the old binary format of Excel
        raise RosterFileTrouble("unreadable")
    return _table(_csv_rows(content))


def _table(rows: list[tuple[int, list[str]]]) -> Table:
    filled = [(line, tuple(_without_tail(cells))) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        raise RosterFileTrouble("empty")
    header = tuple(cell.strip() for cell in filled[0][1])
    return Table(header, tuple(filled[1:]))


def _without_tail(cells: list[str]) -> list[str]:
    """Empty cells at the end are no cells: spreadsheets leave them behind."""
    last = max((i for i, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return cells[:last]


def _csv_rows(content: bytes) -> list[tuple[int, list[str]]]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[tuple[int, list[str]]] = []
    try:
        for line, cells in enumerate(reader, start=1):
            _check_size(line, len(cells))
            rows.append((line, cells))
    except csv.Error as error:
        raise RosterFileTrouble("unreadable") from error
    return rows


def _check_size(line: int, columns: int) -> None:
    if line > MAX_ROWS + 1:
        raise RosterFileTrouble("tooManyRows", limit=MAX_ROWS)
    if columns > MAX_COLUMNS:
        raise RosterFileTrouble("unreadable")


def _decoded(content: bytes) -> str:
    """UTF-8 first: GB18030 text is hardly ever valid UTF-8, while the reverse happens."""
    marked = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(content[:2])
    for encoding in (marked,) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RosterFileTrouble("unknownEncoding")


def _delimiter(text: str) -> str:
    """The one of comma, semicolon and tab that the heading has most of."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=heading.count)


def _spreadsheet_rows(content: bytes) -> list[tuple[int, list[str]]]:
    _guard_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        page = book.worksheets[0]
        page.reset_dimensions()  # a file may claim any size; rows are counted as they come
        rows = []
        for line, cells in enumerate(page.iter_rows(values_only=True), start=1):
            _check_size(line, len(cells))
            rows.append((line, [_text(value) for value in cells]))
        book.close()
    except RosterFileTrouble:
        raise
    except Exception as error:  # openpyxl raises what its many readers raise; whatever it is, the file is not a roster
        raise RosterFileTrouble("unreadable") from error
    return rows


def _guard_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise RosterFileTrouble("unreadable") from error
    tight = any(p.file_size > _SMALL and p.file_size > MAX_RATIO * max(1, p.compress_size) for p in parts)
    if tight or sum(p.file_size for p in parts) > MAX_UNPACKED or len(parts) > 1000:
        raise RosterFileTrouble("expandsTooMuch")


def _text(value: object) -> str:
    """A cell as it was meant: a number that is a whole one without its .0, a date without its midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
