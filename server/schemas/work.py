"""Work a branch assigns to a member, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Instant, Reason, Shape

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


class WorkView(Shape):
    """Newest first."""

    member_id: Id
    name: str
    items: list[WorkLine]
    may_assign: bool
    may_answer: bool


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
