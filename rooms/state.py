"""What a room is at one moment, as frozen values. Everything a viewer is shown is cut from this (snapshot.py)."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.ids import Connection, Device, Kind, MemberId, PeerId, Post, ProducerId, RecordingRule, Role, RoomStage, Source, WaitingReason


@dataclass(frozen=True, slots=True)
class Producer:
    producer_id: ProducerId
    kind: Kind
    source: Source
    paused: bool


@dataclass(frozen=True, slots=True)
class Peer:
    peer_id: PeerId
    device_id: str
    device: Device
    joined_at: float
    connection: Connection = "connected"
    producers: tuple[Producer, ...] = ()


@dataclass(frozen=True, slots=True)
class Participant:
    member_id: MemberId
    name: str
    role: Role
    post: Post
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody at the door. `role`, `post` and the device go in with them."""

    peer_id: PeerId
    member_id: MemberId
    name: str
    role: Role
    post: Post
    device_id: str
    device: Device
    since: float
    reason: WaitingReason


@dataclass(frozen=True, slots=True)
class Hand:
    member_id: MemberId
    at: float


@dataclass(frozen=True, slots=True)
class Floor:
    member_id: MemberId
    since: float


@dataclass(frozen=True, slots=True)
class Recording:
    """The recording that is on. `objections`: whoever objected to it, in their order."""

    recording_id: str
    since: float
    by: MemberId
    objections: tuple[MemberId, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatMessage:
    message_id: str
    member_id: MemberId
    name: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class RoomState:
    """`participants` in the order they first came; `hands` in the order they went up; `removed` may come back only when admitted."""

    room_id: str
    title: str
    stage: RoomStage = "scheduled"
    opened_at: float | None = None
    ended_at: float | None = None
    locked: bool = False
    lobby: bool = False
    revision: int = 0
    participants: tuple[Participant, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    hands: tuple[Hand, ...] = ()
    floor: Floor | None = None
    chat: tuple[ChatMessage, ...] = ()
    recording_rule: RecordingRule = "never"
    recording: Recording | None = None
    recorded: tuple[MemberId, ...] = ()  # who agreed to be recorded; nobody else is. Kept while a member is away
    removed: frozenset[MemberId] = frozenset()
    were_in: frozenset[MemberId] = frozenset()  # a locked door stays open to those who were already inside
    roles: tuple[tuple[MemberId, Role], ...] = ()  # given in the room (co-moderators), kept while a member is away

    def participant(self, member_id: MemberId) -> Participant | None:
        return next((p for p in self.participants if p.member_id == member_id), None)

    def owner(self, peer_id: PeerId) -> tuple[Participant, Peer] | None:
        return next(((p, peer) for p in self.participants for peer in p.peers if peer.peer_id == peer_id), None)

    def at_the_door(self, member_id: MemberId) -> tuple[Waiting, ...]:
        return tuple(w for w in self.waiting if w.member_id == member_id)
