"""XLSX: typed cells (number, date, duration), a frozen header, a summary sheet first. Text is written as text: nothing becomes a formula.

Byte for byte the same from the same sheet: the date of creation is that of the last fact, and the archive carries no date of its own.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from ..rules.corrections import AttendanceGrade
from ..sheet import AttendanceSheet
from .columns import COLUMNS, Cell, Column, Value
from .words import DEFAULT_ZONE, clock, iso, local, word

_FORMATS: dict[Cell, dict[str, object]] = {
    Cell.INTEGER: {"num_format": "0"},
    Cell.SECONDS: {"num_format": "0.0"},
    Cell.CLOCK: {"num_format": "[h]:mm:ss"},  # brackets: does not wrap at 24 hours
    Cell.SHARE: {"num_format": "0.0%"},
    Cell.INSTANT: {"num_format": "yyyy-mm-dd hh:mm:ss"},
    Cell.TEXT: {"text_wrap": True},
}
_EPOCH = datetime(1980, 1, 1)  # of a file that has no date


def sheet_xlsx(sheet: AttendanceSheet, locale: str = "zh", zone: str = DEFAULT_ZONE) -> bytes:
    out = io.BytesIO()
    book = _book(out, datetime.fromtimestamp(round(sheet.as_of), UTC).replace(tzinfo=None))
    _write_summary(book, sheet, locale, zone)
    _write_rows(book, sheet, locale, zone)
    book.close()
    return out.getvalue()


def table_xlsx(name: str, header: Sequence[str], rows: Sequence[Sequence[str]], width: int = 16) -> bytes:
    """A plain table of text: what the roster is written with. Every cell is text, so that 007 stays 007."""
    out = io.BytesIO()
    book = _book(out, _EPOCH)
    page = book.add_worksheet(name)
    _write_header(book, page, header, [width] * len(header))
    text = book.add_format({"num_format": "@"})
    page.set_column(0, len(header) - 1, width, text)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value:
                page.write_string(line, column, value, text)
    book.close()
    return out.getvalue()


def _book(out: io.BytesIO, created: datetime) -> Any:
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": created, "author": "Branchline"})
    return book


def _write_header(book: Any, page: Any, header: Sequence[str], widths: Sequence[int]) -> None:
    style = book.add_format({"bold": True, "bg_color": "#F2E6E4", "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    for column, (heading, width) in enumerate(zip(header, widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, heading, style)
    page.set_row(0, 32)
    page.freeze_panes(1, 0)


def _write_rows(book: Any, sheet: AttendanceSheet, locale: str, zone: str) -> None:
    page = book.add_worksheet("考勤明细" if locale == "zh" else "Attendance")
    _write_header(book, page, [_heading(c, locale, zone) for c in COLUMNS], [c.width for c in COLUMNS])
    page.freeze_panes(1, 4)  # the header, and the columns up to the name
    styles = {cell: book.add_format(shape | {"valign": "top"}) for cell, shape in _FORMATS.items()}
    for line, row in enumerate(sheet.rows, start=1):
        for position, column in enumerate(COLUMNS):
            _write(page, line, position, column.cell, column.value(sheet, row, locale), styles[column.cell], zone)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(COLUMNS) - 1)
    page.set_landscape()
    page.repeat_rows(0)


def _heading(column: Column, locale: str, zone: str) -> str:
    """A cell of a date carries no zone, so its heading does."""
    return f"{column.heading(locale)} ({zone})" if column.cell is Cell.INSTANT else column.heading(locale)


def _write(page: Any, line: int, position: int, cell: Cell, value: Value, style: Any, zone: str) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        page.write_string(line, position, value, style)
    elif cell is Cell.INSTANT:
        page.write_datetime(line, position, local(value, zone).replace(tzinfo=None), style)
    else:
        page.write_number(line, position, round(value) / 86400 if cell is Cell.CLOCK else value, style)


def _write_summary(book: Any, sheet: AttendanceSheet, locale: str, zone: str) -> None:
    page = book.add_worksheet("概要" if locale == "zh" else "Summary")
    page.set_column(0, 0, 24, book.add_format({"bold": True, "valign": "top"}))
    page.set_column(1, 1, 80, book.add_format({"text_wrap": True, "align": "left", "valign": "top"}))
    for line, (zh, en, value) in enumerate(_summary(sheet, locale, zone)):
        page.write_string(line, 0, zh if locale == "zh" else en)
        if isinstance(value, int):
            page.write_number(line, 1, value)
        else:
            page.write_string(line, 1, value)


def _summary(sheet: AttendanceSheet, locale: str, zone: str) -> list[tuple[str, str, str | int]]:
    counts, joiner = sheet.counts, "、" if locale == "zh" else ", "

    def names(grade: AttendanceGrade) -> str:
        return joiner.join(sheet.names(grade))

    return [
        ("会议", "Meeting", sheet.title),
        ("形式", "Form", word(sheet.form, locale)),
        ("组织", "Organisation", sheet.org_name),
        ("主持人", "Chair", sheet.chair_name or ""),
        ("计划开始", "Planned start", iso(sheet.planned_start, zone)),
        ("计划结束", "Planned end", iso(sheet.planned_end, zone)),
        ("实际开始", "Opened", iso(sheet.opened_at, zone) if sheet.opened_at is not None else ""),
        ("实际结束", "Ended", iso(sheet.ended_at, zone) if sheet.ended_at is not None else ""),
        ("会议时长", "Session", clock(sheet.session.seconds)),
        ("应到", "Expected", counts.expected),
        ("到会", "Present", counts.present),
        ("部分到会", "Partly present", counts.partly_present),
        ("请假", "Excused", counts.excused),
        ("缺席", "Absent", counts.absent),
        ("免到", "Exempt", counts.exempt),
        ("列席", "Non-voting attendees", counts.observers),
        ("流入党员", "Host members", counts.host_members),
        ("部分到会人员", "Partly present by name", names(AttendanceGrade.PARTLY_PRESENT)),
        ("请假人员", "Excused by name", names(AttendanceGrade.EXCUSED)),
        ("缺席人员", "Absent by name", names(AttendanceGrade.ABSENT)),
        ("到会认定比例", "Presence threshold", f"{sheet.present_share * 100:g}%"),
        ("断线容忍（秒）", "Bridged gap (s)", f"{sheet.bridge_tolerance:g}"),
        ("记录说明", "Remarks on the record", "；".join(c.sentence(locale) for c in sheet.complaints)),
        ("会议标识", "Meeting id", sheet.meeting_id),
        ("格式版本", "Schema version", sheet.schema_version),
        ("规则版本", "Rulebook version", sheet.rulebook_version),
        ("末条事实序号", "Last fact number", sheet.last_fact_number),
        ("末条事实校验值", "Last fact hash", sheet.last_fact_hash),
    ]
