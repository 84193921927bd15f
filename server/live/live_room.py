"""One running room: the pure state machine with its queue, its peers' sockets and media, its clock and its counters.

Everything that changes the room goes through one queue. A command is decided, then, in this order: its facts go to the outbox, the media
plane is told, the viewers are told. Nothing here decides who may do what; that is rooms/policy and the ledger's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from ledger.facts import Fact
from media.plane import MediaPlane
from rooms import commands as c
from rooms import events as e
from rooms.ids import RoomStage
from rooms.refusals import Refused
from rooms.room import Room
from rooms.snapshot import place_of, shape
from rooms.state import RoomState
from server.actor import Actor, Overloaded, Stopped
from server.live.clock import MeetingClock
from server.live.conductor import Conductor, fresh_id
from server.live.counters import Counters
from server.live.desk import PeerDesk, ProducerDesk
from server.live.fanout import Fanout, Loudspeaker
from server.live.heartbeat import OpenConnection, OpenProducer
from server.live.ports import Booked, Seat
from server.live.recorder import Recorder
from server.live.refusals import ShellRefused
from server.live.reports import Reports
from server.live.scribe import Scribe
from server.schemas.signalling import Join, Produce

Json = dict[str, Any]
GRACE_SECONDS = 15.0
COUNTER_SECONDS = 5.0
OVERLOADED_SECONDS = 1.0
log = structlog.get_logger(__name__)


class LiveRoom:
    """`record` takes facts (the outbox); `closed` is called once when the room has ended and everybody is out."""

    def __init__(
        self,
        booked: Booked,
        *,
        plane: MediaPlane,
        loudspeaker: Loudspeaker,
        record: Callable[[Sequence[Fact]], Any],
        before: dict[str, tuple[float, float]],
        clock: MeetingClock,
        grace_seconds: float = GRACE_SECONDS,
        recordings: Path | None = None,
    ) -> None:
        self.meeting_id = booked.meeting_id
        self.planned_end = booked.planned_end
        self.clock = clock
        self.desks: dict[str, PeerDesk] = {}
        self.sids: dict[str, str] = {}
        self.empty_since: float = booked.last_fact_at or clock.now()
        stage: RoomStage = "open" if booked.stage == "open" else "scheduled"
        state = RoomState(booked.meeting_id, booked.title, stage, booked.opened_at, lobby=booked.lobby)
        self._room = Room(replace(state, recording_rule=booked.recording_rule))
        self.counters = Counters(before)
        if booked.opened_at is not None:
            self.counters.taken_up(booked.opened_at)
        self.scribe = Scribe(booked.meeting_id, secrets.token_hex(4))
        self.conductor = Conductor(plane, booked.meeting_id, self.desks, lambda: self._room.state)
        self.fanout = Fanout(loudspeaker, self.sids)
        self.recorder = Recorder(self, plane, recordings)
        self.reports = Reports(self)
        self.record = record
        self._grace_seconds = grace_seconds
        self._actor = Actor(f"room {booked.meeting_id}")
        self._ticking = asyncio.create_task(self._tick_forever())
        self._background: set[asyncio.Task[None]] = set()

    # -- what is asked of the room ---------------------------------------------------------------------------------------------------

    @property
    def state(self) -> RoomState:
        return self._room.state

    async def command(self, command: c.Command) -> None:
        """In turn; raises `Refused`."""
        await self._actor.ask(lambda: self._do(command))

    async def ask(self, job: Callable[[], Any]) -> Any:
        return await self._actor.ask(job)

    def soon(self, job: Callable[[], Any]) -> None:
        """Ask without waiting for the answer (timers, reports of the plane)."""
        task = asyncio.create_task(self._unheard(job))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _unheard(self, job: Callable[[], Any]) -> None:
        try:
            await self._actor.ask(job)
        except Refused as refused:
            log.info("late_command_refused", code=refused.code)
        except Overloaded:  # a grace that is over, a report of the plane: late, but not lost
            asyncio.get_running_loop().call_later(OVERLOADED_SECONDS, self.soon, job)
        except Stopped:
            return

    async def _do(self, command: c.Command) -> tuple[e.Event, ...]:
        """Only inside the queue."""
        events = self._room.handle(command, self.clock.now())
        if not events:
            return events
        self.record([fact for event in events for fact in self.scribe.of_event(event)])
        for event in events:
            self._keep_books(event.what)
        await self.conductor.perform(events)
        await self.recorder.perform(events)
        await self.fanout.tell(self.state, events)
        self._forget_gone(events)
        return events

    do = _do

    def _keep_books(self, what: e.Happening) -> None:
        """Counters and desks follow the room."""
        if isinstance(what, e.RoomOpened):
            self.counters.opened(what.at)
        elif isinstance(what, e.RoomEnded):
            self.counters.ended(what.at)
        elif isinstance(what, e.PeerJoined):
            self.counters.joined(what.member_id, what.peer.peer_id, what.peer.joined_at)
        elif isinstance(what, e.PeerLeft):
            self.counters.left(what.member_id, what.peer_id, what.at)
            self.empty_since = what.at
        elif isinstance(what, e.ProducerAdded):
            desk = self.desks[what.peer_id]
            desk.producers[what.producer.producer_id] = ProducerDesk(what.producer.producer_id, what.producer.source)
        elif isinstance(what, e.ProducerRemoved) and what.peer_id in self.desks:
            desk = self.desks[what.peer_id]
            producer = desk.producers.pop(what.producer_id, None)
            if producer is not None:
                self.reports.part([producer], desk, what.at)

    def _forget_gone(self, events: Sequence[e.Event]) -> None:
        """After everybody was told: who left has no desk any more."""
        for event in events:
            if isinstance(event.what, e.PeerLeft):
                self._close_desk(event.what.peer_id, event.what.at)
            elif isinstance(event.what, e.WaitingLeft) and place_of(self.state, event.what.peer_id) == "outside":
                self._close_desk(event.what.peer_id, self.clock.now())

    def _at_the_door(self, peer_id: str) -> bool:
        return any(entry.peer_id == peer_id for entry in self.state.waiting)

    def _close_desk(self, peer_id: str, at: float) -> None:
        self.sids.pop(peer_id, None)
        desk = self.desks.pop(peer_id, None)
        if desk is not None:
            self.reports.part(list(desk.producers.values()), desk, at)
            if desk.grace is not None:
                desk.grace.cancel()

    # -- coming, going, coming back --------------------------------------------------------------------------------------------------

    async def join(self, seat: Seat, request: Join, sid: str) -> Json:
        """→ the shape `Joined`, as a new peer."""
        return await self._actor.ask(lambda: self._join(seat, request, sid))

    async def _join(self, seat: Seat, request: Join, sid: str) -> Json:
        desk = PeerDesk(fresh_id(), seat.member_id, secrets.token_urlsafe(24), self.clock.now(), sid)
        command = c.Join(desk.peer_id, seat.member_id, seat.name, seat.role, seat.post, request.device, request.device_id, seat.may_enter)
        self.desks[desk.peer_id] = desk
        try:
            await self._do(command)
        except Refused:
            del self.desks[desk.peer_id]
            raise
        self.sids[desk.peer_id] = sid  # after the others were told: this one is answered with a snapshot
        self.record([self.scribe.consent(seat.member_id, request.notice_version, self.clock.now())])
        return self._joined(desk, resumed=False)

    async def resume(self, member_id: str, token: str, sid: str) -> Json | None:
        """Go on with a peer of this member, without asking anybody else; None when the token fits no peer any more."""

        async def again() -> Json | None:
            desk = self._resumable(member_id, token)
            if desk is None:
                return None
            await self._resume(desk, sid)
            return self._joined(desk, resumed=True)

        return await self._actor.ask(again)

    def _resumable(self, member_id: str, token: str) -> PeerDesk | None:
        fits = (desk for desk in self.desks.values() if secrets.compare_digest(desk.resume.encode(), token.encode()))
        return next((desk for desk in fits if desk.member_id == member_id), None)

    async def _resume(self, desk: PeerDesk, sid: str) -> None:
        if desk.grace is not None:
            desk.grace.cancel()
            desk.grace = None
        desk.sid, desk.last_seen = sid, self.clock.now()
        if self.state.owner(desk.peer_id) is not None:
            await self._do(c.ConnectionBack(desk.peer_id))
        self.sids[desk.peer_id] = sid
        desk.qualities_told = {}
        await self.reports.repeat(desk)

    def _joined(self, desk: PeerDesk, *, resumed: bool) -> Json:
        waiting = self._at_the_door(desk.peer_id)
        return {
            "state": "waiting" if waiting else "joined",
            "peerId": desk.peer_id,
            "resume": desk.resume,
            "resumed": resumed,
            "snapshot": shape(self._room.snapshot(desk.peer_id)),
            "routerRtpCapabilities": self.conductor.capabilities,
            "serverNow": self.clock.now(),
        }

    async def fresh_snapshot(self, peer_id: str) -> Json:
        """In turn, so that it stands between two events and not inside a command."""

        async def cut() -> Json:
            return shape(self._room.snapshot(peer_id))

        return await self._actor.ask(cut)

    def heard(self, peer_id: str) -> None:
        """Any message of the peer: it is still here."""
        desk = self.desks.get(peer_id)
        if desk is not None:
            desk.last_seen = self.clock.now()

    async def socket_lost(self, peer_id: str, sid: str, *, seen_now: bool) -> None:
        """The socket is gone. `seen_now`: it was closed, not timed out. The peer keeps its place for the grace."""
        await self._actor.ask(lambda: self._socket_lost(peer_id, sid, seen_now))

    async def _socket_lost(self, peer_id: str, sid: str, seen_now: bool) -> None:
        desk = self.desks.get(peer_id)
        if desk is None or desk.sid != sid:
            return
        self.sids.pop(peer_id, None)
        desk.sid = None
        if seen_now:
            desk.last_seen = self.clock.now()
        if self.state.owner(peer_id) is not None:
            await self._do(c.ConnectionLost(peer_id))
        loop = asyncio.get_running_loop()
        desk.grace = loop.call_later(self._grace_seconds, self._grace_over, peer_id)

    def _grace_over(self, peer_id: str) -> None:
        self.soon(lambda: self._leave_unless_back(peer_id))

    async def _leave_unless_back(self, peer_id: str) -> None:
        """Asked in turn: somebody may have come back while the queue was busy."""
        desk = self.desks.get(peer_id)
        if desk is not None and desk.sid is None:
            await self._do(c.Leave(peer_id, "connectionLost", desk.last_seen))

    # -- media -----------------------------------------------------------------------------------------------------------------------

    def desk(self, peer_id: str) -> PeerDesk:
        """The desk of a peer that is inside (not at the door): only those have media."""
        desk = self.desks.get(peer_id)
        if desk is None or self.state.owner(peer_id) is None:
            raise ShellRefused("notJoined")
        return desk

    async def produce(self, peer_id: str, request: Produce) -> str:
        """First the plane, then the room: others hear of a producer only when it can be consumed."""
        return await self._actor.ask(lambda: self._produce(peer_id, request))

    async def _produce(self, peer_id: str, request: Produce) -> str:
        desk, producer_id = self.desk(peer_id), fresh_id()
        command = c.AddProducer(peer_id, producer_id, request.kind, request.source, request.paused)
        Room(self.state).handle(command, self.clock.now())  # refused before the plane has done anything
        await self.conductor.produce(desk, request.transport_id, producer_id, request.kind, request.rtp_parameters, request.paused)
        try:
            await self._do(command)
        except Refused:
            await self.conductor.discard(producer_id)
            raise
        return producer_id

    # -- running and closing ---------------------------------------------------------------------------------------------------------

    def counters_of(self, member_id: str) -> Json:
        now = self.clock.now()
        return {
            "memberId": member_id,
            "presentSeconds": round(self.counters.present(member_id, now), 1),
            "speakingSeconds": round(self.counters.speaking(member_id, now), 1),
            "sessionSeconds": round(self.counters.session(now), 1),
            "speakingNow": self.counters.speaks(member_id),
        }

    async def show_counters(self) -> None:
        """Everyone the own counters, moderators all."""
        everyone = {p.member_id: self.counters_of(p.member_id) for p in self.state.participants}
        for participant in self.state.participants:
            peers = [peer.peer_id for peer in participant.peers]
            await self.fanout.say("counters", everyone[participant.member_id], peers)
            if participant.role in ("moderator", "coModerator"):
                await self.fanout.say("roomCounters", {"counters": list(everyone.values())}, peers)

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(COUNTER_SECONDS)
            try:
                await self.show_counters()
            except Exception as trouble:  # a socket that cannot be written to must not end everybody's counters
                log.error("counters_not_shown", error=repr(trouble))

    @property
    def is_empty(self) -> bool:
        return not self.desks

    def open_connections(self) -> list[OpenConnection]:
        """For the heartbeat: what a crash now would have to close."""
        now = self.clock.now()
        return [
            OpenConnection(
                self.meeting_id,
                desk.member_id,
                desk.peer_id,
                now if desk.sid is not None else desk.last_seen,
                tuple(OpenProducer(p.producer_id, p.source, p.flowing, p.speaking) for p in desk.producers.values()),
            )
            for desk in self.desks.values()
            if self.state.owner(desk.peer_id) is not None
        ]

    async def close(self) -> None:
        """Stop running: everybody still there is told that the server stopped; the meeting itself stays as it is.

        First the queue ends – somebody may have come in with its very last job – and then nobody else can touch the room.
        """
        self._ticking.cancel()
        self.reports.qualities.stop()
        await asyncio.gather(self._ticking, return_exceptions=True)
        await self._actor.stop()
        for peer_id in [peer.peer_id for participant in self.state.participants for peer in participant.peers]:
            await self._do(c.Leave(peer_id, "serverStopped"))
        for entry in self.state.waiting:
            await self.fanout.say("left", {"reason": "serverStopped"}, [entry.peer_id])
            self.sids.pop(entry.peer_id, None)
            await self._do(c.Leave(entry.peer_id))
        await self.conductor.close()
        self.reports.settle()
