"""One order for the facts of a meeting, and the pairing of on/off facts into runs.

Facts may come to a rule in any order and more than once (an outbox repeats, two stores are compared): what counts is the set. They are put
in the order of their instants; where instants are equal the number in the stream decides, which is the order they were recorded in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..facts import FactKind, RecordedFact
from .complaints import Complaint
from .intervals import Interval

Facts = tuple[RecordedFact, ...]
MEASURED = frozenset(  # what a running room says; the rest is said about it by people, possibly days later
    {
        FactKind.MEETING_OPENED,
        FactKind.MEETING_ENDED,
        FactKind.CONNECTION_JOINED,
        FactKind.CONNECTION_LEFT,
        FactKind.MEDIA_STARTED,
        FactKind.MEDIA_STOPPED,
        FactKind.MIC_MUTED,
        FactKind.MIC_UNMUTED,
        FactKind.SPEECH_SEGMENT,
        FactKind.HAND_RAISED,
        FactKind.HAND_LOWERED,
        FactKind.FLOOR_GIVEN,
        FactKind.FLOOR_WITHDRAWN,
        FactKind.MEMBER_REMOVED,
    }
)


def in_time(recorded: Iterable[RecordedFact]) -> tuple[Facts, set[Complaint]]:
    """Each key once, the lowest number of it, in order of time; what cannot be placed in time is left out."""
    kept: dict[str, RecordedFact] = {}
    complaints: set[Complaint] = set()
    for one in sorted(recorded, key=lambda r: (r.number, r.fact.key, r.hash)):
        first = kept.setdefault(one.fact.key, one)
        if first.fact != one.fact:
            complaints.add(Complaint("keyReused", one.fact.member_id, one.number))
    placed = [one for one in kept.values() if is_instant(one.fact.at)]
    complaints.update(Complaint("factMalformed", one.fact.member_id, one.number) for one in kept.values() if not is_instant(one.fact.at))
    return tuple(sorted(placed, key=lambda r: (r.fact.at, r.number, r.fact.key))), complaints


def is_instant(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def of_kind(facts: Facts, *kinds: FactKind) -> Facts:
    return tuple(one for one in facts if one.fact.kind in kinds)


def text_of(one: RecordedFact, key: str) -> str | None:
    """A body's string, or None where it is missing, empty or something else."""
    value = one.fact.body.get(key)
    return value if isinstance(value, str) and value else None


def stretch_of(one: RecordedFact) -> Interval | None:
    """A body's start and end, or None where they do not make an interval."""
    start, end = one.fact.body.get("start"), one.fact.body.get("end")
    if not is_instant(start) or not is_instant(end) or end < start:  # type: ignore[operator]
        return None
    return Interval(float(start), float(end))  # type: ignore[arg-type]


class Switch(NamedTuple):
    """An on or off fact, reduced to what pairing needs."""

    at: float
    number: int
    on: bool
    inferred: bool = False


def switch(one: RecordedFact, on: bool) -> Switch:
    return Switch(one.fact.at, one.number, on, one.fact.body.get("inferred") is True)


@dataclass(frozen=True, slots=True)
class Run:
    """From an on to its off. `inferred`: the end was not seen but concluded.

    `number`: of the fact that began it. `never_ended`: no off at all.
    """

    interval: Interval
    number: int
    inferred: bool
    never_ended: bool = False


@dataclass(frozen=True, slots=True)
class Pairing:
    """Runs in order of time; the numbers of on-facts while on, of off-facts while off, of runs never ended or ended before they began."""

    runs: tuple[Run, ...]
    repeated: tuple[int, ...] = ()
    orphans: tuple[int, ...] = ()
    never_ended: tuple[int, ...] = ()
    backwards: tuple[int, ...] = ()


def pair(switches: Sequence[Switch], close_at: float) -> Pairing:
    """Switches in order of time. A run never ended is closed at `close_at` (or at its own beginning, if that is later)."""
    runs: list[Run] = []
    repeated: list[int] = []
    orphans: list[Switch] = []
    begun: Switch | None = None
    for one in switches:
        if one.on and begun is not None:
            repeated.append(one.number)
        elif one.on:
            begun = one
        elif begun is None:
            orphans.append(one)
        else:
            runs.append(Run(Interval(begun.at, one.at), begun.number, one.inferred))
            begun = None
    if begun is None:
        return Pairing(tuple(runs), tuple(repeated), tuple(o.number for o in orphans))
    return _with_open_end(begun, runs, repeated, orphans, close_at)


def _with_open_end(begun: Switch, runs: list[Run], repeated: list[int], orphans: list[Switch], close_at: float) -> Pairing:
    """The last run has no end. If one was recorded after it with an earlier instant, a clock was set back: its length is unknown, so 0."""
    backwards = [o.number for o in orphans if o.number > begun.number]
    end = begun.at if backwards else max(begun.at, close_at)
    runs.append(Run(Interval(begun.at, end), begun.number, inferred=True, never_ended=not backwards))
    others = tuple(o.number for o in orphans if o.number not in backwards)
    open_ends = () if backwards else (begun.number,)
    return Pairing(tuple(runs), tuple(repeated), others, open_ends, tuple(backwards))
