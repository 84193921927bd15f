"""A meeting told as facts: `Story().opened(0).joined("li", 10)…`; instants are seconds after 20:00 of an evening in Shanghai."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ledger.facts import GENESIS, Fact, FactKind, RecordedFact, chain_hash
from ledger.model import Attendee, Capacity, LeaveRequest, Meeting, MeetingForm, MeetingState, Member, MemberStatus, Stage
from ledger.rulebook import DEFAULT, Rulebook
from ledger.rules.attendance import MeetingAttendance, MemberAttendance, measure
from ledger.rules.complaints import Complaint

T = 1795521600.0  # 2026-11-24T20:00:00+08:00
HOUR = 3600.0


class Story:
    def __init__(self) -> None:
        self.facts: list[RecordedFact] = []

    def fact(
        self, kind: FactKind, at: float, member: str | None = None, *, author: str = "system", reason: str | None = None, **body: Any
    ) -> Story:
        number = len(self.facts) + 1
        fact = Fact(f"k{number}", "meeting:mt", kind, T + at, member, body, author, reason)
        previous = self.facts[-1].hash if self.facts else GENESIS
        self.facts.append(RecordedFact(fact, number, T + at, chain_hash(previous, fact, number)))
        return self

    def opened(self, at: float = 0.0) -> Story:
        return self.fact(FactKind.MEETING_OPENED, at)

    def ended(self, at: float = HOUR, **body: Any) -> Story:
        return self.fact(FactKind.MEETING_ENDED, at, **body)

    def joined(self, member: str, at: float, connection: str = "", device: str = "desk") -> Story:
        return self.fact(
            FactKind.CONNECTION_JOINED, at, member, connectionId=connection or f"c-{member}", deviceId=device, device="desktop"
        )

    def left(self, member: str, at: float, connection: str = "", **body: Any) -> Story:
        return self.fact(FactKind.CONNECTION_LEFT, at, member, connectionId=connection or f"c-{member}", reason="closed", **body)

    def there(self, member: str, start: float, end: float, connection: str = "", device: str = "desk") -> Story:
        connection = connection or f"c-{member}-{start}"
        return self.joined(member, start, connection, device).left(member, end, connection)

    def spoke(self, member: str, start: float, end: float, connection: str = "", producer: str = "mic") -> Story:
        body: dict[str, Any] = {"connectionId": connection or f"c-{member}", "producerId": producer, "start": T + start, "end": T + end}
        return self.fact(FactKind.SPEECH_SEGMENT, start, member, **body)

    def corrected(self, member: str, field: str, value: Any, *, author: str = "secretary", reason: str = "by telephone") -> Story:
        return self.fact(FactKind.ATTENDANCE_CORRECTED, 2 * HOUR, member, author=author, reason=reason, field=field, value=value)

    def measure(
        self, rulebook: Rulebook = DEFAULT, attendees: Collection[Attendee] = (), leaves: Collection[LeaveRequest] = (), **options: Any
    ) -> tuple[MeetingAttendance, tuple[Complaint, ...]]:
        return measure(self.facts, rulebook, attendees, leaves, **options)

    def record(self, member: str, **options: Any) -> MemberAttendance:
        return self.measure(**options)[0].members[member]

    def codes(self, **options: Any) -> list[str]:
        return [complaint.code for complaint in self.measure(**options)[1]]


def expected(*members: str, exempt: bool = False) -> list[Attendee]:
    return [Attendee("mt", member, Capacity.EXPECTED, exempt) for member in members]


def a_meeting(**changes: Any) -> Meeting:
    shape: dict[str, Any] = {
        "meeting_id": "mt",
        "org_id": "b1",
        "form": MeetingForm.BRANCH_GENERAL_MEETING,
        "title": "第四季度支部党员大会",
        "planned_start": T,
        "planned_end": T + HOUR,
        "state": MeetingState.ENDED,
        "created_by": "account-1",
    }
    return Meeting(**(shape | changes))


def a_member(member_id: str, name: str = "", number: str = "", **changes: Any) -> Member:
    return Member(member_id, number or f"N-{member_id}", name or member_id, Stage.FULL, MemberStatus.ACTIVE, "b1", **changes)
