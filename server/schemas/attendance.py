"""Afterwards: the attendance sheet, the own record, objections, corrections, points, the log of who looked."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .base import Id, Instant, Page, Reason, Seconds, Shape, StageName, Text
from .meetings import CapacityName, DecisionName, FormName, MeetingStateName

GradeName = Literal["present", "partlyPresent", "absent", "excused", "exempt"]


class IntervalView(Shape):
    """A stretch of presence. `bridged` seconds of it are gaps up to the tolerance; evidence is the best grade seen in it."""

    start: Instant
    end: Instant
    bridged_seconds: Seconds
    evidence: Literal["connected", "mediaFlowing", "signInAnswered", "confirmed"]
    inferred_end: bool


class CorrectionView(Shape):
    """What was changed by whom and why; the measured value stays beside it."""

    field: str
    measured: Any
    value: Any
    author_name: str
    reason: str
    at: Instant


class SheetRow(Shape):
    member_id: Id
    number: str
    name: str
    branch_name: str
    stage: StageName
    capacity: CapacityName
    exempt: bool
    grade: GradeName
    leave: DecisionName | None
    leave_reason: str | None
    first_join: Instant | None
    last_leave: Instant | None
    present_seconds: Seconds
    share: float
    late_seconds: Seconds
    early_seconds: Seconds
    connections: int
    devices: int
    speaking_seconds: Seconds
    speeches: int
    floor_seconds: Seconds
    evidence: dict[str, float]  # evidence grade → seconds
    intervals: list[IntervalView]
    corrections: list[CorrectionView]
    objection: DecisionName | None
    complaints: list[str]


class SheetView(Shape):
    meeting_id: Id
    title: str
    form: FormName
    org_name: str
    state: MeetingStateName
    planned_start: Instant
    planned_end: Instant
    opened_at: Instant | None
    ended_at: Instant | None
    session_seconds: Seconds
    chair_name: str | None
    expected: int
    present: int
    partly_present: int
    excused: int
    absent: int
    exempt: int
    absent_names: list[str]
    excused_names: list[str]
    observers: int
    host_members: int
    rows: list[SheetRow]
    complaints: list[str]
    present_share: float
    bridge_seconds: float
    schema_version: int
    rulebook_version: str
    last_fact_number: int
    last_fact_hash: str
    objections_until: Instant | None
    objections: list[ObjectionView]
    may_correct: bool


class ObjectionView(Shape):
    objection_id: Id
    member_id: Id
    name: str
    text: str
    raised_at: Instant
    decision: DecisionName
    decided_by_name: str | None
    decided_at: Instant | None
    answer: str | None


class OwnRecord(Shape):
    """One's own row of one meeting, the measuring rule in numbers, and the way to object."""

    meeting_id: Id
    title: str
    opened_at: Instant | None
    ended_at: Instant | None
    session_seconds: Seconds
    present_share: float
    bridge_seconds: float
    rulebook_version: str
    row: SheetRow
    facts: list[FactView]
    objection: ObjectionView | None
    objections_until: Instant | None
    may_object: bool


class FactView(Shape):
    number: int
    kind: str
    at: Instant
    recorded_at: Instant
    member_id: Id | None
    author_name: str
    reason: str | None
    body: dict[str, Any]
    hash: str


class FactPage(Page[FactView]):
    pass


class RaiseObjection(Shape):
    text: Reason


class DecideObjection(Shape):
    accepted: bool
    answer: Reason


class Correct(Shape):
    """`field` one of presentSeconds, speakingSeconds (number), grade (one of the grades), excused (bool). The original stays visible."""

    member_id: Id
    field: Literal["presentSeconds", "speakingSeconds", "grade", "excused"]
    value: float | bool | str
    reason: Reason
    objection_id: Id | None = None


class ConfirmPresence(Shape):
    """The secretary vouches for a stretch: telephone, a shared device, in the room."""

    member_id: Id
    start: Instant
    end: Instant
    how: Literal["telephone", "sharedDevice", "inRoom"]
    reason: Text = ""


class PointLine(Shape):
    entry_id: str
    at: Instant
    points: float
    rule: str
    rulebook_version: str
    explanation_zh: str
    explanation_en: str
    meeting_id: Id | None
    fact_keys: list[str]


class PointsView(Shape):
    enabled: bool
    total: float
    year: int
    lines: list[PointLine]


class NoticeParameter(Shape):
    key: str
    value: str
    title_zh: str
    title_en: str
    basis_zh: str
    basis_en: str


class NoticeView(Shape):
    """What is measured, by which rule, who sees it, how long it is kept: shown before joining, consented to by version."""

    version: str
    rulebook_version: str
    paragraphs_zh: list[str]
    paragraphs_en: list[str]
    parameters: list[NoticeParameter]
    my_consent_at: Instant | None


class AccessLine(Shape):
    at: Instant
    account_name: str
    action: str
    subject: str
    subject_name: str
    detail: dict[str, str]


class AccessPage(Page[AccessLine]):
    pass


class GiveConsent(Shape):
    notice_version: str = Field(max_length=40)
    meeting_id: Id | None = None


SheetView.model_rebuild()
OwnRecord.model_rebuild()
