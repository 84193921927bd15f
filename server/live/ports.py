"""What the running rooms need of the ledger, and nothing more: a door of six methods, with the values that pass through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ledger.facts import Fact
from rooms.ids import Post, RecordingRule, Role
from server.live.heartbeat import OpenConnection

Stage = Literal["scheduled", "open", "ended", "cancelled"]


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting as the room needs it.

    `opened_at` and `last_fact_at` are set when it was open before: a server that was restarted in the middle takes the room up again.
    """

    meeting_id: str
    title: str
    stage: Stage
    lobby: bool
    opened_at: float | None
    planned_end: float
    last_fact_at: float | None = None
    recording_rule: RecordingRule = "never"


@dataclass(frozen=True, slots=True)
class Seat:
    """What one member is in one meeting. `may_enter` False: neither expected nor invited nor responsible."""

    member_id: str
    name: str
    role: Role
    post: Post
    may_enter: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is behind a socket: found once from the session cookie."""

    account_id: str
    member_id: str | None
    name: str
    session: str  # a token's hash, to see that it still holds


class MeetingBook(Protocol):
    async def booked(self, meeting_id: str) -> Booked | None:
        """None: no such meeting."""

    async def seat(self, meeting_id: str, visitor: Visitor) -> Seat | None:
        """None: the visitor is no member (a system account) or may not know of this meeting."""

    async def deliver(self, facts: Sequence[Fact]) -> None:
        """Append; a fact known by its key is passed over. Opening and ending change the meeting's state with the same commit."""

    async def open_meetings(self) -> list[str]:
        """Ids of the meetings that are open: those a crash left behind, when asked at the start."""

    async def presence_before(self, meeting_id: str) -> dict[str, tuple[float, float]]:
        """Member → (present seconds, speaking seconds) recorded before this process held the room."""

    async def left_open(self, meeting_id: str, since: float | None) -> list[OpenConnection]:
        """Connections that came at or after `since` (None: whenever) and never left, as of the last thing known of the meeting."""
