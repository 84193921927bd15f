"""The list behind a number of a dashboard as CSV and XLSX. Every cell is text."""

from __future__ import annotations

from collections.abc import Sequence

from ..actions.figures import NamedLine
from .csv import csv_bytes
from .xlsx import table_xlsx

HEADINGS = {
    "zh": ("党员编号", "姓名", "党组织", "党组织代码", "起算日期", "说明"),
    "en": ("Member number", "Name", "Organisation", "Organisation code", "Since", "Detail"),
}


def _rows(lines: Sequence[NamedLine]) -> list[list[str]]:
    return [
        [
            one.member.number if one.member else "",
            one.member.name if one.member else "",
            one.org.name,
            one.org.code,
            one.line.since.isoformat() if one.line.since else "",
            one.line.detail,
        ]
        for one in lines
    ]


def figure_lines_csv(lines: Sequence[NamedLine], locale: str) -> bytes:
    return csv_bytes([HEADINGS[locale], *_rows(lines)])


def figure_lines_xlsx(lines: Sequence[NamedLine], locale: str) -> bytes:
    return table_xlsx("名单" if locale == "zh" else "List", HEADINGS[locale], _rows(lines))
