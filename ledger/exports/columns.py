"""The columns of an exported attendance sheet, once for CSV and XLSX: key, heading, kind of cell, width, where the value comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from ..rules.attendance import EvidenceGrade
from ..rules.corrections import Correction
from ..sheet import AttendanceSheet, SheetRow
from .words import TERMS, word, yes_no


class Cell(Enum):
    TEXT = auto()
    INTEGER = auto()
    SECONDS = auto()  # a number of seconds, to a tenth
    CLOCK = auto()  # the same as h:mm:ss
    SHARE = auto()  # 0 to 1
    INSTANT = auto()  # epoch seconds


Value = str | float | int | None


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    zh: str
    en: str
    cell: Cell
    width: int
    value: Callable[[AttendanceSheet, SheetRow, str], Value]

    def heading(self, locale: str) -> str:
        return self.zh if locale == "zh" else self.en


def _text(key: str, zh: str, en: str, width: int, value: Callable[[SheetRow, str], str]) -> Column:
    return Column(key, zh, en, Cell.TEXT, width, lambda _, row, locale: value(row, locale))


def _number(key: str, zh: str, en: str, cell: Cell, value: Callable[[SheetRow], float | int | None]) -> Column:
    return Column(key, zh, en, cell, {Cell.INSTANT: 20, Cell.CLOCK: 11}.get(cell, 12), lambda _, row, __: value(row))


def _of_sheet(key: str, zh: str, en: str, cell: Cell, width: int, value: Callable[[AttendanceSheet], Value]) -> Column:
    return Column(key, zh, en, cell, width, lambda sheet, _, __: value(sheet))


def _evidence(grade: EvidenceGrade) -> Column:
    zh, en = TERMS[grade]
    return _number(
        f"evidence.{grade}", f"依据：{zh}（秒）", f"Evidence: {en} (s)", Cell.SECONDS, lambda row: row.record.evidence_seconds()[grade]
    )


def correction_text(sheet: AttendanceSheet, correction: Correction, locale: str) -> str:
    """One correction in words: what to which value, by whom and why."""
    arrow = "改为" if locale == "zh" else "set to"
    change = f"{word(f'corrected.{correction.field}', locale)} {arrow} {_spelled(correction.value, locale)}"
    return f"{change} [{sheet.author_name(correction.author)}: {correction.reason}]"


def _spelled(value: Any, locale: str) -> str:
    if value is None:
        return "测量值" if locale == "zh" else "the measured value"
    if isinstance(value, bool):
        return yes_no(value, locale)
    return word(value, locale) if isinstance(value, str) else f"{value:g} s"


def _corrections(sheet: AttendanceSheet, row: SheetRow, locale: str) -> str:
    return "；".join(correction_text(sheet, c, locale) for c in row.record.corrections)


COLUMNS: tuple[Column, ...] = (
    _of_sheet("meetingId", "会议标识", "Meeting id", Cell.TEXT, 16, lambda s: s.meeting_id),
    _text("memberId", "党员标识", "Member id", 16, lambda r, _: r.member_id),
    _text("number", "编号", "Number", 12, lambda r, _: r.number),
    _text("name", "姓名", "Name", 14, lambda r, _: r.name),
    _text("homeBranch", "所在支部", "Home branch", 22, lambda r, _: r.branch_name),
    _text("stage", "类别", "Stage", 12, lambda r, lang: word(r.stage, lang)),
    _text("capacity", "参会身份", "Capacity", 12, lambda r, lang: word(r.capacity, lang)),
    _text("exempt", "可不到会", "No hard requirement", 10, lambda r, lang: yes_no(r.exempt, lang)),
    _text("grade", "到会认定", "Grade", 12, lambda r, lang: word(r.grade, lang)),
    _text("leave", "请假审批", "Leave", 10, lambda r, lang: word(r.leave, lang) if r.leave else ""),
    _text("leaveReason", "请假事由", "Reason for leave", 20, lambda r, _: r.leave_reason or ""),
    _number("firstJoin", "首次进入", "First join", Cell.INSTANT, lambda r: r.record.first_join),
    _number("lastLeave", "最后离开", "Last leave", Cell.INSTANT, lambda r: r.record.last_leave),
    _number("presentSeconds", "在会时间（秒）", "Presence (s)", Cell.SECONDS, lambda r: r.record.present_seconds),
    _number("presentClock", "在会时间", "Presence", Cell.CLOCK, lambda r: r.record.present_seconds),
    _number("share", "在会比例", "Presence share", Cell.SHARE, lambda r: r.record.share),
    _number("bridgedSeconds", "其中断线计入（秒）", "Of it bridged (s)", Cell.SECONDS, lambda r: r.record.bridged_seconds),
    _number("lateSeconds", "迟到（秒）", "Late by (s)", Cell.SECONDS, lambda r: r.record.late_seconds),
    _number("earlySeconds", "早退（秒）", "Left early by (s)", Cell.SECONDS, lambda r: r.record.early_seconds),
    _number("connections", "连接次数", "Connections", Cell.INTEGER, lambda r: r.record.connections),
    _number("devices", "设备数", "Devices", Cell.INTEGER, lambda r: r.record.devices),
    _number("speakingSeconds", "发言时间（秒）", "Speaking (s)", Cell.SECONDS, lambda r: r.record.speech.speaking_seconds),
    _number("speakingClock", "发言时间", "Speaking", Cell.CLOCK, lambda r: r.record.speech.speaking_seconds),
    _number("speeches", "发言段数", "Stretches of speech", Cell.INTEGER, lambda r: r.record.speech.speeches),
    _number("floorSeconds", "获准发言（秒）", "Held the floor (s)", Cell.SECONDS, lambda r: r.record.speech.floor_seconds),
    *(_evidence(grade) for grade in EvidenceGrade),
    _text("inferredEnd", "结束为推定", "End inferred", 10, lambda r, lang: yes_no(r.record.inferred, lang)),
    _text("measuredGrade", "原测量认定", "Measured grade", 12, lambda r, lang: word(r.record.measured_grade, lang)),
    _number(
        "measuredPresentSeconds", "原测量在会（秒）", "Measured presence (s)", Cell.SECONDS, lambda r: r.record.measured_present_seconds
    ),
    _number(
        "measuredSpeakingSeconds",
        "原测量发言（秒）",
        "Measured speaking (s)",
        Cell.SECONDS,
        lambda r: r.record.speech.measured_speaking_seconds,
    ),
    Column("corrections", "更正", "Corrections", Cell.TEXT, 30, _corrections),
    _text("objection", "异议", "Objection", 10, lambda r, lang: word(r.objection, lang) if r.objection else ""),
    _text("complaints", "记录说明", "Remarks on the record", 30, lambda r, lang: "；".join(c.sentence(lang) for c in r.complaints)),
    _of_sheet("schemaVersion", "格式版本", "Schema version", Cell.INTEGER, 10, lambda s: s.schema_version),
    _of_sheet("rulebookVersion", "规则版本", "Rulebook version", Cell.TEXT, 10, lambda s: s.rulebook_version),
    _of_sheet("lastFactNumber", "末条事实序号", "Last fact number", Cell.INTEGER, 12, lambda s: s.last_fact_number),
    _of_sheet("lastFactHash", "末条事实校验值", "Last fact hash", Cell.TEXT, 20, lambda s: s.last_fact_hash),
)
