"""The book of dues of the demo's first branch: paid in time, by the quarter, behind, corrected; of other branches nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from .access import OPERATOR
from .actions import dues
from .dues import DuesGroup
from .model import day_of
from .ports import Store
from .rules.dues import count_of, month_at, month_of

DAY = 86_400.0
_SECRETARY = replace(OPERATOR, account=replace(OPERATOR.account, account_id="demo-secretary"))
# place → (months paid before this one, months now behind, monthly amount in fen, group, by the quarter)
_BOOKS: dict[int, tuple[int, int, int, DuesGroup, bool]] = {
    1: (5, 0, 6000, DuesGroup.EMPLOYED, False),
    2: (5, 0, 12_000, DuesGroup.EMPLOYED, False),
    3: (5, 1, 4500, DuesGroup.EMPLOYED, False),
    4: (5, 0, 9000, DuesGroup.EMPLOYED, False),
    5: (4, 0, 20, DuesGroup.NO_INCOME, False),
    6: (5, 0, 3000, DuesGroup.EMPLOYED, False),
    7: (5, 3, 5000, DuesGroup.EMPLOYED, False),
    8: (6, 0, 2000, DuesGroup.PENSIONER, True),
    9: (5, 1, 8000, DuesGroup.EMPLOYED, False),
}


async def load_dues(store: Store, member_id: Callable[[int], str], now: float) -> None:
    today = day_of(now)
    this = count_of(month_of(today))
    for place, (months, behind, monthly, group, quarterly) in _BOOKS.items():
        first, last = this - months, this - 1 - behind
        key = member_id(place)
        terms = dues.SetTerms(key, month_at(first), group, monthly, quarterly)
        await dues.set_terms(store, _SECRETARY, terms, now - 100 * DAY)
        paid = dues.EnterDues((key,), month_at(first), month_at(last), _earlier(today, last))
        await dues.enter_dues(store, _SECRETARY, paid, now - 20 * DAY)
    await _corrected(store, member_id(4), month_at(this), today, now)


async def _corrected(store: Store, member: str, month: str, today: date, now: float) -> None:
    """Entered with a wrong amount, and put right."""
    (line,) = await dues.enter_dues(store, _SECRETARY, dues.EnterDues((member,), month, month, today, 900), now)
    right = dues.CorrectDues(line.entry_id, "金额少写一个零", False, month, month, today, 9000)
    await dues.correct_dues(store, _SECRETARY, right, now + 1)


def _earlier(today: date, last: int) -> date:
    """A day in the last month that was paid, and never after today."""
    year, month = map(int, month_at(last).split("-"))
    return min(today, date(year, month, 5))
