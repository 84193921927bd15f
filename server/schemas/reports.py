"""Thought reports and the files beside a record."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Instant, Revision, Shape, StageName
from .queries import PageNumber, PageSize

ReportStateName = Literal["draft", "handedIn", "returned", "answered"]
ReportStepName = Literal["handedIn", "takenBack", "returned", "answered"]
ReportDutyName = Literal["later", "soon", "overdue", "escalated"]
ReportTitle = Annotated[str, StringConstraints(max_length=120)]
ReportText = Annotated[str, StringConstraints(max_length=20_000)]  # as it was typed: a draft keeps its spaces
ReportNote = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=4000)]


class AttachmentLine(Shape):
    """Fetched at `GET /attachments/{attachmentId}`; `sha256` in hex."""

    attachment_id: Id
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: Instant


class BeginReport(Shape):
    """`report_id` may be made by the page (32 hexadecimal digits): sent twice, it is begun once. Without `period_end`: what is due."""

    report_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None
    period_end: Day | None = None
    title: ReportTitle = ""
    text: ReportText = ""


class SaveReport(Shape):
    revision: Revision
    title: ReportTitle
    text: ReportText


class HandIn(Shape):
    revision: Revision


class ReportAnswer(Shape):
    note: ReportNote


class ReportStepLine(Shape):
    """`note`: the answer, or what to revise."""

    kind: ReportStepName
    at: Instant
    by: str
    note: str


class ReportLine(Shape):
    """A report in a list, without its text. `member_name` in the lists of those who read."""

    report_id: Id
    member_id: Id
    member_name: str
    title: str
    period_end: Day
    state: ReportStateName
    changed_at: Instant
    handed_in_at: Instant | None
    read_at: Instant | None


class ReportView(ReportLine):
    text: str
    revision: int
    steps: list[ReportStepLine]
    attachments: list[AttachmentLine]
    mine: bool
    may_write: bool
    may_answer: bool


class ReportDutyLine(Shape):
    """`months`: the length of the period; `basis_zh`, `basis_en`: why it is asked for."""

    member_id: Id
    member_name: str
    stage: StageName
    branch_name: str
    due_on: Day
    state: ReportDutyName
    last_on: Day | None
    months: int
    basis_zh: str
    basis_en: str


class OwnReports(Shape):
    """`duty` null: none are asked for; writing one is always possible."""

    reports: list[ReportLine]
    duty: ReportDutyLine | None
    reads_others: bool


class ReportTraySearch(Shape):
    state: Literal["handedIn", "returned", "answered"] = "handedIn"
    page: PageNumber = 1
    page_size: PageSize = 50


class ReportTray(Shape):
    """Those waiting longest first."""

    items: list[ReportLine]
    total: int
    page: int
    page_size: int


class ReportDutySearch(Shape):
    org_id: Id | None = None


class ReportDuties(Shape):
    """Everybody who owes reports in the branches one is responsible for, the most overdue first."""

    items: list[ReportDutyLine]
    overdue: Annotated[int, Field(ge=0)]
