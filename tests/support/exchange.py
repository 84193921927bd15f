"""A switchboard without a network: handlers are called directly, so that a test chooses in which order things happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ledger.facts import Fact, FactKind
from media.memory import MemoryPlane
from media.plane import Json
from server.answers import explain
from server.live.clock import MeetingClock
from server.live.cluster import SingleNode
from server.live.live_room import LiveRoom
from server.live.ports import Seat, Visitor
from server.live.registry import Registry
from server.live.selftest import SelfTests
from server.rate_limits import LocalRateLimits
from server.signalling.switchboard import SocketLoudspeaker, Switchboard
from tests.support.live import MemoryBook


class Line:
    """Stands where python-socketio's server stands; `sent` has (socket, message, body)."""

    reason = SimpleNamespace(PING_TIMEOUT="ping timeout", CLIENT_DISCONNECT="client disconnect", TRANSPORT_CLOSE="transport close")

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.sent: list[tuple[str, str, Json]] = []
        self.eio = SimpleNamespace(sockets={})
        self.manager = SimpleNamespace(eio_sid_from_sid=lambda sid, namespace: sid)

    def on(self, name: str, handler: Callable[..., Any]) -> None:
        self.handlers[name] = handler

    async def enter_room(self, sid: str, room: str) -> None:
        """Nothing is told to rooms here."""

    async def emit(self, name: str, body: Json, to: str) -> None:
        self.sent.append((to, name, body))

    async def disconnect(self, sid: str) -> None:
        await self.handlers["disconnect"](sid, "server disconnect")


class SlowBook(MemoryBook):
    """The ledger takes as long as the test wants to find a seat."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = asyncio.Event()
        self.ready.set()

    async def seat(self, meeting_id: str, visitor: Visitor) -> Seat | None:
        await self.ready.wait()
        return await super().seat(meeting_id, visitor)


class SlowPlane(MemoryPlane):
    """Closing takes as long as the test wants."""

    ready: asyncio.Event | None = None

    async def close(self, id: str) -> Json:
        if self.ready is not None:
            await self.ready.wait()
        return await super().close(id)


class Exchange:
    """The parts of a node around one switchboard; meeting "m1" is scheduled, "chair" moderates."""

    def __init__(
        self, *, grace: float = 0.1, settled: Callable[[], bool] = lambda: True, clock: Callable[[], MeetingClock] = MeetingClock.start
    ) -> None:
        self.line: Any = Line()
        self.book, self.plane, self.directory = SlowBook(), SlowPlane(), SingleNode()
        speaker = SocketLoudspeaker(self.line)
        self.registry = Registry(
            self.book, self.plane, speaker, self.directory, self.book.facts.extend, settled=settled, grace_seconds=grace, clock=clock
        )
        self.plane.report = self.registry.take_report
        self.switchboard = Switchboard(
            self.line,
            self.registry,
            self.book,
            self._identify,
            explain,
            notice_version="n1",
            tests=SelfTests(self.plane, LocalRateLimits()),
        )

    async def _identify(self, environ: Json) -> Visitor | None:
        return Visitor("a", environ["who"], environ["who"].title(), "s")

    async def connect(self, sid: str, who: str) -> None:
        self.line.eio.sockets[sid] = SimpleNamespace(last_ping=None)
        await self.line.handlers["connect"](sid, {"who": who})

    async def hang_up(self, sid: str, reason: str = "client disconnect") -> None:
        await self.line.handlers["disconnect"](sid, reason)

    async def ask(self, sid: str, name: str, body: Any = None) -> Json:
        answer: Json = await self.line.handlers[name](sid, body)
        return answer

    async def do(self, sid: str, name: str, **body: Any) -> Json:
        answer = await self.ask(sid, name, body)
        assert answer["ok"], answer
        data: Json = answer["data"]
        return data

    async def join(self, sid: str, device: str = "d", **more: Any) -> Json:
        return await self.ask(sid, "join", {"meetingId": "m1", "deviceId": device, "device": "desktop", "noticeVersion": "n1", **more})

    async def opened(self, *members: str) -> dict[str, Json]:
        """The chair has opened the meeting and these are in; the socket of each has the member's name. → member → answer to join."""
        answers: dict[str, Json] = {}
        for member in ("chair", *members):
            await self.connect(member, member)
            answers[member] = (await self.join(member))["data"]
            if member == "chair":
                await self.do("chair", "openMeeting")
        return answers

    @property
    def room(self) -> LiveRoom:
        return self.registry.rooms["m1"]

    @property
    def inside(self) -> list[str]:
        """Members, once for each of their peers."""
        return [participant.member_id for participant in self.room.state.participants for _ in participant.peers]

    def said(self, kind: FactKind, member: str | None = None) -> list[Fact]:
        return [fact for fact in self.book.facts if fact.kind is kind and member in (None, fact.member_id)]

    async def stop(self) -> None:
        await self.switchboard.stop()
        await self.registry.stop()
