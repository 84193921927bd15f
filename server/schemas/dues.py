"""Dues: the book of a member, how a branch stands, and what is entered. Amounts in fen; months as 2026-05."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Instant, Reason, Shape
from .queries import PageNumber, PageSize

DuesMonth = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Fen = Annotated[int, Field(ge=1, le=100_000_000)]
DuesGroupName = Literal["employed", "pensioner", "noIncome"]
DuesStateName = Literal["paid", "soon", "behind"]
DuesFilterName = Literal["all", "behind", "unknown"]


class DuesDueView(Shape):
    """What is to be paid next. `behind`: months whose day has passed."""

    month: DuesMonth
    due_on: Day
    state: DuesStateName
    behind: int


class DuesEntryView(Shape):
    """`replaced`: another line stands in place of it. `late`: paid for more months back than is usual."""

    entry_id: Id
    from_month: DuesMonth
    to_month: DuesMonth
    paid_on: Day
    amount: int | None
    entered_at: Instant
    entered_by: str
    corrects: Id | None
    withdrawn: bool
    replaced: bool
    late: bool
    reason: str


class DuesTermsView(Shape):
    terms_id: Id
    since: DuesMonth
    group: DuesGroupName
    monthly: int | None
    quarterly: bool
    set_at: Instant
    set_by: str
    replaced: bool


class DuesClauseView(Shape):
    key: str
    title_zh: str
    title_en: str
    value_zh: str
    value_en: str
    basis_zh: str
    basis_en: str


class DuesBookView(Shape):
    """Newest first. `paid_until` null: nothing is known. `clauses`: the rates, for whoever sets an amount."""

    member_id: Id
    name: str
    number: str
    branch_name: str
    paid_until: DuesMonth | None
    last_paid_on: Day | None
    quarterly: bool
    monthly: int | None
    due: DuesDueView | None
    entries: list[DuesEntryView]
    terms: list[DuesTermsView]
    clauses: list[DuesClauseView]
    may_record: bool


class DuesSearch(Shape):
    filter: DuesFilterName = "all"
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    page: PageNumber = 1
    page_size: PageSize = 50


class DuesExport(Shape):
    filter: DuesFilterName = "all"
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    format: Literal["csv", "xlsx"] = "xlsx"
    lang: Literal["zh", "en"] = "zh"


class DuesLine(Shape):
    member_id: Id
    name: str
    number: str
    branch_name: str
    paid_until: DuesMonth | None
    last_paid_on: Day | None
    quarterly: bool
    monthly: int | None
    due: DuesDueView | None


class DuesPageView(Shape):
    """Those paid the least far first; those of whom nothing is known at the end."""

    items: list[DuesLine]
    total: int
    page: int
    page_size: int
    counts: dict[DuesFilterName, int]
    may_record: bool


class EnterDues(Shape):
    """The same months of several members. `amount` of each; without it what is agreed with each, if anything is."""

    member_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]
    from_month: DuesMonth
    to_month: DuesMonth
    paid_on: Day
    amount: Fen | None = None


class DuesEntered(Shape):
    entered: int


class CorrectDues(Shape):
    from_month: DuesMonth
    to_month: DuesMonth
    paid_on: Day
    amount: Fen | None = None
    reason: Reason


class WithdrawDues(Shape):
    reason: Reason


class SetDuesTerms(Shape):
    """`corrects`: terms that were set by mistake."""

    since: DuesMonth
    group: DuesGroupName
    monthly: Fen | None = None
    quarterly: bool = False
    corrects: Id | None = None


class ReckonDues(Shape):
    """`base`: the monthly base in fen; it is not kept."""

    group: DuesGroupName
    base: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0


class ReckonedDues(Shape):
    monthly: int
