"""Corrections and objections: later facts that change what is shown and leave what was measured beside it.

Fields of a correction: `presentSeconds` and `speakingSeconds` (a number ≥ 0), `grade` (one of the grades), `excused` (true or false). The
last correction of a field counts; the value null goes back to what was measured. Who may correct is not decided here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..facts import FactKind, RecordedFact
from ..model import Decision
from .complaints import Complaint
from .session import Session
from .timeline import Facts, is_instant, of_kind, text_of

DAY = 86400.0


class AttendanceGrade(StrEnum):
    PRESENT = "present"  # 到会: at least the threshold's share of the session
    PARTLY_PRESENT = "partlyPresent"  # 部分到会: there, but for less
    ABSENT = "absent"  # 缺席, without leave
    EXCUSED = "excused"  # 请假, approved
    EXEMPT = "exempt"  # no hard requirement, and not there


class CorrectedField(StrEnum):
    PRESENT_SECONDS = "presentSeconds"
    SPEAKING_SECONDS = "speakingSeconds"
    GRADE = "grade"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction as it was made; `number` is its fact's. `value` None: back to what was measured."""

    field: CorrectedField
    value: Any
    author: str
    reason: str
    at: float
    number: int
    objection_id: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectionRecord:
    objection_id: str
    member_id: str
    text: str
    raised_at: float
    in_time: bool
    decision: Decision = Decision.PENDING
    decided_by: str | None = None
    decided_at: float | None = None
    answer: str | None = None


def is_valid_correction(field: object, value: object) -> bool:
    """Whether a correction can be applied; asked before the fact is appended as well as when it is read."""
    if value is None:
        return field in set(CorrectedField)
    if field in (CorrectedField.PRESENT_SECONDS, CorrectedField.SPEAKING_SECONDS):
        return is_instant(value) and value >= 0  # type: ignore[operator]
    if field == CorrectedField.EXCUSED:
        return isinstance(value, bool)
    return field == CorrectedField.GRADE and isinstance(value, str) and value in set(AttendanceGrade)


def corrections_of(facts: Facts) -> tuple[dict[str, tuple[Correction, ...]], set[Complaint]]:
    """Member id → corrections in the order they were recorded."""
    found: dict[str, list[Correction]] = defaultdict(list)
    complaints: set[Complaint] = set()
    for one in sorted(of_kind(facts, FactKind.ATTENDANCE_CORRECTED), key=lambda r: r.number):
        member_id, field, value = one.fact.member_id, one.fact.body.get("field"), one.fact.body.get("value")
        if not member_id or not is_valid_correction(field, value):
            complaints.add(Complaint("correctionMalformed", member_id, one.number))
        elif one.fact.author in ("", "system") or not (one.fact.reason or "").strip():
            complaints.add(Complaint("correctionWithoutReason", member_id, one.number))
        else:
            found[member_id].append(_correction(one))
    return {member_id: tuple(made) for member_id, made in found.items()}, complaints


def _correction(one: RecordedFact) -> Correction:
    fact = one.fact
    field = CorrectedField(fact.body["field"])
    return Correction(field, fact.body.get("value"), fact.author, fact.reason or "", fact.at, one.number, text_of(one, "objectionId"))


def corrected(corrections: tuple[Correction, ...], field: CorrectedField, measured: Any) -> Any:
    """The value that counts: of the last correction of the field, or what was measured."""
    last = next((c for c in reversed(corrections) if c.field is field), None)
    return measured if last is None or last.value is None else last.value


def objections_until(session: Session, facts: Facts, window_days: float) -> float | None:
    """The end of the objection window; None while the meeting is still going on. For a late entry it runs from the entry on."""
    if session.end is None or session.running:
        return None
    entered = [one.fact.at for one in of_kind(facts, FactKind.LATE_ENTRY)]
    return max([session.end, *entered]) + window_days * DAY


def objections_of(facts: Facts, until: float | None) -> tuple[tuple[ObjectionRecord, ...], set[Complaint]]:
    """Objections in the order they were raised, each with its decision. `until`: the end of the window."""
    found: dict[str, ObjectionRecord] = {}
    complaints: set[Complaint] = set()
    for one in sorted(of_kind(facts, FactKind.OBJECTION_RAISED, FactKind.OBJECTION_DECIDED), key=lambda r: r.number):
        objection_id, member_id = text_of(one, "objectionId"), one.fact.member_id
        if objection_id is None or (one.fact.kind is FactKind.OBJECTION_RAISED and member_id is None):
            complaints.add(Complaint("factMalformed", member_id, one.number))
        elif one.fact.kind is FactKind.OBJECTION_RAISED:
            in_time = until is None or one.fact.at <= until
            record = ObjectionRecord(objection_id, member_id or "", str(one.fact.body.get("text", "")), one.fact.at, in_time)
            found.setdefault(objection_id, record)
            complaints.update(() if in_time else {Complaint("objectionAfterWindow", member_id, one.number)})
        else:
            complaints.update(_decide(found, objection_id, one))
    return tuple(found.values()), complaints


def _decide(found: dict[str, ObjectionRecord], objection_id: str, one: RecordedFact) -> set[Complaint]:
    record = found.get(objection_id)
    if record is None:
        return {Complaint("decidedWithoutObjection", one.fact.member_id, one.number)}
    if record.decision is not Decision.PENDING:
        return {Complaint("decidedTwice", record.member_id, one.number)}
    decision = Decision.APPROVED if one.fact.body.get("accepted") is True else Decision.REJECTED
    answer = text_of(one, "answer")
    found[objection_id] = ObjectionRecord(
        objection_id, record.member_id, record.text, record.raised_at, record.in_time, decision, one.fact.author, one.fact.at, answer
    )
    return set()
