"""Attendance: from the facts of one meeting to each member's presence, its evidence and its grade.

Presence is measured per member: the union over all devices and connections, with gaps bridged only up to the rulebook's tolerance and
marked, clipped to the formal session. A stretch the secretary confirmed counts like a connection. Nothing
here knows who may see the result.

Laws (held by the tests): order and repetition of facts change nothing; another device never takes presence away; presence ≤ session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..facts import FactKind, RecordedFact
from ..model import Attendee, Decision, LeaveRequest
from ..rulebook import Rulebook
from .complaints import Complaint, in_order
from .connections import Connection, Connections, connections_of, media_of, removals_of
from .corrections import (
    AttendanceGrade,
    CorrectedField,
    Correction,
    ObjectionRecord,
    corrected,
    corrections_of,
    objections_of,
    objections_until,
)
from .intervals import Interval, Intervals, bridged, contains, intersect, subtract, total, union
from .session import Session, session_of
from .speech import Speech, speech_of
from .timeline import Facts, in_time, of_kind, stretch_of, text_of

SIGN_IN = "signIn"  # presenceConfirmed {how: signIn}: the member's own answer; evidence for presence, never presence by itself


class EvidenceGrade(StrEnum):
    """How well a stretch of presence is known, weakest first."""

    CONNECTED = "connected"
    MEDIA_FLOWING = "mediaFlowing"
    SIGN_IN_ANSWERED = "signInAnswered"
    CONFIRMED = "confirmed"


STRONGEST_FIRST = tuple(reversed(EvidenceGrade))


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """A stretch of one grade; `grade` None: a bridged gap, for which there is no evidence."""

    start: float
    end: float
    grade: EvidenceGrade | None


@dataclass(frozen=True, slots=True)
class PresenceInterval:
    """An unbroken stretch of presence. `evidence` is the best grade seen in it; `inferred_end`: its end was concluded, not seen."""

    start: float
    end: float
    bridged_seconds: float
    evidence: EvidenceGrade
    inferred_end: bool


@dataclass(frozen=True, slots=True)
class MemberAttendance:
    """One member's record. `measured_*` is what the facts say, the field without the prefix what counts after corrections."""

    member_id: str
    grade: AttendanceGrade
    measured_grade: AttendanceGrade
    present_seconds: float
    measured_present_seconds: float
    share: float
    bridged_seconds: float
    excused: bool
    first_join: float | None
    last_leave: float | None
    late_seconds: float  # session time missed before the first presence, 0 within the tolerance
    early_seconds: float  # session time missed after the last presence, 0 within the tolerance
    connections: int
    devices: int
    intervals: tuple[PresenceInterval, ...]
    spans: tuple[EvidenceSpan, ...]
    evidence: tuple[tuple[EvidenceGrade, float], ...]  # seconds by grade, weakest first; bridged gaps are in none
    inferred: bool
    corrections: tuple[Correction, ...]
    speech: Speech

    def evidence_seconds(self) -> dict[str, float]:
        return {grade.value: seconds for grade, seconds in self.evidence}


@dataclass(frozen=True, slots=True)
class MeetingAttendance:
    """`members` by id: everyone on the list, and whoever else has a record. `objections_until` None while the meeting goes on."""

    session: Session
    members: Mapping[str, MemberAttendance]
    objections: tuple[ObjectionRecord, ...]
    objections_until: float | None
    present_share: float


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Everything found in the facts, by member id."""

    session: Session
    connections: Connections
    media: Mapping[str, Intervals]
    confirmed: Mapping[str, Intervals]
    sign_ins: Mapping[str, Intervals]
    removals: Mapping[str, tuple[float, ...]]


def measure(
    recorded: Iterable[RecordedFact],
    rulebook: Rulebook,
    attendees: Collection[Attendee] = (),
    leaves: Collection[LeaveRequest] = (),
    *,
    registered: Interval | None = None,
    present_share: float | None = None,
    until: float | None = None,
) -> tuple[MeetingAttendance, tuple[Complaint, ...]]:
    """Facts → records. `registered`: times of a meeting that has no opening in its facts; `present_share`: the organisation's own
    threshold; `until`: now, for a meeting still running (an instant in epoch seconds, like all of them)."""
    facts, complaints = in_time(recorded)
    session, odd = session_of(facts, registered, until)
    found, odder = _evidence(facts, session)
    corrections, malformed = corrections_of(facts)
    ends = objections_until(session, facts, rulebook.objection_window_days)
    objections, misplaced = objections_of(facts, ends)
    speech, misheard = speech_of(facts, session, found.connections, corrections)
    share = rulebook.present_share if present_share is None else present_share
    on_list = {a.member_id: a for a in attendees}
    excused, late_leaves = _excused(leaves, session)
    seen = found.connections.keys() | found.confirmed.keys() | corrections.keys()
    members = {}
    for member_id in sorted(on_list.keys() | seen):
        exempt = member_id in on_list and on_list[member_id].exempt
        members[member_id] = _record(
            member_id, found, rulebook, share, exempt, member_id in excused, corrections.get(member_id, ()), speech.get(member_id, Speech())
        )
    beyond = {Complaint("correctionBeyondSession", m, c.number) for m, made in corrections.items() for c in made if _is_beyond(c, session)}
    strangers = {Complaint("notOnTheList", m) for m in seen - on_list.keys()} if attendees else set()
    everything = complaints | odd | odder | malformed | misplaced | misheard | late_leaves | beyond | strangers
    return MeetingAttendance(session, members, objections, ends, share), in_order(everything)


def present_at(recorded: Iterable[RecordedFact], instant: float) -> frozenset[str]:
    """Member ids present at that moment, for a vote: connected or confirmed then. A bridged gap is not presence at a moment in it."""
    facts, _ = in_time(recorded)
    session, _ = session_of(facts, None, max([instant, *(f.fact.at for f in facts)]))
    found, _ = _evidence(facts, session)
    if not contains(session.intervals, instant) and session.end != instant:
        return frozenset()
    return frozenset(m for m in found.connections.keys() | found.confirmed.keys() if _is_there(m, found, instant))


def _is_there(member_id: str, found: _Evidence, instant: float) -> bool:
    """A connection still open at the very end of what is known is there; one that ended at that instant is not."""
    still_open = found.session.running and instant == found.session.end
    runs = [run for c in found.connections.get(member_id, ()) for run in c.runs]
    open_now = any(still_open and run.interval.end == instant and run.never_ended for run in runs)
    covered = union((*(run.interval for run in runs), *found.confirmed.get(member_id, ())))
    return open_now or contains(covered, instant)


def _evidence(facts: Facts, session: Session) -> tuple[_Evidence, set[Complaint]]:
    close_at = session.end if session.end is not None else 0.0
    connections, odd = connections_of(facts, close_at, session.running)
    media, malformed = media_of(facts, connections, close_at)
    confirmed, sign_ins, unreadable = _confirmations(facts)
    return _Evidence(session, connections, media, confirmed, sign_ins, removals_of(facts)), odd | malformed | unreadable


def _confirmations(facts: Facts) -> tuple[dict[str, Intervals], dict[str, Intervals], set[Complaint]]:
    confirmed: dict[str, list[Interval]] = {}
    sign_ins: dict[str, list[Interval]] = {}
    complaints: set[Complaint] = set()
    for one in of_kind(facts, FactKind.PRESENCE_CONFIRMED):
        stretch = stretch_of(one)
        if stretch is None or one.fact.member_id is None:
            complaints.add(Complaint("confirmationMalformed", one.fact.member_id, one.number))
        else:
            (sign_ins if text_of(one, "how") == SIGN_IN else confirmed).setdefault(one.fact.member_id, []).append(stretch)
    return {m: union(f) for m, f in confirmed.items()}, {m: union(f) for m, f in sign_ins.items()}, complaints


def _excused(leaves: Collection[LeaveRequest], session: Session) -> tuple[set[str], set[Complaint]]:
    approved = [leave for leave in leaves if leave.decision is Decision.APPROVED]
    late = {Complaint("leaveAfterStart", a.member_id) for a in approved if session.start is not None and a.requested_at > session.start}
    return {leave.member_id for leave in approved}, late


def _is_beyond(correction: Correction, session: Session) -> bool:
    return correction.field is CorrectedField.PRESENT_SECONDS and (correction.value or 0) > session.seconds


def _record(
    member_id: str,
    found: _Evidence,
    rulebook: Rulebook,
    share: float,
    exempt: bool,
    on_leave: bool,
    corrections: tuple[Correction, ...],
    speech: Speech,
) -> MemberAttendance:
    session, connections = found.session, found.connections.get(member_id, ())
    spans = _spans(member_id, found, rulebook.bridge_tolerance)
    presence = union(Interval(s.start, s.end) for s in spans)
    measured = total(presence)
    seconds = min(corrected(corrections, CorrectedField.PRESENT_SECONDS, measured), session.seconds)
    excused = corrected(corrections, CorrectedField.EXCUSED, on_leave)
    runs = [run for c in connections for run in c.runs if session.clip((run.interval,))]
    late, early = _missed(presence, session, rulebook)
    return MemberAttendance(
        member_id=member_id,
        grade=AttendanceGrade(corrected(corrections, CorrectedField.GRADE, _grade(seconds, session, rulebook, share, excused, exempt))),
        measured_grade=_grade(measured, session, rulebook, share, on_leave, exempt),
        present_seconds=seconds,
        measured_present_seconds=measured,
        share=_share(seconds, session),
        bridged_seconds=total(Interval(s.start, s.end) for s in spans if s.grade is None),
        excused=excused,
        first_join=min((presence[0].start, *(r.interval.start for r in runs))) if presence else None,
        last_leave=presence[-1].end if presence else None,
        late_seconds=late,
        early_seconds=early,
        connections=len(runs),
        devices=len({c.device_id for c in connections if session.clip(c.intervals)}),
        intervals=tuple(_interval(i, spans, connections, session) for i in presence),
        spans=spans,
        evidence=tuple((g, total(Interval(s.start, s.end) for s in spans if s.grade is g)) for g in EvidenceGrade),
        inferred=session.inferred_end or any(run.inferred for run in runs),
        corrections=corrections,
        speech=speech,
    )


def _spans(member_id: str, found: _Evidence, tolerance: float) -> tuple[EvidenceSpan, ...]:
    """The member's presence cut where its evidence changes. Each stretch carries the strongest grade there is for it."""
    connected = union(i for c in found.connections.get(member_id, ()) for i in c.intervals)
    confirmed = found.confirmed.get(member_id, ())
    covered = union((*connected, *confirmed))
    layers: dict[EvidenceGrade | None, Intervals] = {
        EvidenceGrade.CONFIRMED: confirmed,
        EvidenceGrade.SIGN_IN_ANSWERED: intersect(found.sign_ins.get(member_id, ()), connected),
        EvidenceGrade.MEDIA_FLOWING: intersect(found.media.get(member_id, ()), connected),
        EvidenceGrade.CONNECTED: connected,
        None: bridged(covered, tolerance, found.removals.get(member_id, ())),
    }
    spans: list[EvidenceSpan] = []
    taken: Intervals = ()
    for grade in (*STRONGEST_FIRST, None):
        spans.extend(EvidenceSpan(i.start, i.end, grade) for i in found.session.clip(subtract(layers[grade], taken)))
        taken = union((*taken, *layers[grade]))
    return tuple(sorted(spans, key=lambda s: s.start))


def _interval(
    presence: Interval, spans: tuple[EvidenceSpan, ...], connections: tuple[Connection, ...], session: Session
) -> PresenceInterval:
    inside = [s for s in spans if presence.start <= s.start and s.end <= presence.end]
    best = (
        next(g for g in STRONGEST_FIRST if any(s.grade is g for s in inside)) if any(s.grade for s in inside) else EvidenceGrade.CONNECTED
    )
    ends = {min(r.interval.end, session.end or r.interval.end) for c in connections for r in c.runs if r.inferred}
    bridged_seconds = total(Interval(s.start, s.end) for s in inside if s.grade is None)
    return PresenceInterval(presence.start, presence.end, bridged_seconds, best, presence.end in ends)


def _missed(presence: Intervals, session: Session, rulebook: Rulebook) -> tuple[float, float]:
    """Session time before the first and after the last presence, each 0 within its tolerance. Nobody leaves a running meeting early."""
    if not presence:
        return 0.0, 0.0
    before = session.missed_before(presence[0].start)
    after = 0.0 if session.running else session.seconds - session.missed_before(presence[-1].end)
    late = before if before > rulebook.lateness_tolerance else 0.0
    return late, after if after > rulebook.early_leaving_tolerance else 0.0


def _share(seconds: float, session: Session) -> float:
    return seconds / session.seconds if session.seconds else 0.0


def _grade(seconds: float, session: Session, rulebook: Rulebook, share: float, excused: bool, exempt: bool) -> AttendanceGrade:
    """What was attended goes before what excuses not attending."""
    if session.seconds and _share(seconds, session) >= share:
        return AttendanceGrade.PRESENT
    if seconds >= rulebook.partly_present_seconds:
        return AttendanceGrade.PARTLY_PRESENT
    if excused:
        return AttendanceGrade.EXCUSED
    return AttendanceGrade.EXEMPT if exempt else AttendanceGrade.ABSENT
