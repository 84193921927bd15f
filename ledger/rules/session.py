"""The formal session of a meeting: from meetingOpened to meetingEnded, the only time that counts for presence and speech.

A meeting whose server failed and which was opened again has a session of several intervals: the outage is nobody's absence, so it is in
neither the presence nor what presence is divided by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..facts import FactKind
from .complaints import Complaint
from .intervals import Interval, Intervals, intersect, total, union
from .timeline import MEASURED, Facts, of_kind, stretch_of


@dataclass(frozen=True, slots=True)
class Session:
    """`inferred_end`: the end was not recorded as it happened. `running`: there is no end yet and the caller's `until` bounds it."""

    intervals: Intervals = ()
    inferred_end: bool = False
    running: bool = False

    @property
    def start(self) -> float | None:
        return self.intervals[0].start if self.intervals else None

    @property
    def end(self) -> float | None:
        return self.intervals[-1].end if self.intervals else None

    @property
    def seconds(self) -> float:
        return total(self.intervals)

    def clip(self, intervals: Iterable[Interval]) -> Intervals:
        return intersect(union(intervals), self.intervals)

    def missed_before(self, instant: float) -> float:
        """Session time that had passed at an instant."""
        return total(Interval(i.start, min(i.end, instant)) for i in self.intervals if i.start < instant)


def session_of(facts: Facts, registered: Interval | None, until: float | None) -> tuple[Session, set[Complaint]]:
    """`registered`: the times written down for the meeting, used where no opening was recorded (a late entry).

    `until`: now, for a running one.
    """
    runs: list[tuple[float, float, bool]] = []
    complaints: set[Complaint] = set()
    opened: float | None = None
    for one in of_kind(facts, FactKind.MEETING_OPENED, FactKind.MEETING_ENDED):
        if one.fact.kind is FactKind.MEETING_OPENED and opened is None:
            opened = one.fact.at
        elif one.fact.kind is FactKind.MEETING_OPENED:
            complaints.add(Complaint("openedTwice", fact_number=one.number))
        elif opened is not None:
            runs.append((opened, one.fact.at, one.fact.body.get("inferred") is True))
            opened = None
        elif runs:
            complaints.add(Complaint("endedTwice", fact_number=one.number))
            runs[-1] = _later_end(runs[-1], one.fact.at, one.fact.body.get("inferred") is True)
        else:
            complaints.add(Complaint("endedWithoutOpened", fact_number=one.number))
    if opened is not None:
        runs.append((opened, _last_witness(facts, opened) if until is None else max(opened, until), until is None))
        complaints.update({Complaint("neverEnded")} if until is None else ())
    if not runs and registered is not None:
        return Session(union((registered,))), complaints | {Complaint("neverOpened")}
    inferred = bool(runs) and runs[-1][2]
    return Session(union(Interval(a, b) for a, b, _ in runs), inferred, opened is not None and until is not None), complaints


def _later_end(run: tuple[float, float, bool], at: float, inferred: bool) -> tuple[float, float, bool]:
    """An end that was only concluded gives way to one that was seen; otherwise the first stands."""
    return (run[0], at, False) if run[2] and not inferred else run


def _last_witness(facts: Facts, opened: float) -> float:
    """The last instant at which the room was seen alive."""
    instants = [opened]
    for one in facts:
        if one.fact.kind in MEASURED:
            stretch = stretch_of(one) if one.fact.kind is FactKind.SPEECH_SEGMENT else None
            instants.append(stretch.end if stretch else one.fact.at)
    return max(instants)
