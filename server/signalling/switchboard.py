"""The switchboard: sockets in, acknowledgements out. Every failure becomes a typed refusal; nothing a client sends raises past here."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import socketio
import structlog
from pydantic import ValidationError

from ledger.refusals import StoreUnavailable
from rooms import commands as c
from rooms.policy import EVERYONE
from rooms.refusals import Refused
from server.actor import Overloaded, Stopped
from server.live.bell import room_of
from server.live.live_room import LiveRoom
from server.live.ports import MeetingBook, Seat, Visitor
from server.live.refusals import ShellRefused
from server.live.registry import Elsewhere, Registry
from server.live.selftest import LASTS_SECONDS, SelfTests
from server.refusal_log import RefusalLog
from server.schemas import signalling as s
from server.signalling.limits import Bucket
from server.signalling.messages import MESSAGES, Message
from server.signalling.visit import Visit

Json = dict[str, Any]
#: From the handshake's environ: who is behind this socket; None: nobody logged in. Raises nothing.
Identify = Callable[[Json], Awaitable[Visitor | None]]
#: A refusal's code, its params and the number of the request → the shape `Refusal` with both sentences.
Explain = Callable[[str, Json, str | None], Json]
JOIN = Message(s.Join, act=None, who=EVERYONE.name, rate=0.5, burst=8)  # type: ignore[arg-type]
START_TEST = Message(s.Nothing, act=None, who=EVERYONE.name, rate=0.2, burst=4)  # type: ignore[arg-type]
END_TEST = Message(s.Nothing, act=None, who=EVERYONE.name, rate=1, burst=8)  # type: ignore[arg-type]
UNKNOWN = Message(s.Nothing, act=None)  # type: ignore[arg-type]
#: Presence of a vanished client ends when it was last heard of. A socket that owes no pong counts as heard, so the record errs by at most
#: PING_SECONDS; the others see it as reconnecting after PING_SECONDS + PONG_SECONDS and a little.
PING_SECONDS, PONG_SECONDS = 1.0, 4.0
WATCH_SECONDS = 1.0
SESSION_SECONDS = 30.0
log = structlog.get_logger(__name__)


async def _always(visitor: Visitor) -> bool:
    return True


async def _no_such_message(visit: Visit, request: s.Nothing) -> Json:
    raise ShellRefused("unknownMessage")


class Switchboard:
    def __init__(
        self,
        sio: socketio.AsyncServer,
        registry: Registry,
        book: MeetingBook,
        identify: Identify,
        explain: Explain,
        *,
        notice_version: str,
        tests: SelfTests,
        still_in: Callable[[Visitor], Awaitable[bool]] = _always,
        ice_servers: Callable[[Visitor], list[Json]] = lambda visitor: [],
    ) -> None:
        self._sio = sio
        self._registry = registry
        self._book = book
        self._identify = identify
        self._explain = explain
        self._notice_version = notice_version
        self._ice_servers = ice_servers
        self._still_in = still_in
        self._tests = tests
        self._tasks: list[asyncio.Task[None]] = []
        self._hanging_up: set[asyncio.Task[None]] = set()
        self._refusals = RefusalLog()
        self.visits: dict[str, Visit] = {}
        self.refused: dict[str, int] = {}  # code → how often, for the metrics
        sio.eio.ping_interval, sio.eio.ping_timeout = PING_SECONDS, PONG_SECONDS
        sio.on("connect", self._connect)
        sio.on("disconnect", self._disconnect)
        sio.on("join", self._handler("join", JOIN, self._join))
        sio.on("startTest", self._handler("startTest", START_TEST, self._start_test))
        sio.on("endTest", self._handler("endTest", END_TEST, self._end_test))
        for name, message in MESSAGES.items():
            sio.on(name, self._handler(name, message, message.act))
        sio.on("*", self._unknown)

    # -- sockets ---------------------------------------------------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: Json, auth: Any = None) -> None:
        visitor = await self._identify(environ)
        if visitor is None:
            # Two arguments: the client's error has the first as `message`, the second as `data`.
            raise socketio.exceptions.ConnectionRefusedError("notLoggedIn", self._refusal("notLoggedIn", {})["refusal"])
        socket = self._sio.eio.sockets.get(self._sio.manager.eio_sid_from_sid(sid, "/"))
        self.visits[sid] = Visit(sid, visitor, socket, time.monotonic())
        if visitor.member_id is not None:
            await self._sio.enter_room(sid, room_of(visitor.member_id))

    async def _disconnect(self, sid: str, reason: str | None = None) -> None:
        await self._gone(sid, reason)

    async def _gone(self, sid: str, reason: str | None) -> None:
        visit = self.visits.pop(sid, None)
        if visit is None:
            return
        if visit.test is not None:
            await self._tests.end(visit.visitor.account_id, visit.test)
        if visit.room is None or visit.peer_id is None:
            return
        # Engine.IO calls its own read timeout a "transport close" too: with a pong owed, nobody was seen closing anything.
        reasons = self._sio.reason
        seen = reason == reasons.CLIENT_DISCONNECT or (reason != reasons.PING_TIMEOUT and not visit.owes_pong)
        try:
            await visit.room.socket_lost(visit.peer_id, sid, seen_now=seen)
        except Stopped:
            return  # the room has closed, and everybody in it has left
        except Exception as trouble:
            log.error("socket_lost_failed", error=repr(trouble))

    async def _unknown(self, event: str, sid: str, *_: Any) -> Json:
        visit = self.visits.get(sid)
        if visit is None:
            return self._refusal("notLoggedIn", {})
        return await self._answer(visit, "unknown", UNKNOWN, _no_such_message, {})

    # -- watching --------------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._watch_pongs()), asyncio.create_task(self._watch_sessions())]

    async def stop(self) -> None:
        tasks = [*self._tasks, *self._hanging_up]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._tests.stop()

    async def _watch_pongs(self) -> None:
        """Engine.IO measures its timeout by the wall clock, which may be set back: this watch goes by the monotonic one."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now = time.monotonic()
            for visit in list(self.visits.values()):
                if not visit.owes_pong:
                    visit.heard(now)
                elif now - visit.heard_at > PONG_SECONDS + WATCH_SECONDS:
                    self._later(visit.socket.close(wait=False, abort=True, reason=self._sio.reason.PING_TIMEOUT))

    def _later(self, job: Coroutine[Any, Any, None]) -> None:
        """Nobody waits for a socket that does not answer."""
        task = asyncio.create_task(job)
        self._hanging_up.add(task)
        task.add_done_callback(self._hanging_up.discard)

    async def _watch_sessions(self) -> None:
        """A session that has ended – logged out elsewhere, password changed, account disabled – does not keep its socket."""
        while True:
            await asyncio.sleep(SESSION_SECONDS)
            for visit in list(self.visits.values()):
                if not await self._still_in(visit.visitor):
                    self._later(self._sio.disconnect(visit.sid))

    # -- messages --------------------------------------------------------------------------------------------------------------------

    def _handler(self, name: str, message: Message, act: Callable[[Visit, Any], Awaitable[Json]]) -> Callable[..., Awaitable[Json]]:
        async def handle(sid: str, *bodies: Any) -> Json:
            visit = self.visits.get(sid)
            if visit is None:
                return self._refusal("notLoggedIn", {}, name)
            return await self._answer(visit, name, message, act, bodies[0] if bodies else {})

        return handle

    async def _answer(self, visit: Visit, name: str, message: Message, act: Callable[[Visit, Any], Awaitable[Json]], body: Any) -> Json:
        try:
            self._limit(visit, message)
            visit.heard(time.monotonic())
            request = message.shape.model_validate(body if body is not None else {})
            return {"ok": True, "data": await act(visit, request)}
        except ValidationError as malformed:
            return self._refusal("badRequest", _where(malformed), name)
        except (Refused, ShellRefused) as refused:
            return self._refusal(refused.code, dict(refused.params), name)
        except StoreUnavailable:
            return self._refusal("storeUnavailable", {}, name)
        except (Overloaded, Stopped):
            return self._refusal("overloaded", {}, name)
        except Exception as bug:
            number = secrets.token_hex(6)
            log.exception("message_failed", request=number, message=name, error=type(bug).__name__)
            return self._refusal("internalError", {}, name, number)

    def _limit(self, visit: Visit, message: Message) -> None:
        now = time.monotonic()
        key = str(id(message))
        bucket = visit.buckets.setdefault(key, Bucket.full(message.rate, message.burst, now))
        if not bucket.take(now):
            raise ShellRefused("tooManyRequests")

    def _refusal(self, code: str, params: Json, where: str = "connect", number: str | None = None) -> Json:
        """`where`: the message; `number`: of the line in the log, where a person is to name it to an administrator."""
        self.refused[code] = self.refused.get(code, 0) + 1
        self._refusals.note(code, where)
        return {"ok": False, "refusal": self._explain(code, params, number)}

    # -- join ------------------------------------------------------------------------------------------------------------------------

    async def _join(self, visit: Visit, request: s.Join) -> Json:
        if request.notice_version != self._notice_version:
            raise ShellRefused("noticeOutdated", version=self._notice_version)
        async with visit.joining:
            answer = await self._resumed(visit, request) or await self._entered(visit, request)
            if visit.sid not in self.visits and visit.room is not None and visit.peer_id is not None:
                await visit.room.socket_lost(visit.peer_id, visit.sid, seen_now=True)  # it hung up while it was being let in
        return {**answer, "iceServers": self._ice_servers(visit.visitor)}

    async def _resumed(self, visit: Visit, request: s.Join) -> Json | None:
        """Coming back needs nobody but the room: not the ledger, not the directory."""
        room = self._registry.rooms.get(request.meeting_id)
        if room is None or request.resume is None or visit.visitor.member_id is None:
            return None
        answer = await room.resume(visit.visitor.member_id, request.resume, visit.sid)
        if answer is not None:
            await self._leave_former(visit, answer["peerId"])
            self._take_over(visit, room, answer["peerId"])
            visit.room, visit.peer_id = room, answer["peerId"]
        return answer

    async def _entered(self, visit: Visit, request: s.Join) -> Json:
        seat = await self._seat(visit.visitor, request.meeting_id)
        try:
            room = await self._registry.room(request.meeting_id)
            await self._leave_former(visit, None)
            try:
                answer = await room.join(seat, request, visit.sid)
            except Stopped:  # an empty room was being closed: there will be a fresh one
                room = await self._registry.room(request.meeting_id)
                answer = await room.join(seat, request, visit.sid)
        except Elsewhere as elsewhere:
            return {"state": "elsewhere", "node": elsewhere.address, "serverNow": time.time()}
        visit.room, visit.peer_id = room, answer["peerId"]
        return answer

    async def _leave_former(self, visit: Visit, now: str | None) -> None:
        """One socket is one peer: joining again leaves what it was before."""
        if visit.room is not None and visit.peer_id is not None and visit.peer_id != now and visit.peer_id in visit.room.desks:
            await visit.room.command(c.Leave(visit.peer_id))

    def _take_over(self, visit: Visit, room: LiveRoom, peer_id: str) -> None:
        """A peer has one socket: the older one, half dead or not, speaks for it no longer."""
        for other in list(self.visits.values()):
            if other is not visit and other.room is room and other.peer_id == peer_id:
                other.room = other.peer_id = None
                self._later(self._sio.disconnect(other.sid))

    async def _seat(self, visitor: Visitor, meeting_id: str) -> Seat:
        seat = await self._book.seat(meeting_id, visitor)
        if seat is None:
            raise ShellRefused("noSuchMeeting")
        return seat

    # -- the connection test ---------------------------------------------------------------------------------------------------------

    async def _start_test(self, visit: Visit, request: s.Nothing) -> Json:
        """For whoever is logged in; strangers reach no media."""
        visit.test, capabilities = await self._tests.start(visit.visitor.account_id)
        if visit.sid not in self.visits:  # it hung up while the router was being made
            await self._tests.end(visit.visitor.account_id, visit.test)
        return {
            "routerRtpCapabilities": capabilities,
            "iceServers": self._ice_servers(visit.visitor),
            "lastsSeconds": LASTS_SECONDS,
        }

    async def _end_test(self, visit: Visit, request: s.Nothing) -> Json:
        if visit.test is not None:
            await self._tests.end(visit.visitor.account_id, visit.test)
            visit.test = None
        return {}


def _where(malformed: ValidationError) -> Json:
    """Which field is wrong and how, without echoing what was sent."""
    first = malformed.errors(include_url=False, include_input=False, include_context=False)[0]
    return {"field": ".".join(str(part) for part in first["loc"])[:120], "problem": first["type"]}


class SocketLoudspeaker:
    """`Loudspeaker` over python-socketio."""

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio

    async def emit(self, name: str, body: Json, sid: str) -> None:
        await self._sio.emit(name, body, to=sid)

    async def hang_up(self, sid: str) -> None:
        await self._sio.disconnect(sid)
