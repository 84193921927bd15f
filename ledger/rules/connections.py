"""A member's connections: each from joined to left, with the device it came from and when its media flowed.

A connection that was removed by the moderator ends at the removal. Ends that were concluded (a crash closed at the last heartbeat, or no
end at all) are used and marked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from ..facts import FactKind, RecordedFact
from .complaints import Complaint
from .intervals import Interval, Intervals, intersect, union
from .timeline import Facts, Pairing, Run, of_kind, pair, switch, text_of

_EDGES = (FactKind.CONNECTION_JOINED, FactKind.CONNECTION_LEFT)


@dataclass(frozen=True, slots=True)
class Connection:
    connection_id: str
    device_id: str
    runs: tuple[Run, ...]

    @property
    def intervals(self) -> Intervals:
        return union(run.interval for run in self.runs)


Connections = dict[str, tuple[Connection, ...]]  # member id → connections in the order of their ids


def connections_of(facts: Facts, close_at: float, running: bool) -> tuple[Connections, set[Complaint]]:
    """`close_at`: the end of the session. While it is running an open connection is nothing to complain about."""
    groups, complaints = by_member_and("connectionId", of_kind(facts, *_EDGES))
    removals = removals_of(facts)
    found: dict[str, list[Connection]] = defaultdict(list)
    for (member_id, connection_id), edges in sorted(groups.items()):
        pairing = pair([switch(e, e.fact.kind is FactKind.CONNECTION_JOINED) for e in edges], close_at)
        complaints |= _complaints(pairing, member_id, running)
        runs = tuple(_cut(run, removals.get(member_id, ())) for run in pairing.runs)
        found[member_id].append(
            Connection(connection_id, _device(edges), tuple(replace(r, inferred=r.inferred and not running) for r in runs))
        )
    return {member_id: tuple(connections) for member_id, connections in found.items()}, complaints


def by_member_and(key: str, facts: Facts) -> tuple[dict[tuple[str, str], list[RecordedFact]], set[Complaint]]:
    """Facts grouped by member and an id of their body, in order of time."""
    groups: dict[tuple[str, str], list[RecordedFact]] = defaultdict(list)
    complaints: set[Complaint] = set()
    for one in facts:
        value = text_of(one, key)
        if one.fact.member_id and value:
            groups[one.fact.member_id, value].append(one)
        else:
            complaints.add(Complaint("factMalformed", one.fact.member_id, one.number))
    return groups, complaints


def removals_of(facts: Facts) -> dict[str, tuple[float, ...]]:
    """Member id → the instants at which a moderator removed the member."""
    instants: dict[str, list[float]] = defaultdict(list)
    for one in of_kind(facts, FactKind.MEMBER_REMOVED):
        instants[one.fact.member_id or ""].append(one.fact.at)
    return {member_id: tuple(found) for member_id, found in instants.items()}


def media_of(facts: Facts, connections: Connections, close_at: float) -> tuple[dict[str, Intervals], set[Complaint]]:
    """Member id → when packets of the member arrived: the union over producers, each within its connection."""
    edges = of_kind(facts, FactKind.MEDIA_STARTED, FactKind.MEDIA_STOPPED)
    groups, complaints = by_member_and("producerId", edges)
    flowing: dict[str, list[Interval]] = defaultdict(list)
    for (member_id, _), changes in groups.items():
        runs = pair([switch(c, c.fact.kind is FactKind.MEDIA_STARTED) for c in changes], close_at).runs
        within = intervals_of(connections, member_id, text_of(changes[0], "connectionId"))
        flowing[member_id].extend(intersect(union(run.interval for run in runs), within))
    return {member_id: union(found) for member_id, found in flowing.items()}, complaints


def intervals_of(connections: Connections, member_id: str, connection_id: str | None) -> Intervals:
    """When one connection was there; nothing for one that is unknown."""
    for connection in connections.get(member_id, ()):
        if connection.connection_id == connection_id:
            return connection.intervals
    return ()


def _device(edges: list[RecordedFact]) -> str:
    """A connection without a device counts as a device of its own."""
    return next((d for e in edges if (d := text_of(e, "deviceId"))), f"connection:{text_of(edges[0], 'connectionId')}")


def _cut(run: Run, removals: tuple[float, ...]) -> Run:
    inside = [t for t in removals if run.interval.start < t < run.interval.end]
    return replace(run, interval=Interval(run.interval.start, min(inside)), inferred=False, never_ended=False) if inside else run


def _complaints(pairing: Pairing, member_id: str, running: bool) -> set[Complaint]:
    found = {Complaint("joinedTwice", member_id, n) for n in pairing.repeated}
    found |= {Complaint("leftWithoutJoined", member_id, n) for n in pairing.orphans}
    found |= {Complaint("clockWentBack", member_id, n) for n in pairing.backwards}
    return found | ({Complaint("neverLeft", member_id, n) for n in pairing.never_ended} if not running else set())
