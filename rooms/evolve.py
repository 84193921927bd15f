"""state + happening = state. The only place where a room changes; snapshots are brought forward by the very same function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import singledispatch
from typing import TypeVar

from rooms import events as e
from rooms.ids import CHAT_KEPT, MemberId, PeerId
from rooms.state import Floor, Hand, Participant, Peer, Recording, RoomState

Item = TypeVar("Item")


@singledispatch
def evolve(what: object, state: RoomState) -> RoomState:
    """Raises TypeError for something that is no happening: a bug, and loud."""
    raise TypeError(f"not a happening: {what!r}")


def _map(items: tuple[Item, ...], fits: Callable[[Item], bool], change: Callable[[Item], Item]) -> tuple[Item, ...]:
    return tuple(change(item) if fits(item) else item for item in items)


def _member(state: RoomState, member_id: MemberId, change: Callable[[Participant], Participant]) -> RoomState:
    return replace(state, participants=_map(state.participants, lambda p: p.member_id == member_id, change))


def _peer(state: RoomState, peer_id: PeerId, change: Callable[[Peer], Peer]) -> RoomState:
    def of(participant: Participant) -> Participant:
        return replace(participant, peers=_map(participant.peers, lambda peer: peer.peer_id == peer_id, change))

    return replace(state, participants=tuple(of(participant) for participant in state.participants))


@evolve.register
def _(what: e.RoomOpened, state: RoomState) -> RoomState:
    return replace(state, stage="open", opened_at=what.at)


@evolve.register
def _(what: e.RoomEnded, state: RoomState) -> RoomState:
    return replace(state, stage="ended", ended_at=what.at)


@evolve.register
def _(what: e.LobbySet, state: RoomState) -> RoomState:
    return replace(state, lobby=what.on)


@evolve.register
def _(what: e.LockSet, state: RoomState) -> RoomState:
    return replace(state, locked=what.on)


@evolve.register
def _(what: e.PeerWaiting, state: RoomState) -> RoomState:
    return replace(state, waiting=(*state.waiting, what.waiting))


@evolve.register
def _(what: e.WaitingLeft, state: RoomState) -> RoomState:
    return replace(state, waiting=tuple(w for w in state.waiting if w.peer_id != what.peer_id))


@evolve.register
def _(what: e.PeerJoined, state: RoomState) -> RoomState:
    known = state.participant(what.member_id)
    if known is None:
        people = (*state.participants, Participant(what.member_id, what.name, what.role, what.post, (what.peer,)))
        return replace(state, participants=people)
    return _member(state, what.member_id, lambda p: replace(p, peers=(*p.peers, what.peer)))


@evolve.register
def _(what: e.PeerLeft, state: RoomState) -> RoomState:
    def without(participant: Participant) -> Participant:
        return replace(participant, peers=tuple(peer for peer in participant.peers if peer.peer_id != what.peer_id))

    people = (without(participant) for participant in state.participants)
    return replace(state, participants=tuple(participant for participant in people if participant.peers))


@evolve.register
def _(what: e.MemberRemoved, state: RoomState) -> RoomState:
    return state


@evolve.register
def _(what: e.ConnectionChanged, state: RoomState) -> RoomState:
    return _peer(state, what.peer_id, lambda peer: replace(peer, connection=what.connection))


@evolve.register
def _(what: e.RoleChanged, state: RoomState) -> RoomState:
    return _member(state, what.member_id, lambda p: replace(p, role=what.role))


@evolve.register
def _(what: e.ProducerAdded, state: RoomState) -> RoomState:
    return _peer(state, what.peer_id, lambda peer: replace(peer, producers=(*peer.producers, what.producer)))


@evolve.register
def _(what: e.ProducerPausedSet, state: RoomState) -> RoomState:
    def change(peer: Peer) -> Peer:
        fits = _map(peer.producers, lambda p: p.producer_id == what.producer_id, lambda p: replace(p, paused=what.paused))
        return replace(peer, producers=fits)

    return _peer(state, what.peer_id, change)


@evolve.register
def _(what: e.ProducerRemoved, state: RoomState) -> RoomState:
    def change(peer: Peer) -> Peer:
        return replace(peer, producers=tuple(p for p in peer.producers if p.producer_id != what.producer_id))

    return _peer(state, what.peer_id, change)


@evolve.register
def _(what: e.UnmuteAsked, state: RoomState) -> RoomState:
    return state


@evolve.register
def _(what: e.HandRaised, state: RoomState) -> RoomState:
    return replace(state, hands=(*state.hands, Hand(what.member_id, what.at)))


@evolve.register
def _(what: e.HandLowered, state: RoomState) -> RoomState:
    return replace(state, hands=tuple(hand for hand in state.hands if hand.member_id != what.member_id))


@evolve.register
def _(what: e.FloorGiven, state: RoomState) -> RoomState:
    return replace(state, floor=Floor(what.member_id, what.at))


@evolve.register
def _(what: e.FloorWithdrawn, state: RoomState) -> RoomState:
    return replace(state, floor=None)


@evolve.register
def _(what: e.Said, state: RoomState) -> RoomState:
    return replace(state, chat=(*state.chat, what.message)[-CHAT_KEPT:])


@evolve.register
def _(what: e.RecordingStarted, state: RoomState) -> RoomState:
    return replace(state, recording=Recording(what.recording_id, what.at, what.by))


@evolve.register
def _(what: e.RecordingStopped, state: RoomState) -> RoomState:
    return replace(state, recording=None)


@evolve.register
def _(what: e.RecordingAgreed, state: RoomState) -> RoomState:
    return replace(state, recorded=(*state.recorded, what.member_id))


@evolve.register
def _(what: e.RecordingDeclined, state: RoomState) -> RoomState:
    return replace(state, recorded=tuple(member_id for member_id in state.recorded if member_id != what.member_id))


@evolve.register
def _(what: e.RecordingObjected, state: RoomState) -> RoomState:
    on = state.recording
    return state if on is None else replace(state, recording=replace(on, objections=(*on.objections, what.member_id)))
