"""Work a branch assigns to a member, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Instant, Reason, Shape
from .queries import Pages, SearchText

WorkFilterName = Literal["open", "overdue", "answered", "done", "declined", "withdrawn", "all"]
WorkOutcomeName = Literal["done", "declined", "withdrawn"]
WorkAnswerName = Literal["done", "declined"]
WorkTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class WorkLine(Shape):
    """`outcome` null: open. `late`: open, and its day has passed. `reason`: of the outcome; of open work, why an answer was given back."""

    work_id: Id
    title: str
    detail: str
    org_name: str
    due_on: Day
    late: bool
    assigned_at: Instant
    assigned_by: str
    outcome: WorkOutcomeName | None
    done_on: Day | None
    answered_at: Instant | None
    answered_by: str
    reason: str
    may_answer: bool
    may_keep: bool


class WorkView(Shape):
    """Newest first. A host is shown what it assigned itself. `may_assign`: more to this member; of each piece of work, whether the reader
    may answer it, and give or take it back."""

    member_id: Id
    name: str
    items: list[WorkLine]
    may_assign: bool


class WorkSearch(Pages):
    filter: WorkFilterName = "open"
    q: SearchText = ""


class WorkExport(Shape):
    filter: WorkFilterName = "all"
    q: SearchText = ""
    format: Literal["csv", "xlsx"] = "xlsx"
    lang: Literal["zh", "en"] = "zh"


class ListedWork(Shape):
    """`branch_name`: the member's home; `org_name`: that assigned it. What was answered word for word stands with the member."""

    work_id: Id
    member_id: Id
    name: str
    number: str
    branch_name: str
    org_name: str
    by_host: bool
    title: str
    due_on: Day
    late: bool
    outcome: WorkOutcomeName | None
    done_on: Day | None
    answered_at: Instant | None
    answered_by: str


class WorkPageView(Shape):
    """`counts`: of each filter."""

    items: list[ListedWork]
    total: int
    page: int
    page_size: int
    counts: dict[str, int]
    may_assign: bool


class WorkAssigned(Shape):
    assigned: int


class AssignWorks(Shape):
    """The same to several members: to all of them or to none."""

    member_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]
    title: WorkTitle
    due_on: Day
    detail: Annotated[str, Field(max_length=2000)] = ""


class NewWork(Shape):
    title: WorkTitle
    due_on: Day
    detail: Annotated[str, Field(max_length=2000)] = ""


class AnswerWork(Shape):
    """`done_on`: with "done"; without it today. `reason`: needed to decline."""

    outcome: WorkAnswerName
    done_on: Day | None = None
    reason: Annotated[str, Field(max_length=1000)] = ""


class WorkReason(Shape):
    reason: Reason
