"""The switchboard: sockets in, acknowledgements out. Every failure becomes a typed refusal; nothing a client sends raises past here."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import socketio
import structlog
from pydantic import ValidationError

from rooms import commands as c
from rooms.refusals import Refused
from server.actor import Overloaded
from server.live.ports import MeetingBook, Seat, Visitor
from server.live.refusals import ShellRefused
from server.live.registry import Elsewhere, Registry
from server.schemas import signalling as s
from server.signalling.limits import Bucket
from server.signalling.messages import MESSAGES, Message
from server.signalling.visit import Visit

Json = dict[str, Any]
#: From the handshake's environ: who is behind this socket; None: nobody logged in. Raises nothing.
Identify = Callable[[Json], Awaitable[Visitor | None]]
#: A refusal's code and params → the shape `Refusal` with both sentences.
Explain = Callable[[str, Json], Json]
JOIN = Message(s.Join, act=None, who="everyone", rate=0.5, burst=8)  # type: ignore[arg-type]
log = structlog.get_logger(__name__)


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
        ice_servers: Callable[[Visitor], list[Json]] = lambda visitor: [],
    ) -> None:
        self._sio = sio
        self._registry = registry
        self._book = book
        self._identify = identify
        self._explain = explain
        self._notice_version = notice_version
        self._ice_servers = ice_servers
        self.visits: dict[str, Visit] = {}
        self.refused: dict[str, int] = {}  # code → how often, for the metrics
        sio.on("connect", self._connect)
        sio.on("disconnect", self._disconnect)
        sio.on("join", self._handler(JOIN, self._join))
        for name, message in MESSAGES.items():
            sio.on(name, self._handler(message, message.act))
        sio.on("*", self._unknown)

    # -- sockets ---------------------------------------------------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: Json, auth: Any = None) -> None:
        visitor = await self._identify(environ)
        if visitor is None:
            raise socketio.exceptions.ConnectionRefusedError(self._explain("notLoggedIn", {}))
        self.visits[sid] = Visit(sid, visitor)

    async def _disconnect(self, sid: str, reason: str | None = None) -> None:
        await self._gone(sid, reason)

    async def _gone(self, sid: str, reason: str | None) -> None:
        visit = self.visits.pop(sid, None)
        if visit is None or visit.room is None or visit.peer_id is None:
            return
        timed_out = reason == self._sio.reason.PING_TIMEOUT
        try:
            await visit.room.socket_lost(visit.peer_id, sid, seen_now=not timed_out)
        except Exception as trouble:
            log.error("socket_lost_failed", error=repr(trouble))

    async def _unknown(self, event: str, sid: str, *_: Any) -> Json:
        return self._refusal("unknownMessage", {"name": str(event)[:64]})

    # -- messages --------------------------------------------------------------------------------------------------------------------

    def _handler(self, message: Message, act: Callable[[Visit, Any], Awaitable[Json]]) -> Callable[..., Awaitable[Json]]:
        async def handle(sid: str, *bodies: Any) -> Json:
            visit = self.visits.get(sid)
            if visit is None:
                return self._refusal("notLoggedIn", {})
            return await self._answer(visit, message, act, bodies[0] if bodies else {})

        return handle

    async def _answer(self, visit: Visit, message: Message, act: Callable[[Visit, Any], Awaitable[Json]], body: Any) -> Json:
        try:
            self._limit(visit, message)
            if visit.room is not None and visit.peer_id is not None:
                visit.room.heard(visit.peer_id)
            request = message.shape.model_validate(body if body is not None else {})
            return {"ok": True, "data": await act(visit, request)}
        except ValidationError as malformed:
            return self._refusal("badRequest", _where(malformed))
        except (Refused, ShellRefused) as refused:
            return self._refusal(refused.code, dict(refused.params))
        except Overloaded:
            return self._refusal("overloaded", {})
        except Exception as bug:
            log.exception("message_failed", message=message.shape.__name__, error=repr(bug))
            return self._refusal("internalError", {})

    def _limit(self, visit: Visit, message: Message) -> None:
        now = time.monotonic()
        key = str(id(message))
        bucket = visit.buckets.setdefault(key, Bucket.full(message.rate, message.burst, now))
        if not bucket.take(now):
            raise ShellRefused("tooManyRequests")

    def _refusal(self, code: str, params: Json) -> Json:
        self.refused[code] = self.refused.get(code, 0) + 1
        return {"ok": False, "refusal": self._explain(code, params)}

    # -- join ------------------------------------------------------------------------------------------------------------------------

    async def _join(self, visit: Visit, request: s.Join) -> Json:
        if request.notice_version != self._notice_version:
            raise ShellRefused("noticeOutdated", version=self._notice_version)
        seat = await self._seat(visit.visitor, request.meeting_id)
        try:
            room = await self._registry.room(request.meeting_id)
        except Elsewhere as elsewhere:
            return {"state": "elsewhere", "node": elsewhere.address, "serverNow": time.time()}
        if visit.room is not None and visit.peer_id in visit.room.desks and visit.room.desks[visit.peer_id].resume != request.resume:
            await visit.room.command(c.Leave(visit.peer_id))  # one socket is one peer
        answer = await room.join(seat, request, visit.sid)
        visit.room, visit.peer_id = room, answer["peerId"]
        return {**answer, "iceServers": self._ice_servers(visit.visitor)}

    async def _seat(self, visitor: Visitor, meeting_id: str) -> Seat:
        seat = await self._book.seat(meeting_id, visitor)
        if seat is None:
            raise ShellRefused("noSuchMeeting")
        return seat


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
