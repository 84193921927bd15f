"""Every message a client may send: its name, its shape, how often, and the function that acts on it.

An acting function takes the visit and the parsed request and gives the acknowledgement's data. It decides nothing: rights of the moment are
the room's, rights along the tree the ledger's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rooms import commands as c
from rooms.policy import EVERYONE, INSIDE, MAY, PRESENT
from server.live.live_room import LiveRoom
from server.live.recorder import fresh_recording
from server.live.selftest import SelfTest
from server.schemas import signalling as s
from server.schemas.base import Shape
from server.signalling.visit import Visit

Json = dict[str, Any]
Act = Callable[[Visit, Any], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Message:
    """`rate` a second, up to `burst` at once. `who`: the name of a right in rooms/policy.py, for the protocol's page."""

    shape: type[Shape]
    act: Act
    who: str = INSIDE.name
    rate: float = 5.0
    burst: float = 20.0


def command(
    kind: type[c.Command], shape: type[Shape], build: Callable[[str, Any], c.Command], rate: float = 5.0, burst: float = 20.0
) -> Message:
    """A message that is one command of the room."""

    async def act(visit: Visit, request: Any) -> Json:
        room, peer_id = visit.joined()
        await room.command(build(peer_id, request))
        return {}

    return Message(shape, act, MAY[kind].name, rate, burst)


def with_media(ask: Callable[[LiveRoom, str, Any], Awaitable[Json]]) -> Act:
    """A message about the peer's own transports and consumers; it changes nothing in the room, so it need not wait in its queue."""

    async def act(visit: Visit, request: Any) -> Json:
        room, peer_id = visit.joined()
        return await ask(room, peer_id, request)

    return act


def with_test(ask: Callable[[SelfTest, Any], Awaitable[Json]]) -> Act:
    """A message about the connection test of this socket; it needs no room."""

    async def act(visit: Visit, request: Any) -> Json:
        return await ask(visit.testing(), request)

    return act


async def _produce(visit: Visit, request: s.Produce) -> Json:
    room, peer_id = visit.joined()
    return {"producerId": await room.produce(peer_id, request)}


async def _leave(visit: Visit, request: s.Nothing) -> Json:
    """Leaving also gives up the right to come back as the same peer."""
    room, peer_id = visit.joined()
    await room.command(c.Leave(peer_id))
    return {}


async def _alive(visit: Visit, request: s.Nothing) -> Json:
    room, _ = visit.joined()
    return {"serverNow": room.clock.now()}


async def _resync(visit: Visit, request: s.Nothing) -> Json:
    room, peer_id = visit.joined()
    return {"snapshot": await room.fresh_snapshot(peer_id)}


COMMANDS: dict[str, Message] = {
    "openMeeting": command(c.OpenMeeting, s.Nothing, lambda by, _: c.OpenMeeting(by)),
    "endMeeting": command(c.EndMeeting, s.Nothing, lambda by, _: c.EndMeeting(by)),
    "setLobby": command(c.SetLobby, s.Switch, lambda by, r: c.SetLobby(by, r.on)),
    "setLocked": command(c.SetLocked, s.Switch, lambda by, r: c.SetLocked(by, r.on)),
    "admit": command(c.Admit, s.MemberId, lambda by, r: c.Admit(by, r.member_id)),
    "admitAll": command(c.AdmitAll, s.Nothing, lambda by, _: c.AdmitAll(by)),
    "refuseEntry": command(c.RefuseEntry, s.MemberId, lambda by, r: c.RefuseEntry(by, r.member_id)),
    "remove": command(c.Remove, s.Removal, lambda by, r: c.Remove(by, r.member_id, r.reason)),
    "grantModerator": command(c.GrantModerator, s.MemberId, lambda by, r: c.GrantModerator(by, r.member_id)),
    "revokeModerator": command(c.RevokeModerator, s.MemberId, lambda by, r: c.RevokeModerator(by, r.member_id)),
    "mute": command(c.Mute, s.MemberId, lambda by, r: c.Mute(by, r.member_id)),
    "muteAll": command(c.MuteAll, s.Nothing, lambda by, _: c.MuteAll(by)),
    "askUnmute": command(c.AskUnmute, s.MemberId, lambda by, r: c.AskUnmute(by, r.member_id)),
    "stopShare": command(c.StopShare, s.MemberId, lambda by, r: c.StopShare(by, r.member_id)),
    "lowerAllHands": command(c.LowerAllHands, s.Nothing, lambda by, _: c.LowerAllHands(by)),
    "giveFloor": command(c.GiveFloor, s.MemberId, lambda by, r: c.GiveFloor(by, r.member_id)),
    "raiseHand": command(c.RaiseHand, s.Nothing, lambda by, _: c.RaiseHand(by), rate=1, burst=10),
    "lowerHand": command(c.LowerHand, s.Nothing, lambda by, _: c.LowerHand(by), rate=1, burst=10),
    "lowerHandOf": command(c.LowerHand, s.MemberId, lambda by, r: c.LowerHand(by, r.member_id)),
    "withdrawFloor": command(c.WithdrawFloor, s.Nothing, lambda by, _: c.WithdrawFloor(by), rate=1, burst=10),
    "say": command(c.Say, s.Say, lambda by, r: c.Say(by, r.text, r.client_id), rate=1, burst=8),
    "startRecording": command(c.StartRecording, s.Nothing, lambda by, _: c.StartRecording(by, fresh_recording()), rate=0.5, burst=4),
    "stopRecording": command(c.StopRecording, s.Nothing, lambda by, _: c.StopRecording(by), rate=0.5, burst=4),
    "agreeToRecording": command(c.AgreeToRecording, s.RecordingText, lambda by, r: c.AgreeToRecording(by, r.version), rate=1, burst=8),
    "declineRecording": command(c.DeclineRecording, s.Nothing, lambda by, _: c.DeclineRecording(by), rate=1, burst=8),
    "objectToRecording": command(c.ObjectToRecording, s.Nothing, lambda by, _: c.ObjectToRecording(by), rate=1, burst=4),
    "pauseProducer": command(c.SetProducerPaused, s.ProducerId, lambda by, r: c.SetProducerPaused(by, r.producer_id, True)),
    "resumeProducer": command(c.SetProducerPaused, s.ProducerId, lambda by, r: c.SetProducerPaused(by, r.producer_id, False)),
    "closeProducer": command(c.RemoveProducer, s.ProducerId, lambda by, r: c.RemoveProducer(by, r.producer_id)),
}

STAYING: dict[str, Message] = {
    "leave": Message(s.Nothing, _leave, PRESENT.name),
    "alive": Message(s.Nothing, _alive, PRESENT.name, rate=2, burst=10),
    "resync": Message(s.Nothing, _resync, PRESENT.name, rate=1, burst=5),
}

MEDIA: dict[str, Message] = {
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
    "setWishes": Message(
        s.SetWishes,
        with_media(lambda room, peer, r: room.conductor.set_wishes(room.desk(peer), [tile.model_dump() for tile in r.consumers], r.last_n)),
        rate=4,
        burst=20,
    ),
    "closeConsumer": Message(
        s.ConsumerId,
        with_media(lambda room, peer, r: room.conductor.close_consumer(room.desk(peer), r.consumer_id)),
        rate=60,
        burst=400,
    ),
}

TESTING: dict[str, Message] = {
    "createTestTransport": Message(
        s.CreateTransport, with_test(lambda test, r: test.create_transport(r.direction)), EVERYONE.name, rate=1, burst=16
    ),
    "connectTestTransport": Message(
        s.ConnectTransport,
        with_test(lambda test, r: test.connect_transport(r.transport_id, r.dtls_parameters)),
        EVERYONE.name,
        rate=1,
        burst=16,
    ),
    "closeTestTransport": Message(
        s.TransportId, with_test(lambda test, r: test.close_transport(r.transport_id)), EVERYONE.name, rate=1, burst=16
    ),
    "produceTest": Message(
        s.ProduceTest, with_test(lambda test, r: test.produce(r.transport_id, r.kind, r.rtp_parameters)), EVERYONE.name, rate=1, burst=16
    ),
    "consumeTest": Message(
        s.Consume,
        with_test(lambda test, r: test.consume(r.transport_id, r.producer_id, r.rtp_capabilities)),
        EVERYONE.name,
        rate=1,
        burst=16,
    ),
}

#: `join`, `startTest` and `endTest` are acted on by the switchboard itself: they change what a socket is.
MESSAGES: dict[str, Message] = {**STAYING, **COMMANDS, **MEDIA, **TESTING}
