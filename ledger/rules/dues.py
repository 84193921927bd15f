"""Dues: how far they are paid, what is missing, until when the next are due, and what the rates would make of a monthly base.

Pure: lines of the book and the terms in, a standing out. Dues of a month are due by its last day; where the branch has consented to pay by
the quarter, by the last day of that. A book begins with the first month that stands in it, or with the first terms: what was before is
unknown, and is never held against anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..dues import DuesEntry, DuesGroup, DuesStanding, DuesTerms
from ..duesrules import DuesRules
from .declined import Declined, declined
from .months import months_of, period_end

QUARTER = 3
MOST_MONTHS = 24  # that one payment may be for
MOST_AHEAD = 12  # months from now
FIRST_YEAR = 1950


class DuesState(StrEnum):
    PAID = "paid"  # nothing is due within the days of the reminder
    SOON = "soon"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class DuesDue:
    """What is to be paid next: the month and the last day for it. `behind`: months whose day has passed."""

    month: str
    due_on: date
    state: DuesState
    behind: int


def month_at(count: int) -> str:
    """The month a count of months stands for (`months_of`)."""
    year, month = divmod(count - 1, 12)
    return f"{year:04d}-{month + 1:02d}"


def count_of(month: str) -> int:
    found = months_of(month)
    if found is None:
        raise ValueError(month)
    return found


def month_of(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def months_between(first: str, last: str) -> list[str]:
    return [month_at(one) for one in range(count_of(first), count_of(last) + 1)]


def in_force(entries: Iterable[DuesEntry]) -> list[DuesEntry]:
    """Lines that no other line stands in place of, and that take nothing back."""
    found = list(entries)
    replaced = {one.corrects for one in found}
    return [one for one in found if one.entry_id not in replaced and not one.withdrawn]


def covered(entries: Iterable[DuesEntry]) -> set[str]:
    return {month for one in in_force(entries) for month in months_between(one.from_month, one.to_month)}


def terms_in_force(terms: Iterable[DuesTerms]) -> list[DuesTerms]:
    """By beginning; of two from the same month on, the one set later counts."""
    found = list(terms)
    replaced = {one.corrects for one in found}
    by_month: dict[str, DuesTerms] = {}
    for one in sorted(found, key=lambda one: (one.since, one.set_at, one.terms_id)):
        if one.terms_id not in replaced:
            by_month[one.since] = one
    return list(by_month.values())


def standing(member_id: str, terms: Sequence[DuesTerms], entries: Sequence[DuesEntry]) -> DuesStanding | None:
    """None: nothing is known of this member's dues."""
    lines, paid, agreed = in_force(entries), covered(entries), terms_in_force(terms)
    begins = min([*paid, *(one.since for one in agreed)], default=None)
    if begins is None:
        return None
    until = count_of(begins) - 1
    while month_at(until + 1) in paid:
        until += 1
    now = agreed[-1] if agreed else None
    return DuesStanding(
        member_id,
        month_at(until),
        max((one.paid_on for one in lines), default=None),
        now.quarterly if now else False,
        now.monthly_fen if now else None,
    )


def due_day(month: str, quarterly: bool) -> date:
    year, number = map(int, month.split("-"))
    return period_end(date(year, number, 1), QUARTER if quarterly else 1)


def owed_before(today: date, quarterly: bool) -> str:
    """The first month that nobody is behind with yet: this one, or the first of this quarter."""
    count = count_of(month_of(today))
    return month_at(count - (count - 1) % QUARTER if quarterly else count)


def next_due(found: DuesStanding, rules: DuesRules, today: date) -> DuesDue:
    month = month_at(count_of(found.paid_until) + 1)
    due_on = due_day(month, found.quarterly)
    behind = max(0, count_of(owed_before(today, found.quarterly)) - count_of(month))
    soon = (due_on - today).days <= rules.remind_days
    return DuesDue(month, due_on, DuesState.BEHIND if behind else DuesState.SOON if soon else DuesState.PAID, behind)


def wrong_entry(entry: DuesEntry, number: str, others: Iterable[DuesEntry], today: date) -> Declined | None:
    """Why a line cannot be entered beside the others: duesMonthsWrong, duesDayWrong, duesMonthPaid. `number`: the member's."""
    if wrong := wrong_months(entry.from_month, entry.to_month, today):
        return wrong
    if not (entry.paid_on.year >= FIRST_YEAR and entry.paid_on <= today):
        return declined("duesDayWrong", day=entry.paid_on.isoformat())
    twice = covered(others) & set(months_between(entry.from_month, entry.to_month))
    return declined("duesMonthPaid", month=min(twice), member=number) if twice else None


def wrong_months(first: str, last: str, today: date) -> Declined | None:
    begin, end = months_of(first), months_of(last)
    now = count_of(month_of(today))
    if begin is None or end is None or not FIRST_YEAR * 12 < begin <= end <= now + MOST_AHEAD or end - begin >= MOST_MONTHS:
        return declined("duesMonthsWrong", first=first, last=last, limit=MOST_MONTHS)
    return None


def paid_late(entry: DuesEntry, rules: DuesRules) -> bool:
    """Whether a payment goes back over more months than is usual: to be looked at, not refused."""
    return count_of(month_of(entry.paid_on)) - count_of(entry.from_month) > rules.arrears_months


def reckoned(group: DuesGroup, base_fen: int, rules: DuesRules) -> int:
    """Monthly dues in fen from a monthly base, the rate of its bracket applied to the whole of it; half a fen is rounded up."""
    for one in rules.brackets(group):
        if one.up_to_fen is None or base_fen <= one.up_to_fen:
            return (base_fen * one.per_mille + 500) // 1000
    return rules.no_income_fen
