"""The composition root: which parts there are, who is handed what, and in which order they start and stop.

It decides nothing else. Stopping runs backwards through starting: nobody new comes in, rooms write their last facts, the outbox delivers
them, then media, directory and store go.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson
import socketio
import structlog
from aiohttp import web

from ledger.actions.nightly import Night, evaluate_ledger
from ledger.demo import DEMO_ACCOUNTS
from ledger.facts import Fact
from ledger.notifying import Notification
from ledger.ports import Store
from ledger.refusals import StoreUnavailable
from ledger.store.opening import open_store
from media.plane import PlaneError
from media.pool import PoolPlane
from server.anchoring import Anchoring
from server.answers import explain
from server.chores import chores
from server.composing import Composer
from server.delivery.courier import Courier
from server.facts_out import delivering, known, to_json
from server.house import House
from server.http.views.notifications import line_of
from server.live.bell import Bell
from server.live.book import LedgerBook
from server.live.cluster import RoomDirectory, SingleNode
from server.live.heartbeat import Heartbeat, beat_at, closing_facts, read_beat
from server.live.outbox import LONGEST_PAUSE, Outbox
from server.live.redis_directory import RedisDirectory
from server.live.registry import Registry
from server.live.selftest import SelfTests
from server.metrics import METRICS
from server.nightly import Nightly
from server.rate_limits import LocalRateLimits, RedisRateLimits
from server.rest import rest_app
from server.settings import Settings
from server.signalling.switchboard import SocketLoudspeaker, Switchboard
from server.visitors import Visitors, ice_servers, own_origins

Json = dict[str, Any]
DEMO_TOP = "demo-committee"
MOST_MESSAGE = 256 * 1024  # a Socket.IO message; the largest real one, an RTP capability, has a few kilobytes
OWED_SECONDS = 3.0  # how long a start waits for a database to take, or a disk to keep, what a crash left
RECOVER_SECONDS = 1.0
LOOP_SECONDS = 0.5
STATS_SECONDS = 2.0  # how long the figures wait for the media workers
log = structlog.get_logger(__name__)


class Codec:
    """orjson in the shape that python-socketio asks of a JSON module."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return orjson.loads(text)


class Node:
    """One running web process. `app` is what a site is put in front of; `running()` has everything started inside it."""

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        limits = RedisRateLimits(settings.redis_url) if settings.redis_url else LocalRateLimits()
        self.settings = settings
        self.house = House(settings, store or open_store(settings.database_url), rate_limits=limits, present_count=self._present)
        self.house.is_recorded = self._recorded
        self.plane = _plane(settings)
        self.directory = _directory(settings, lambda meeting_id: self.registry.lost(meeting_id))
        self.sio = _sockets(settings)
        self.app = rest_app(self.house, lambda: {"media": self._media > 0})
        self.sio.attach(self.app)
        book = LedgerBook(self.house.store, self.house.rulebook, self.house.now, self._owed)
        self.outbox = Outbox(settings.var / "outbox", delivering(book.deliver))
        speaker = SocketLoudspeaker(self.sio)
        self.house.store.on_told = Bell(speaker, _line).ring
        self.registry = Registry(
            book,
            self.plane,
            speaker,
            self.directory,
            self._record,
            settled=lambda: self.outbox.depth == 0,
            grace_seconds=settings.grace_seconds,
            recordings=settings.recordings,
        )
        self.composer = Composer(
            self.house.store,
            settings.recordings,
            self._record,
            self._recording_runs,
            self.house.now,
            alone=not settings.redis_url,
            node=settings.own_address,
            font=settings.film_font,
        )
        self.courier = Courier(self.house, chores=chores(self.house))
        self.nightly = Nightly(self._evaluate, limits, self.house.now, settings.nightly_hour)
        self.heartbeat = Heartbeat(settings.var / "heartbeat.json", self.registry.open_connections)
        self.tests = SelfTests(self.plane, limits)
        self.anchoring = Anchoring(self.house.store, settings.var / "anchors.jsonl", self.house.now)
        self.switchboard = self._switchboard(book)
        self.app[METRICS].watch(self._gauges, self._counters, lambda: self.switchboard.refused, self._media_counters, self._views)
        self._media = 0  # workers that may be used
        self._parted = False
        self._recovering: asyncio.Task[None] | None = None
        self.app.on_shutdown.append(self._part)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Node]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.house.store.close)
            stack.push_async_callback(self.house.rate_limits.close)
            await self._introduce()
            await self.directory.start()
            stack.push_async_callback(self.directory.stop)
            self.plane.on_report = self._report
            await self.plane.start()
            stack.push_async_callback(self.plane.stop)
            await self.outbox.start()
            stack.push_async_callback(self.outbox.stop)
            since = await self._close_what_a_crash_left()
            stack.push_async_callback(self.heartbeat.stop)
            stack.push_async_callback(self._part)
            await self.registry.start()
            stack.push_async_callback(self._stop_recovering)
            await self._recover(since)
            await self.courier.start()
            stack.push_async_callback(self.courier.stop)
            stack.callback(asyncio.create_task(self._watch_loop()).cancel)
            self.anchoring.start()
            stack.push_async_callback(self.anchoring.stop)
            self.heartbeat.start()  # not before: a start that fails must leave the crash's last beat behind
            self.switchboard.start()
            self.composer.start()
            stack.push_async_callback(self.composer.stop)
            stack.push_async_callback(self.nightly.stop)
            self.nightly.start()
            yield self

    async def _introduce(self) -> None:
        """What log-in pages show. A database that is away does not keep the server from starting; it is asked again by readiness."""
        try:
            async with self.house.store.reading() as uow:
                units = await uow.organisations.all()
        except StoreUnavailable as away:
            log.error("store_unavailable", error=repr(away.__cause__))
            return
        top = next((unit.name for unit in units if unit.parent_id is None), "")
        self.house.organisation_name = self.settings.organisation_name or top
        if any(unit.org_id == DEMO_TOP for unit in units):
            self.house.demo = tuple(_shown(one) for one in DEMO_ACCOUNTS)

    async def _close_what_a_crash_left(self) -> float | None:
        """→ when the last beat was. The facts are on disk before anything writes another beat; a disk that is full is not waited for."""
        beat = self.settings.var / "heartbeat.json"
        left = read_beat(beat)
        if left:
            log.warning("crash_recovered", connections=len(left))
            await asyncio.wait({self._record(closing_facts(left))}, timeout=OWED_SECONDS)
        return beat_at(beat)

    async def _recover(self, since: float | None) -> None:
        """Take up what was open. First everything owed is delivered: it says which meetings are, and who was in them.

        A database server that is away is waited for in the background; a file that cannot be read will not come back by itself.
        """
        await self.outbox.settled(OWED_SECONDS)
        try:
            await self._take_up(since)
        except StoreUnavailable:
            if self.settings.database_url.startswith("sqlite"):
                raise
            self._recovering = asyncio.create_task(self._recover_later(since))

    async def _recover_later(self, since: float | None) -> None:
        while True:
            await asyncio.sleep(RECOVER_SECONDS)
            await self.outbox.settled(LONGEST_PAUSE)
            try:
                return await self._take_up(since)
            except StoreUnavailable as away:
                log.warning("store_unavailable", error=repr(away.__cause__))

    async def _take_up(self, since: float | None) -> None:
        """Alone, this node knows that nobody is anywhere; beside others it speaks only for those who came after its own last beat."""
        await self.registry.take_up(since if self.settings.redis_url else None)

    async def _stop_recovering(self) -> None:
        if self._recovering is not None:
            self._recovering.cancel()
            await asyncio.gather(self._recovering, return_exceptions=True)

    async def _part(self, _: object = None) -> None:
        """Everybody leaves with the reason that the server stopped, is told, and is hung up on. Done once, whoever asks first: the site
        that goes away (sockets would keep it waiting), or a start that failed half-way."""
        if not self._parted:
            self._parted = True
            await self.switchboard.stop()
            await self.registry.stop()
            await self.sio.shutdown()

    def _switchboard(self, book: LedgerBook) -> Switchboard:
        visitors = Visitors(self.house)
        return Switchboard(
            self.sio,
            self.registry,
            book,
            visitors.identify,
            explain,
            notice_version=self.house.rulebook.notice_version,
            tests=self.tests,
            still_in=visitors.still_in,
            ice_servers=lambda visitor: ice_servers(self.settings),
        )

    async def _evaluate(self) -> Night:
        return await evaluate_ledger(self.house.store, self.house.now(), self.house.rulebook, self.house.mobility)

    def _record(self, facts: Sequence[Fact]) -> Any:
        return self.outbox.append([to_json(fact) for fact in facts])

    def _owed(self) -> list[Fact]:
        return known(self.outbox.owed())

    def _report(self, report: Json) -> None:
        if report["event"] in ("workerReady", "workerDied"):
            self._media = report["up"]
        self.registry.take_report(report)

    def _present(self, meeting_id: str) -> int | None:
        room = self.registry.rooms.get(meeting_id)
        return None if room is None else len(room.state.participants)

    def _recorded(self, meeting_id: str) -> bool:
        room = self.registry.rooms.get(meeting_id)
        return room is not None and room.state.recording is not None

    def _recording_runs(self, recording_id: str) -> bool:
        on = (room.state.recording for room in self.registry.rooms.values())
        return any(one is not None and one.recording_id == recording_id for one in on)

    def _gauges(self) -> dict[str, float]:
        rooms = self.registry.rooms.values()
        return {
            "rooms": len(rooms),
            "people_in_rooms": sum(len(room.state.participants) for room in rooms),
            "sockets": len(self.switchboard.visits),
            "outbox_depth": self.outbox.depth,
            "media_worker_up": float(self._media > 0),
            "media_workers": float(self._media),
            "connection_tests": self.tests.count,
        }

    def _views(self) -> dict[str, Any]:
        return {
            "peers_by_quality": (("direction", "score"), self.registry.qualities()),
            "pictures_paused": (("reason",), self.registry.paused_pictures()),
        }

    async def _watch_loop(self) -> None:
        """A loop that wakes late answers late: reports, snapshots, everything. Seen here before members feel it."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOP_SECONDS
            await asyncio.sleep(LOOP_SECONDS)
            self.app[METRICS].late(max(0.0, loop.time() - due))

    async def _media_counters(self) -> Json | None:
        try:
            return await asyncio.wait_for(self.plane.stats(), STATS_SECONDS)
        except (PlaneError, TimeoutError):
            return None  # `media_worker_up` says it

    def _counters(self) -> dict[str, float]:
        return {
            "facts_delivered": self.outbox.delivered,
            "outbox_failures": self.outbox.failures,
            "deliveries_sent": self.courier.sent,
            "delivery_failures": self.courier.failures,
        }


def _plane(settings: Settings) -> PoolPlane:
    if settings.media_socket:
        plane = PoolPlane.connect(lambda report: None, settings.media_socket)
    else:
        workers = settings.media_workers or len(os.sched_getaffinity(0))
        host = settings.media_host or settings.listen
        plane = PoolPlane.spawn(
            lambda report: None,
            workers,
            listen_ip=host,
            port=settings.media_port,
            announce=settings.media_addresses,
            log_level=settings.log_level.upper(),
            log_format=settings.log_lines,
            more=() if settings.media_compiled else ("--no-express",),
        )
    plane.spread = settings.media_spread
    return plane


def _directory(settings: Settings, lost: Callable[[str], None]) -> RoomDirectory:
    if not settings.redis_url:
        return SingleNode(settings.own_address)
    return RedisDirectory(
        settings.redis_url, settings.own_address, lost=lost, lease_seconds=settings.lease_seconds, renew_seconds=settings.renew_seconds
    )


def _sockets(settings: Settings) -> socketio.AsyncServer:
    return socketio.AsyncServer(
        async_mode="aiohttp",
        client_manager=socketio.AsyncRedisManager(settings.redis_url, json=Codec) if settings.redis_url else None,
        json=Codec,
        transports=["websocket"],
        cors_allowed_origins=own_origins(settings),
        max_http_buffer_size=MOST_MESSAGE,
        logger=False,
        engineio_logger=False,
    )


def _line(told: Notification) -> Json | None:
    line = line_of(told)
    return None if line is None else line.model_dump(mode="json", by_alias=True)


def _shown(account: Any) -> dict[str, str]:
    return {
        "username": account.username,
        "password": account.password,
        "name": account.name,
        "roleZh": account.role_zh,
        "roleEn": account.role_en,
    }


async def serve(node: Node, host: str, port: int) -> web.AppRunner:
    """Start answering; the runner is cleaned up by the caller, before the node stops."""
    runner = web.AppRunner(node.app, handle_signals=False, access_log=None, shutdown_timeout=3.0)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
