"""Months on the calendar: a clock of n months, and periods of n months that divide the year (quarters, half-years, years).

Cached, since the nightly evaluation asks the same few thousand days for 100,000 members.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache


@lru_cache(maxsize=65_536)
def add_months(day: date, months: int) -> date:
    """The same day n months later; the last day of a shorter month (31 August + 6 → 28 or 29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=65_536)
def period_end(day: date, months: int) -> date:
    """Last day of the calendar period of n months (n divides 12) the day lies in."""
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return add_months(first, months) - timedelta(days=1)


@lru_cache(maxsize=65_536)
def next_period_end(day: date, months: int) -> date:
    """Until when something done once in each period must be done again, if it was done on `day`."""
    return period_end(period_end(day, months) + timedelta(days=1), months)


def whole_months(since: date, until: date) -> int:
    """Whole months between two days; 0 if they are the wrong way round."""
    months = (until.year - since.year) * 12 + until.month - since.month
    return max(0, months if add_months(since, months) <= until else months - 1)


def months_of(year_month: str) -> int | None:
    """ "2026-05" as a count of months, to compare by; None for anything else."""
    year, dash, month = year_month.partition("-")
    if not (dash and len(year) == 4 and len(month) == 2 and year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12):
        return None
    return int(year) * 12 + int(month)
