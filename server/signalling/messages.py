"""Every message a client may send: its name, its shape, how often, and the function that acts on it.

An acting function takes the visit and the parsed request and gives the acknowledgement's data. It decides nothing: rights of the moment are
the room's, rights along the tree the ledger's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rooms import commands as c
from server.live.live_room import LiveRoom
from server.schemas import signalling as s
from server.schemas.base import Shape
from server.signalling.visit import Visit

Json = dict[str, Any]
Act = Callable[[Visit, Any], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Message:
    """`rate` a second, up to `burst` at once. `who` is for the protocol's page: everyone, inside, moderator."""

    shape: type[Shape]
    act: Act
    who: str = "inside"
    rate: float = 5.0
    burst: float = 20.0


def commanding(build: Callable[[str, Any], c.Command]) -> Act:
    """A message that is one command of the room."""

    async def act(visit: Visit, request: Any) -> Json:
        room, peer_id = visit.joined()
        await room.command(build(peer_id, request))
        return {}

    return act


def with_media(ask: Callable[[LiveRoom, str, Any], Awaitable[Json]]) -> Act:
    """A message about the peer's own transports and consumers; it changes nothing in the room, so it need not wait in its queue."""

    async def act(visit: Visit, request: Any) -> Json:
        room, peer_id = visit.joined()
        return await ask(room, peer_id, request)

    return act


async def _produce(visit: Visit, request: s.Produce) -> Json:
    room, peer_id = visit.joined()
    return {"producerId": await room.produce(peer_id, request)}


async def _leave(visit: Visit, request: s.Nothing) -> Json:
    room, peer_id = visit.joined()
    await room.command(c.Leave(peer_id))
    return {}


async def _alive(visit: Visit, request: s.Nothing) -> Json:
    room, _ = visit.joined()
    return {"serverNow": room.clock.now()}


async def _resync(visit: Visit, request: s.Nothing) -> Json:
    room, peer_id = visit.joined()
    return {"snapshot": await room.fresh_snapshot(peer_id)}


MODERATING: dict[str, Message] = {
    name: Message(shape, commanding(build), "moderator")
    for name, shape, build in (
        ("openMeeting", s.Nothing, lambda by, _: c.OpenMeeting(by)),
        ("endMeeting", s.Nothing, lambda by, _: c.EndMeeting(by)),
        ("setLobby", s.Switch, lambda by, r: c.SetLobby(by, r.on)),
        ("setLocked", s.Switch, lambda by, r: c.SetLocked(by, r.on)),
        ("admit", s.MemberId, lambda by, r: c.Admit(by, r.member_id)),
        ("admitAll", s.Nothing, lambda by, _: c.AdmitAll(by)),
        ("refuseEntry", s.MemberId, lambda by, r: c.RefuseEntry(by, r.member_id)),
        ("remove", s.Removal, lambda by, r: c.Remove(by, r.member_id, r.reason)),
        ("grantModerator", s.MemberId, lambda by, r: c.GrantModerator(by, r.member_id)),
        ("revokeModerator", s.MemberId, lambda by, r: c.RevokeModerator(by, r.member_id)),
        ("mute", s.MemberId, lambda by, r: c.Mute(by, r.member_id)),
        ("muteAll", s.Nothing, lambda by, _: c.MuteAll(by)),
        ("askUnmute", s.MemberId, lambda by, r: c.AskUnmute(by, r.member_id)),
        ("stopShare", s.MemberId, lambda by, r: c.StopShare(by, r.member_id)),
        ("lowerAllHands", s.Nothing, lambda by, _: c.LowerAllHands(by)),
        ("giveFloor", s.MemberId, lambda by, r: c.GiveFloor(by, r.member_id)),
    )
}

INSIDE: dict[str, Message] = {
    "leave": Message(s.Nothing, _leave),
    "alive": Message(s.Nothing, _alive, rate=2, burst=10),
    "resync": Message(s.Nothing, _resync, rate=1, burst=5),
    "raiseHand": Message(s.Nothing, commanding(lambda by, _: c.RaiseHand(by)), rate=1, burst=10),
    "lowerHand": Message(s.Nothing, commanding(lambda by, _: c.LowerHand(by)), rate=1, burst=10),
    "lowerHandOf": Message(s.MemberId, commanding(lambda by, r: c.LowerHand(by, r.member_id)), "moderator"),
    "withdrawFloor": Message(s.Nothing, commanding(lambda by, _: c.WithdrawFloor(by)), rate=1, burst=10),
    "say": Message(s.Say, commanding(lambda by, r: c.Say(by, r.text, r.client_id)), rate=1, burst=8),
    "pauseProducer": Message(s.ProducerId, commanding(lambda by, r: c.SetProducerPaused(by, r.producer_id, True))),
    "resumeProducer": Message(s.ProducerId, commanding(lambda by, r: c.SetProducerPaused(by, r.producer_id, False))),
    "closeProducer": Message(s.ProducerId, commanding(lambda by, r: c.RemoveProducer(by, r.producer_id))),
    "createTransport": Message(
        s.CreateTransport, with_media(lambda room, peer, r: room.conductor.create_transport(room.desk(peer), r.direction))
    ),
    "connectTransport": Message(
        s.ConnectTransport,
        with_media(lambda room, peer, r: room.conductor.connect_transport(room.desk(peer), r.transport_id, r.dtls_parameters)),
    ),
    "restartIce": Message(s.TransportId, with_media(lambda room, peer, r: room.conductor.restart_ice(room.desk(peer), r.transport_id))),
    "produce": Message(s.Produce, _produce),
    "consume": Message(
        s.Consume,
        with_media(lambda room, peer, r: room.conductor.consume(room.desk(peer), r.transport_id, r.producer_id, r.rtp_capabilities)),
        rate=60,
        burst=400,
    ),
    "pauseConsumer": Message(
        s.ConsumerId,
        with_media(lambda room, peer, r: room.conductor.pause_consumer(room.desk(peer), r.consumer_id, True)),
        rate=60,
        burst=400,
    ),
    "resumeConsumer": Message(
        s.ConsumerId,
        with_media(lambda room, peer, r: room.conductor.pause_consumer(room.desk(peer), r.consumer_id, False)),
        rate=60,
        burst=400,
    ),
    "closeConsumer": Message(
        s.ConsumerId,
        with_media(lambda room, peer, r: room.conductor.close_consumer(room.desk(peer), r.consumer_id)),
        rate=60,
        burst=400,
    ),
}

#: `join` is acted on by the switchboard itself: it is what turns a socket into a peer.
MESSAGES: dict[str, Message] = {**INSIDE, **MODERATING}
