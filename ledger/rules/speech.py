"""Speaking time: the union of a member's speech segments over all devices, never while muted, within the connection and the session.

Beside it stands the floor: how long the member was given it, and how much of the speech fell into it. The two are kept apart, because a
member may speak without the floor and hold the floor in silence. Segments come from the server's own measurement of each track.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ..facts import FactKind
from .complaints import Complaint
from .connections import Connections, by_member_and, intervals_of
from .corrections import CorrectedField, Correction, corrected
from .intervals import Interval, Intervals, intersect, subtract, total, union
from .session import Session
from .timeline import Facts, Switch, of_kind, pair, stretch_of, switch, text_of


@dataclass(frozen=True, slots=True)
class Speech:
    """Seconds; `speaking_seconds` counts after corrections, `measured_speaking_seconds` is what the facts say."""

    speaking_seconds: float = 0.0
    measured_speaking_seconds: float = 0.0
    speeches: int = 0  # unbroken stretches
    floor_seconds: float = 0.0
    with_floor_seconds: float = 0.0  # of the measured speech
    segments: tuple[Interval, ...] = ()
    floor: tuple[Interval, ...] = ()


def speech_of(
    facts: Facts, session: Session, connections: Connections, corrections: Mapping[str, tuple[Correction, ...]]
) -> tuple[dict[str, Speech], set[Complaint]]:
    """Member id → speech, for everyone who spoke, held the floor or was corrected."""
    close_at = session.end if session.end is not None else 0.0
    spoken, complaints = _spoken(facts, connections, close_at)
    floors = _floors(facts, close_at)
    found = {}
    for member_id in sorted(spoken.keys() | floors.keys() | corrections.keys()):
        there = union(i for c in connections.get(member_id, ()) for i in c.intervals)
        segments = session.clip(spoken.get(member_id, ()))
        floor = session.clip(intersect(floors.get(member_id, ()), there))
        found[member_id] = _speech(segments, floor, session, corrections.get(member_id, ()))
    return found, complaints


def _speech(segments: Intervals, floor: Intervals, session: Session, corrections: tuple[Correction, ...]) -> Speech:
    measured = total(segments)
    counted = min(corrected(corrections, CorrectedField.SPEAKING_SECONDS, measured), session.seconds)
    return Speech(counted, measured, len(segments), total(floor), total(intersect(segments, floor)), segments, floor)


def _spoken(facts: Facts, connections: Connections, close_at: float) -> tuple[dict[str, Intervals], set[Complaint]]:
    muted, complaints = _muted(facts, close_at)
    spoken: dict[str, list[Interval]] = defaultdict(list)
    for one in of_kind(facts, FactKind.SPEECH_SEGMENT):
        member_id, producer_id, stretch = one.fact.member_id, text_of(one, "producerId"), stretch_of(one)
        if member_id is None or producer_id is None or stretch is None:
            complaints.add(Complaint("speechMalformed", member_id, one.number))
            continue
        within = intervals_of(connections, member_id, text_of(one, "connectionId"))
        if not within:
            complaints.add(Complaint("speechWithoutConnection", member_id, one.number))
        audible = subtract(intersect(union((stretch,)), within), muted.get((member_id, producer_id), ()))
        spoken[member_id].extend(audible)
    return {member_id: union(found) for member_id, found in spoken.items()}, complaints


def _muted(facts: Facts, close_at: float) -> tuple[dict[tuple[str, str], Intervals], set[Complaint]]:
    """(member, producer) → when the track was muted. Muting a muted track again is usual (a moderator mutes all) and no complaint."""
    groups, complaints = by_member_and("producerId", of_kind(facts, FactKind.MIC_MUTED, FactKind.MIC_UNMUTED))
    spans = {key: pair([switch(c, c.fact.kind is FactKind.MIC_MUTED) for c in changes], close_at).runs for key, changes in groups.items()}
    return {key: union(run.interval for run in runs) for key, runs in spans.items()}, complaints


def _floors(facts: Facts, close_at: float) -> dict[str, Intervals]:
    changes: dict[str, list[Switch]] = defaultdict(list)
    for one in of_kind(facts, FactKind.FLOOR_GIVEN, FactKind.FLOOR_WITHDRAWN):
        if one.fact.member_id:
            changes[one.fact.member_id].append(switch(one, one.fact.kind is FactKind.FLOOR_GIVEN))
    return {member_id: union(run.interval for run in pair(edges, close_at).runs) for member_id, edges in changes.items()}
