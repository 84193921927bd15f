"""How members stand by their dues as CSV and XLSX. Every cell is text; amounts in yuan."""

from __future__ import annotations

from collections.abc import Sequence

from ..actions.dueslists import DuesLine
from ..rules.dues import DuesState
from .csv import csv_bytes
from .words import yes_no
from .xlsx import table_xlsx

HEADINGS = {
    "zh": (
        *("党员编号", "姓名", "所在支部", "支部代码", "交纳情况", "交至"),
        *("欠交月数", "下次应交月份", "交纳期限", "每月应交（元）", "按季度交纳", "最近交纳日期"),
    ),
    "en": (
        *("Member number", "Name", "Branch", "Branch code", "Standing", "Paid until"),
        *("Months behind", "Next month", "Due by", "Monthly (yuan)", "By the quarter", "Last paid"),
    ),
}
_STATES = {
    DuesState.PAID: ("已交", "paid"),
    DuesState.SOON: ("将到期", "due soon"),
    DuesState.BEHIND: ("欠交", "behind"),
    None: ("无记录", "no record"),
}


def dues_lines_csv(lines: Sequence[DuesLine], locale: str) -> bytes:
    return csv_bytes([HEADINGS[locale], *(_row(one, locale) for one in lines)])


def dues_lines_xlsx(lines: Sequence[DuesLine], locale: str) -> bytes:
    return table_xlsx("党费" if locale == "zh" else "Dues", HEADINGS[locale], [_row(one, locale) for one in lines])


def _row(one: DuesLine, locale: str) -> list[str]:
    due, held = one.due, one.standing
    return [
        one.member.number,
        one.member.name,
        one.home.name,
        one.home.code,
        _STATES[due.state if due else None][locale != "zh"],
        held.paid_until if held else "",
        str(due.behind) if due else "",
        due.month if due else "",
        due.due_on.isoformat() if due else "",
        f"{held.monthly_fen / 100:.2f}" if held and held.monthly_fen else "",
        yes_no(held.quarterly, locale) if held else "",
        held.last_paid_on.isoformat() if held and held.last_paid_on else "",
    ]
