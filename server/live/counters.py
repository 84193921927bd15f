"""Live counters of presence and speaking time: what a member sees running during the meeting.

A preview, computed as the rules will compute it from the facts: time with at least one connection, time with at least one open speech
segment, both united over devices, and only while the meeting is open. The record itself is always made from the facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Running:
    """Seconds gathered, and what is open since when (any id → start)."""

    seconds: float = 0.0
    since: float | None = None
    open: set[str] = field(default_factory=set)

    def begin(self, name: str, at: float) -> None:
        if not self.open:
            self.since = at
        self.open.add(name)

    def end(self, name: str, at: float) -> None:
        self.open.discard(name)
        if not self.open and self.since is not None:
            self.seconds += max(0.0, at - self.since)
            self.since = None

    def restart(self, at: float) -> None:
        """Only from here on does it count: what is open goes on, what was gathered is gone."""
        self.seconds = 0.0
        if self.since is not None:
            self.since = max(self.since, at)

    def at(self, now: float) -> float:
        return self.seconds + (max(0.0, now - self.since) if self.since is not None else 0.0)


class Counters:
    """Instants are epoch seconds of the meeting's clock."""

    def __init__(self, before: dict[str, tuple[float, float]] | None = None) -> None:
        self._present: dict[str, _Running] = {}
        self._speaking: dict[str, _Running] = {}
        self._opened_at: float | None = None
        self._ended_at: float | None = None
        self._before = before or {}

    def opened(self, at: float) -> None:
        """Who was inside before the opening is present from now on."""
        self._opened_at = at
        for running in (*self._present.values(), *self._speaking.values()):
            running.restart(at)

    def taken_up(self, opened_at: float) -> None:
        """The meeting was open before this process held its room."""
        self._opened_at = opened_at
        for member, (present, speaking) in self._before.items():
            self._present[member] = _Running(present)
            self._speaking[member] = _Running(speaking)

    def ended(self, at: float) -> None:
        self._ended_at = at

    def _until_end(self, at: float) -> float:
        """People go out after the end, or are found gone later: nothing after it counts."""
        return at if self._ended_at is None else min(at, self._ended_at)

    def joined(self, member: str, peer: str, at: float) -> None:
        self._present.setdefault(member, _Running()).begin(peer, self._until_end(at))

    def left(self, member: str, peer: str, at: float) -> None:
        self._present.setdefault(member, _Running()).end(peer, self._until_end(at))

    def speech_began(self, member: str, segment: str, at: float) -> None:
        self._speaking.setdefault(member, _Running()).begin(segment, self._until_end(at))

    def speech_ended(self, member: str, segment: str, end: float) -> None:
        self._speaking.setdefault(member, _Running()).end(segment, self._until_end(end))

    def present(self, member: str, now: float) -> float:
        if self._opened_at is None or member not in self._present:
            return 0.0
        return self._present[member].at(self._until_end(now))

    def speaking(self, member: str, now: float) -> float:
        if self._opened_at is None or member not in self._speaking:
            return 0.0
        return self._speaking[member].at(self._until_end(now))

    def speaks(self, member: str) -> bool:
        return member in self._speaking and bool(self._speaking[member].open)

    def session(self, now: float) -> float:
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._until_end(now) - self._opened_at)
