"""The nouns of dues (党费) as frozen records: what was agreed with a member, what was paid, and how the member stands by it.

A record, never a payment: no money moves here. Months are "2026-05", which sort as they are; amounts are whole fen. What a member earns is
nowhere in it: the monthly amount is entered, and the base it may have been reckoned from is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DuesGroup(StrEnum):
    """By whom dues are reckoned how."""

    EMPLOYED = "employed"
    PENSIONER = "pensioner"
    NO_INCOME = "noIncome"  # students, unemployed


@dataclass(frozen=True, slots=True)
class DuesTerms:
    """From a month on, until the next terms. `quarterly`: with the branch's consent. `monthly_fen` None: not set yet.

    `corrects`: set by mistake were those, which count no more.
    """

    terms_id: str
    member_id: str
    since: str
    group: DuesGroup
    monthly_fen: int | None
    quarterly: bool
    set_at: float
    set_by: str  # account id
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class DuesEntry:
    """One line of the book. A line is never changed: another one stands in its place (`corrects`), or takes it back (`withdrawn`)."""

    entry_id: str
    member_id: str
    from_month: str
    to_month: str
    paid_on: date
    amount_fen: int | None
    entered_at: float
    entered_by: str  # account id
    corrects: str | None = None
    withdrawn: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DuesStanding:
    """Kept beside the book, one row for each member, so that lists and the night need not read every line; made of the book alone.

    `paid_until`: the last month before the first one missing; `last_paid_on`: the latest day of a payment.
    """

    member_id: str
    paid_until: str
    last_paid_on: date | None
    quarterly: bool
    monthly_fen: int | None
