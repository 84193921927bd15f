"""Assigned work as CSV and XLSX, with what was answered word for word. Every cell is text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..actions.worklists import ListedWork
from ..assignedwork import WorkOutcome
from ..model import day_of
from .csv import csv_bytes
from .xlsx import table_xlsx

HEADINGS = {
    "zh": (
        *("党员编号", "姓名", "所在支部", "支部代码", "工作内容", "具体要求", "分配的支部", "分配日期"),
        *("完成期限", "情况", "完成日期", "答复日期", "答复人", "说明"),
    ),
    "en": (
        *("Member number", "Name", "Branch", "Branch code", "What", "More about it", "Assigned by", "Assigned on"),
        *("Due by", "State", "Done on", "Answered on", "Answered by", "What was said"),
    ),
}
_OUTCOMES = {
    WorkOutcome.DONE: ("已完成", "done"),
    WorkOutcome.DECLINED: ("未承担", "declined"),
    WorkOutcome.WITHDRAWN: ("已收回", "taken back"),
}
_OPEN, _LATE = ("进行中", "open"), ("已逾期", "overdue")


def work_lines_csv(lines: Sequence[ListedWork], today: date, locale: str) -> bytes:
    return csv_bytes([HEADINGS[locale], *(_row(one, today, locale) for one in lines)])


def work_lines_xlsx(lines: Sequence[ListedWork], today: date, locale: str) -> bytes:
    return table_xlsx("所分配的工作" if locale == "zh" else "Assigned work", HEADINGS[locale], [_row(one, today, locale) for one in lines])


def _row(one: ListedWork, today: date, locale: str) -> list[str]:
    work = one.work
    state = _OUTCOMES[work.outcome] if work.outcome else _LATE if work.due_on < today else _OPEN
    return [
        one.member.number,
        one.member.name,
        one.home.name,
        one.home.code,
        work.title,
        work.detail,
        one.org.name,
        day_of(work.assigned_at).isoformat(),
        work.due_on.isoformat(),
        state[locale != "zh"],
        work.done_on.isoformat() if work.done_on else "",
        day_of(work.answered_at).isoformat() if work.answered_at is not None else "",
        one.answered_by,
        work.reason,
    ]
