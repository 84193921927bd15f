"""CSV after RFC 4180: UTF-8 with a byte order mark (spreadsheets take the encoding from it), CRLF, quotes doubled.

Formula injection: spreadsheets run cells beginning with = + - @ (also in full width) even if text. Such text is given a
leading apostrophe, which says "text"; leading blanks and invisible characters do not hide it. Numbers are never text here: they are written
from numbers, so that a negative one stays one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ..sheet import AttendanceSheet
from .columns import COLUMNS, Cell, Value
from .words import DEFAULT_ZONE, clock, iso

BOM = b"\xef\xbb\xbf"
DANGEROUS = frozenset("=+-@＝＋－＠﹢﹣﹦﹫")  # ASCII, full-width and small forms
_CONTROL = frozenset("\t\r\n")
_INVISIBLE = " \u00a0\u200b\u200c\u200d\u2060\ufeff\u3000\0"


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula. A text that already begins with an apostrophe before one is marked again, so that
    `undefused` gives back exactly what was there."""
    return f"'{text}" if _is_dangerous(text.lstrip("'")) else text


def undefused(text: str) -> str:
    return text[1:] if text.startswith("'") and _is_dangerous(text.lstrip("'")) else text


def _is_dangerous(text: str) -> bool:
    bare = text.lstrip(_INVISIBLE)
    return bool(bare) and (bare[0] in DANGEROUS or bare[0] in _CONTROL)


def csv_bytes(rows: Iterable[Sequence[Value]]) -> bytes:
    """Rows of text (defused) and numbers (as they are) → bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([defused(v) if isinstance(v, str) else v for v in row] for row in rows)
    return BOM + out.getvalue().encode()


def sheet_csv(sheet: AttendanceSheet, locale: str = "zh", zone: str = DEFAULT_ZONE) -> bytes:
    """One line per attendee; versions and the last fact stand in every line, so that a line alone still says where it is from."""
    header = [column.heading(locale) for column in COLUMNS]
    lines = [[_spelled(c.cell, c.value(sheet, row, locale), zone) for c in COLUMNS] for row in sheet.rows]
    return csv_bytes([header, *lines])


def _spelled(cell: Cell, value: Value, zone: str) -> Value:
    if value is None or isinstance(value, str):
        return "" if value is None else value
    if cell is Cell.INSTANT:
        return iso(value, zone)
    if cell is Cell.CLOCK:
        return clock(value)
    return {Cell.SECONDS: round(float(value), 1), Cell.SHARE: round(value, 4)}.get(cell, value)
