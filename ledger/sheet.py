"""The attendance sheet: one meeting's records with names, counts and versions, as a frozen value that every export is made from.

It joins what the rules measured with the list of the meeting. It knows no format and no language, and nothing about who may see it. The
number and hash of the last fact stand on it, so that whoever has the facts can make the same sheet again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .facts import GENESIS, SCHEMA_VERSION, RecordedFact
from .model import Attendee, Capacity, Decision, LeaveRequest, Meeting, MeetingForm, MeetingState, Member, Stage
from .rulebook import Rulebook
from .rules.attendance import MeetingAttendance, MemberAttendance, measure
from .rules.complaints import Complaint
from .rules.corrections import AttendanceGrade, ObjectionRecord
from .rules.intervals import Interval
from .rules.session import Session

ATTENDED = frozenset({AttendanceGrade.PRESENT, AttendanceGrade.PARTLY_PRESENT})


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One attendee. `branch_name`: of the home branch, for those who come from another one."""

    member_id: str
    number: str
    name: str
    branch_name: str
    stage: Stage
    capacity: Capacity
    exempt: bool
    leave: Decision | None
    leave_reason: str | None
    record: MemberAttendance
    objection: Decision | None  # of the latest objection
    complaints: tuple[Complaint, ...]

    @property
    def grade(self) -> AttendanceGrade:
        return self.record.grade


@dataclass(frozen=True, slots=True)
class SheetCounts:
    """Numbers of expected attendees by grade. expected = present + partly present + excused + absent + exempt."""

    expected: int
    present: int
    partly_present: int
    excused: int
    absent: int
    exempt: int
    observers: int  # who came
    host_members: int  # who came


@dataclass(frozen=True, slots=True)
class AttendanceSheet:
    meeting_id: str
    title: str
    form: MeetingForm
    org_name: str
    state: MeetingState
    chair_name: str | None
    agenda: str
    planned_start: float
    planned_end: float
    session: Session
    late_entry: bool
    counts: SheetCounts
    rows: tuple[SheetRow, ...]  # expected first, then observers, then host members; each by number
    objections: tuple[ObjectionRecord, ...]
    author_names: Mapping[str, str]  # of whoever corrected or decided, by the id their facts carry
    objections_until: float | None
    complaints: tuple[Complaint, ...]
    present_share: float
    bridge_tolerance: float
    schema_version: int
    rulebook_version: str
    rulebook_hash: str
    last_fact_number: int
    last_fact_hash: str
    as_of: float  # the instant of the last fact: the only date an export may carry as its own

    @property
    def opened_at(self) -> float | None:
        return self.session.start

    @property
    def ended_at(self) -> float | None:
        return None if self.session.running else self.session.end

    def author_name(self, author: str) -> str:
        return self.author_names.get(author, author)

    def names(self, grade: AttendanceGrade) -> tuple[str, ...]:
        """Names of the expected attendees of one grade, in the order of the rows."""
        return tuple(row.name for row in self.rows if row.capacity is Capacity.EXPECTED and row.grade is grade)

    def row_of(self, member_id: str) -> SheetRow | None:
        return next((row for row in self.rows if row.member_id == member_id), None)


def build_sheet(
    meeting: Meeting,
    org_name: str,
    attendees: Collection[Attendee],
    members: Mapping[str, Member],
    leaves: Collection[LeaveRequest],
    facts: Iterable[RecordedFact],
    rulebook: Rulebook,
    *,
    present_share: float | None = None,
    chair_name: str | None = None,
    branch_names: Mapping[str, str] | None = None,
    author_names: Mapping[str, str] | None = None,
    until: float | None = None,
) -> AttendanceSheet:
    """`members`: by id, whoever is on the list; `branch_names`: by id; `author_names`: by account id; `until`: now, while it is running."""
    recorded = tuple(facts)
    found, complaints = measure(
        recorded, rulebook, attendees, leaves, registered=_registered(meeting), present_share=present_share, until=until
    )
    requests = {leave.member_id: leave for leave in leaves}
    rows = tuple(_row(a, members[a.member_id], requests, found, complaints, branch_names or {}) for a in _in_order(attendees, members))
    last = max(recorded, key=lambda r: r.number, default=None)
    return AttendanceSheet(
        meeting_id=meeting.meeting_id,
        title=meeting.title,
        form=meeting.form,
        org_name=org_name,
        state=meeting.state,
        chair_name=chair_name,
        agenda=meeting.agenda,
        planned_start=meeting.planned_start,
        planned_end=meeting.planned_end,
        session=found.session,
        late_entry=meeting.late_entry,
        counts=_counts(rows),
        rows=rows,
        objections=found.objections,
        author_names=_authors(recorded, author_names or {}),
        objections_until=found.objections_until,
        complaints=complaints,
        present_share=found.present_share,
        bridge_tolerance=rulebook.bridge_tolerance,
        schema_version=SCHEMA_VERSION,
        rulebook_version=rulebook.version,
        rulebook_hash=rulebook.content_hash(),
        last_fact_number=last.number if last else 0,
        last_fact_hash=last.hash if last else GENESIS,
        as_of=last.fact.at if last else meeting.planned_start,
    )


def _authors(recorded: Iterable[RecordedFact], names: Mapping[str, str]) -> Mapping[str, str]:
    """Only those who are authors here, so that who else was asked about cannot change the sheet."""
    return {one.fact.author: names[one.fact.author] for one in recorded if one.fact.author in names}


def _registered(meeting: Meeting) -> Interval | None:
    """Times to fall back on where no opening is among the facts: a late entry, or what is kept with the meeting itself."""
    if meeting.opened_at is not None and meeting.ended_at is not None:
        return Interval(meeting.opened_at, meeting.ended_at)
    return Interval(meeting.planned_start, meeting.planned_end) if meeting.late_entry else None


_CAPACITIES = tuple(Capacity)


def _in_order(attendees: Collection[Attendee], members: Mapping[str, Member]) -> list[Attendee]:
    known = {a.member_id: a for a in attendees if a.member_id in members}
    return sorted(known.values(), key=lambda a: (_CAPACITIES.index(a.capacity), members[a.member_id].number, a.member_id))


def _row(
    attendee: Attendee,
    member: Member,
    leaves: Mapping[str, LeaveRequest],
    found: MeetingAttendance,
    complaints: tuple[Complaint, ...],
    branch_names: Mapping[str, str],
) -> SheetRow:
    leave = leaves.get(member.member_id)
    objections = [o for o in found.objections if o.member_id == member.member_id]
    return SheetRow(
        member_id=member.member_id,
        number=member.number,
        name=member.name,
        branch_name=branch_names.get(member.home_branch_id, ""),
        stage=member.stage,
        capacity=attendee.capacity,
        exempt=attendee.exempt,
        leave=leave.decision if leave else None,
        leave_reason=leave.reason if leave else None,
        record=found.members[member.member_id],
        objection=objections[-1].decision if objections else None,
        complaints=tuple(c for c in complaints if c.member_id == member.member_id),
    )


def _counts(rows: tuple[SheetRow, ...]) -> SheetCounts:
    expected = [row.grade for row in rows if row.capacity is Capacity.EXPECTED]
    guests = [row.capacity for row in rows if row.grade in ATTENDED]
    return SheetCounts(
        expected=len(expected),
        present=expected.count(AttendanceGrade.PRESENT),
        partly_present=expected.count(AttendanceGrade.PARTLY_PRESENT),
        excused=expected.count(AttendanceGrade.EXCUSED),
        absent=expected.count(AttendanceGrade.ABSENT),
        exempt=expected.count(AttendanceGrade.EXEMPT),
        observers=guests.count(Capacity.OBSERVER),
        host_members=guests.count(Capacity.HOST_MEMBER),
    )
