"""A live server in the test's own process: real Socket.IO over a real port, memory twins of the media plane and the meeting book."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

from ledger.facts import Fact, FactKind
from media.memory import MemoryPlane
from rooms.ids import RecordingRule, Role
from server.answers import explain
from server.live.cluster import RoomDirectory, SingleNode
from server.live.heartbeat import OpenConnection
from server.live.ports import Booked, MeetingBook, Seat, Visitor
from server.live.registry import Registry
from server.live.selftest import SelfTests
from server.rate_limits import LocalRateLimits
from server.signalling.switchboard import SocketLoudspeaker, Switchboard

Json = dict[str, Any]
OPUS: Json = {
    "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2, "parameters": {}, "rtcpFeedback": []}],
    "encodings": [{"ssrc": 1111}],
    "headerExtensions": [],
    "rtcp": {"cname": "x"},
}
VP8: Json = {
    "codecs": [
        {
            "mimeType": "video/VP8",
            "payloadType": 96,
            "clockRate": 90000,
            "parameters": {},
            "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"}],
        }
    ],
    "encodings": [{"rid": "q"}, {"rid": "h"}, {"rid": "f"}],
    "headerExtensions": [
        {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1},
        {"uri": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "id": 10},
    ],
    "mid": "1",
    "rtcp": {"cname": "x"},
}


class MemoryBook:
    """Meetings "m1", "m2" …, and seats by member: "chair" moderates, "stranger" may not enter, everybody else takes part."""

    def __init__(self) -> None:
        self.stage: dict[str, Any] = {"m1": "scheduled", "gone": "cancelled", "over": "ended"}
        self.facts: list[Fact] = []
        self.recording_rule: RecordingRule = "never"

    async def booked(self, meeting_id: str) -> Booked | None:
        stage = self.stage.get(meeting_id)
        return None if stage is None else Booked(meeting_id, "支部党员大会", stage, False, None, 2e9, None, self.recording_rule)

    async def seat(self, meeting_id: str, visitor: Visitor) -> Seat | None:
        member = visitor.member_id
        if member is None:
            return None
        role: Role = "moderator" if member == "chair" else "participant"
        return Seat(member, member.title(), role, "secretary" if member == "chair" else "member", member != "stranger")

    async def deliver(self, facts: Sequence[Fact]) -> None:
        self.facts.extend(facts)

    async def open_meetings(self) -> list[str]:
        return [meeting_id for meeting_id, stage in self.stage.items() if stage == "open"]

    async def presence_before(self, meeting_id: str) -> dict[str, tuple[float, float]]:
        return {}

    async def left_open(self, meeting_id: str, since: float | None) -> list[OpenConnection]:
        return []


class LiveServer:
    def __init__(
        self, book: MemoryBook, plane: MemoryPlane, registry: Registry, tests: SelfTests, speaker: SocketLoudspeaker, port: int
    ) -> None:
        self.book = book
        self.speaker = speaker
        self.plane = plane
        self.registry = registry
        self.tests = tests
        self.url = f"http://127.0.0.1:{port}"
        self.logged_out: set[str] = set()  # members whose session has ended

    def said(self, kind: FactKind) -> list[Fact]:
        return [fact for fact in self.book.facts if fact.kind is kind]


@asynccontextmanager
async def live_server(
    *,
    grace: float = 0.3,
    test_seconds: float = 60.0,
    directory: RoomDirectory | None = None,
    ledger: MeetingBook | None = None,
    recordings: Path | None = None,
) -> AsyncIterator[LiveServer]:
    """`ledger`: a real book, asked for meetings and seats; its accounts are called acc-<name> and their members m-<name>. Facts are kept
    in the memory twin, to be delivered by hand."""
    book, plane = MemoryBook(), MemoryPlane()
    asked: MeetingBook = ledger or book
    sio = socketio.AsyncServer(async_mode="aiohttp", logger=False, engineio_logger=False)
    here = directory or SingleNode("http://here")
    speaker = SocketLoudspeaker(sio)
    registry = Registry(asked, plane, speaker, here, book.facts.extend, grace_seconds=grace, recordings=recordings)
    plane.report = registry.take_report

    async def identify(environ: Json) -> Visitor | None:
        name = environ.get("HTTP_X_MEMBER")
        if not name or name in server.logged_out:
            return None
        account, member = (f"account-{name}", name) if ledger is None else (f"acc-{name}", f"m-{name}")
        return Visitor(account, member, name.title(), "s")

    async def still_in(visitor: Visitor) -> bool:
        return visitor.member_id not in server.logged_out

    tests = SelfTests(plane, LocalRateLimits(), lasts=test_seconds, most=2)
    switchboard = Switchboard(sio, registry, asked, identify, explain, notice_version="n1", tests=tests, still_in=still_in)
    switchboard.start()
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await registry.start()
    server = LiveServer(book, plane, registry, tests, speaker, runner.addresses[0][1])
    try:
        yield server
    finally:
        await switchboard.stop()
        await registry.stop()
        await sio.shutdown()
        await runner.cleanup()


class Guest:
    """One socket: what it was told, and short verbs."""

    def __init__(self, server: LiveServer, member: str, device: str = "d1", *, url: str | None = None) -> None:
        self.url = url or server.url
        self.member = member
        self.device = device
        self.sio = socketio.AsyncClient(reconnection=False)
        self.told: list[tuple[str, Json]] = []
        self.joined: Json = {}
        self.sio.on("*", self._hear)

    async def _hear(self, name: str, body: Json) -> None:
        self.told.append((name, body))

    @property
    def events(self) -> list[Json]:
        return [event for name, body in self.told if name == "events" for event in body["events"]]

    @property
    def event_types(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def connect(self) -> Guest:
        await self.sio.connect(self.url, headers={"X-Member": self.member}, transports=["websocket"])
        return self

    async def ask(self, name: str, **body: Any) -> Json:
        answer: Json = await self.sio.call(name, body, timeout=5)
        return answer

    async def do(self, name: str, **body: Any) -> Json:
        answer = await self.ask(name, **body)
        assert answer["ok"], answer
        data: Json = answer["data"]
        return data

    async def refused(self, name: str, **body: Any) -> str:
        answer = await self.ask(name, **body)
        assert not answer["ok"], answer
        return str(answer["refusal"]["code"])

    async def join(self, meeting: str = "m1", **more: Any) -> Guest:
        self.joined = await self.do("join", **{**self.joining(meeting), **more})
        return self

    def joining(self, meeting: str = "m1") -> Json:
        return {"meetingId": meeting, "deviceId": self.device, "device": "desktop", "noticeVersion": "n1"}

    async def microphone(self) -> str:
        transport = await self.do("createTransport", direction="send")
        produced = await self.do("produce", transportId=transport["id"], kind="audio", source="microphone", rtpParameters=OPUS)
        return str(produced["producerId"])

    async def camera(self, source: str = "camera", transport: str | None = None) -> str:
        transport = transport or (await self.do("createTransport", direction="send"))["id"]
        produced = await self.do("produce", transportId=transport, kind="video", source=source, rtpParameters=VP8)
        return str(produced["producerId"])

    async def watch(self, producer_id: str, transport: str | None = None) -> Json:
        """→ the answer to `consume`, with `transportId`."""
        transport = transport or (await self.do("createTransport", direction="recv"))["id"]
        capabilities = self.joined["routerRtpCapabilities"]
        body = {"transportId": transport, "producerId": producer_id, "rtpCapabilities": capabilities}
        return await self.do("consume", **body) | {"transportId": transport}

    def heard(self, name: str) -> list[Json]:
        """The bodies of all messages of that name so far."""
        return [body for told, body in self.told if told == name]

    async def leave(self) -> None:
        await self.sio.disconnect()


async def until(true: Any, seconds: float = 10.0) -> None:
    """Wait for a condition; fails when it does not come true in time."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come true in time")
