"""What has happened in a room: past tense, frozen, plain values. Each says who is told (`audience`).

Audiences: "all" inside, "moderators" inside, "present" inside and at the door, or a tuple of peer ids (those at the door among them). An
event with `renews` means: the peers named there now see the room from another place and are sent a fresh snapshot instead.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from rooms.ids import Connection, LeaveReason, MemberId, PeerId, Post, ProducerId, RecordingEnd, Role, Source, WaitingOutcome
from rooms.state import ChatMessage, Peer, Producer, Waiting

Audience = str | tuple[PeerId, ...]
ALL = "all"
MODERATORS = "moderators"
PRESENT = "present"  # also those at the door: what they have to know before they come in


@dataclass(frozen=True, slots=True)
class RoomOpened:
    at: float
    by: MemberId | None


@dataclass(frozen=True, slots=True)
class RoomEnded:
    at: float
    by: MemberId | None


@dataclass(frozen=True, slots=True)
class LobbySet:
    on: bool


@dataclass(frozen=True, slots=True)
class LockSet:
    on: bool


@dataclass(frozen=True, slots=True)
class PeerWaiting:
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class WaitingLeft:
    peer_id: PeerId
    member_id: MemberId
    outcome: WaitingOutcome


@dataclass(frozen=True, slots=True)
class PeerJoined:
    member_id: MemberId
    name: str
    role: Role
    post: Post
    peer: Peer


@dataclass(frozen=True, slots=True)
class PeerLeft:
    peer_id: PeerId
    member_id: MemberId
    reason: LeaveReason
    at: float


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    member_id: MemberId
    by: MemberId
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    peer_id: PeerId
    member_id: MemberId
    connection: Connection
    at: float


@dataclass(frozen=True, slots=True)
class RoleChanged:
    member_id: MemberId
    role: Role
    by: MemberId


@dataclass(frozen=True, slots=True)
class ProducerAdded:
    peer_id: PeerId
    member_id: MemberId
    producer: Producer
    at: float


@dataclass(frozen=True, slots=True)
class ProducerPausedSet:
    """`by`: whose doing it was – the member's own, or a moderator's muting."""

    peer_id: PeerId
    member_id: MemberId
    producer_id: ProducerId
    source: Source
    paused: bool
    by: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class ProducerRemoved:
    peer_id: PeerId
    member_id: MemberId
    producer_id: ProducerId
    source: Source
    by: MemberId | None
    at: float


@dataclass(frozen=True, slots=True)
class UnmuteAsked:
    member_id: MemberId
    by: MemberId


@dataclass(frozen=True, slots=True)
class HandRaised:
    member_id: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class HandLowered:
    member_id: MemberId
    by: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class FloorGiven:
    member_id: MemberId
    by: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class FloorWithdrawn:
    member_id: MemberId
    by: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class Said:
    message: ChatMessage


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    recording_id: str
    by: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    recording_id: str
    by: MemberId | None
    reason: RecordingEnd
    at: float


@dataclass(frozen=True, slots=True)
class RecordingAgreed:
    member_id: MemberId
    version: str
    at: float


@dataclass(frozen=True, slots=True)
class RecordingDeclined:
    member_id: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class RecordingObjected:
    recording_id: str
    member_id: MemberId
    at: float


Happening = (
    RoomOpened
    | RoomEnded
    | LobbySet
    | LockSet
    | PeerWaiting
    | WaitingLeft
    | PeerJoined
    | PeerLeft
    | MemberRemoved
    | ConnectionChanged
    | RoleChanged
    | ProducerAdded
    | ProducerPausedSet
    | ProducerRemoved
    | UnmuteAsked
    | HandRaised
    | HandLowered
    | FloorGiven
    | FloorWithdrawn
    | Said
    | RecordingStarted
    | RecordingStopped
    | RecordingAgreed
    | RecordingDeclined
    | RecordingObjected
)


@dataclass(frozen=True, slots=True)
class Event:
    """A happening on its way out: its number in the room, who is told, who needs a fresh snapshot because of it."""

    revision: int
    what: Happening
    audience: Audience = ALL
    renews: tuple[PeerId, ...] = ()


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def plain(value: Any) -> Any:
    """Frozen values → JSON-able, camelCase keys; happenings get their `type`."""
    if hasattr(value, "__dataclass_fields__"):
        shape = {camel(f.name): plain(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, Happening):
            name = type(value).__name__
            shape["type"] = name[0].lower() + name[1:]
        return shape
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    return value
