"""From the facts of a meeting to the chapters of a recording of it: who had the floor, who spoke, hands, shared screens.

Instants are facts, chapters are seconds into the recording. What lies outside it is left out; short words are no chapter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..facts import FactKind, RecordedFact

ChapterKind = Literal["opened", "ended", "floor", "speech", "hand", "screen"]

#: Pauses of one speaker up to this long are breath; a contribution shorter than the second is an interjection.
BREATH_SECONDS: Final = 8.0
SHORTEST_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True)
class Chapter:
    """`at` seconds into the recording; `length` 0 for an instant."""

    at: float
    length: float
    kind: ChapterKind
    member_id: str | None


def chapters(recorded: Sequence[RecordedFact], begin: float, end: float) -> list[Chapter]:
    """`begin`, `end`: of the recording, as instants."""
    facts = [one.fact for one in recorded]
    found = [
        *_instants(recorded, FactKind.MEETING_OPENED, "opened"),
        *_instants(recorded, FactKind.MEETING_ENDED, "ended"),
        *_instants(recorded, FactKind.HAND_RAISED, "hand"),
        *_stretches(recorded, FactKind.FLOOR_GIVEN, FactKind.FLOOR_WITHDRAWN, "floor", end),
        *_stretches(recorded, FactKind.MEDIA_STARTED, FactKind.MEDIA_STOPPED, "screen", end, source="screen"),
        *_contributions(sorted((f.body["start"], f.body["end"], f.member_id) for f in facts if f.kind is FactKind.SPEECH_SEGMENT)),
    ]
    cut = (_cut(start, stop, kind, member_id, begin, end) for start, stop, kind, member_id in found)
    return sorted((one for one in cut if one is not None), key=lambda one: (one.at, one.kind, one.member_id or ""))


_Stretch = tuple[float, float, ChapterKind, str | None]


def _cut(start: float, stop: float, kind: ChapterKind, member_id: str | None, begin: float, end: float) -> Chapter | None:
    if stop < begin or start > end:
        return None
    at = max(start, begin)
    return Chapter(round(at - begin, 3), round(max(0.0, min(stop, end) - at), 3), kind, member_id)


def _instants(recorded: Iterable[RecordedFact], of: FactKind, kind: ChapterKind) -> list[_Stretch]:
    return [(one.fact.at, one.fact.at, kind, one.fact.member_id) for one in recorded if one.fact.kind is of]


def _stretches(
    recorded: Iterable[RecordedFact], first: FactKind, last: FactKind, kind: ChapterKind, end: float, source: str | None = None
) -> list[_Stretch]:
    begun: dict[str | None, float] = {}
    found: list[_Stretch] = []
    for fact in sorted((one.fact for one in recorded), key=lambda fact: fact.at):
        if source is not None and fact.body.get("source") != source:
            continue
        if fact.kind is first:
            begun.setdefault(fact.member_id, fact.at)
        elif fact.kind is last and fact.member_id in begun:
            found.append((begun.pop(fact.member_id), fact.at, kind, fact.member_id))
    return found + [(start, end, kind, member_id) for member_id, start in begun.items()]


def _contributions(segments: Iterable[tuple[float, float, str | None]]) -> list[_Stretch]:
    """Segments of one member with breath in between are one contribution."""
    open_ones: dict[str | None, tuple[float, float]] = {}
    found: list[_Stretch] = []
    for start, stop, member_id in segments:
        before = open_ones.get(member_id)
        if before is not None and start - before[1] <= BREATH_SECONDS:
            open_ones[member_id] = (before[0], max(before[1], stop))
            continue
        if before is not None:
            found.append((*before, "speech", member_id))
        open_ones[member_id] = (start, stop)
    found += [(*stretch, "speech", member_id) for member_id, stretch in open_ones.items()]
    return [one for one in found if one[1] - one[0] >= SHORTEST_SECONDS]
