"""The rooms that run on this node: taken up from the ledger when somebody comes, closed when nobody is left."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog

from ledger.facts import Fact
from media.plane import MediaPlane
from rooms import commands as c
from rooms.refusals import Refused
from server.live.clock import MeetingClock
from server.live.cluster import DirectoryAway, RoomDirectory
from server.live.fanout import Loudspeaker
from server.live.heartbeat import OpenConnection, closing_facts
from server.live.live_room import GRACE_SECONDS, LiveRoom
from server.live.ports import MeetingBook
from server.live.refusals import ShellRefused

IDLE_SECONDS = 120.0  # an empty room that is not open, or has ended
ABANDONED_SECONDS = 1800.0  # an open meeting that everybody has left, past its planned end
SWEEP_SECONDS = 15.0
log = structlog.get_logger(__name__)


class Elsewhere(Exception):
    """Another node holds the room; `address` is how browsers reach it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class Registry:
    """`record` takes facts; `settled` says whether the ledger has all of them (an ended room is kept until then: a visitor who comes
    meanwhile must not find the meeting open)."""

    def __init__(
        self,
        book: MeetingBook,
        plane: MediaPlane,
        loudspeaker: Loudspeaker,
        directory: RoomDirectory,
        record: Callable[[Sequence[Fact]], Any],
        *,
        settled: Callable[[], bool] = lambda: True,
        grace_seconds: float = GRACE_SECONDS,
        recordings: Path | None = None,
        clock: Callable[[], MeetingClock] = MeetingClock.start,
    ) -> None:
        self._book = book
        self._plane = plane
        self._loudspeaker = loudspeaker
        self._directory = directory
        self._record = record
        self._grace_seconds = grace_seconds
        self._recordings = recordings
        self._clock = clock
        self.rooms: dict[str, LiveRoom] = {}
        self._settled = settled
        self._turning: dict[str, asyncio.Lock] = {}  # opening and closing of one meeting's room take turns
        self._sweeping: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._sweeping = asyncio.create_task(self._sweep_forever())

    async def take_up(self, since: float | None = None) -> None:
        """The meetings a crash left open, so that they are ended when nobody comes back; and who is written as there, but is not.

        `since`: of connections that joined earlier somebody else will tell the end (another node, from its own heartbeat).
        """
        for meeting_id in await self._book.open_meetings():
            with contextlib.suppress(ShellRefused, Elsewhere):
                room = await self.room(meeting_id)
                left = await self._book.left_open(meeting_id, since)
                self._record(closing_facts(one for one in left if one.connection_id not in room.desks))

    async def stop(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        for room in list(self.rooms.values()):
            await self._close(room)

    async def room(self, meeting_id: str) -> LiveRoom:
        """The running room of a meeting. Raises `ShellRefused` (unknown, cancelled, ended, directory away) or `Elsewhere`."""
        room = self.rooms.get(meeting_id)
        if room is not None:
            return room
        async with self._turning.setdefault(meeting_id, asyncio.Lock()):
            return self.rooms.get(meeting_id) or await self._open(meeting_id)

    async def _open(self, meeting_id: str) -> LiveRoom:
        booked = await self._book.booked(meeting_id)
        if booked is None:
            raise ShellRefused("noSuchMeeting")
        if booked.stage in ("ended", "cancelled"):
            raise ShellRefused("meetingEnded" if booked.stage == "ended" else "meetingCancelled")
        try:
            holder = await self._directory.claim(meeting_id, running=booked.stage == "open")
        except DirectoryAway as away:
            raise ShellRefused("directoryAway") from away
        if holder != self._directory.address:
            log.info("room_elsewhere", meeting=meeting_id, node=holder)
            raise Elsewhere(holder)
        before = await self._book.presence_before(meeting_id) if booked.stage == "open" else {}
        room = LiveRoom(
            booked,
            plane=self._plane,
            loudspeaker=self._loudspeaker,
            record=self._record,
            before=before,
            clock=self._clock().not_before(booked.last_fact_at),
            grace_seconds=self._grace_seconds,
            recordings=self._recordings,
        )
        await room.conductor.open()
        self.rooms[meeting_id] = room
        log.info("room_opened", meeting=meeting_id, stage=booked.stage)
        return room

    async def _close(self, room: LiveRoom) -> None:
        async with self._turning.setdefault(room.meeting_id, asyncio.Lock()):
            self.rooms.pop(room.meeting_id, None)
            await room.close()
            await self._directory.release(room.meeting_id)
        log.info("room_closed", meeting=room.meeting_id)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for room in list(self.rooms.values()):
                try:
                    await self._sweep(room)
                except Exception as trouble:
                    log.error("sweep_failed", meeting=room.meeting_id, error=repr(trouble))

    async def _sweep(self, room: LiveRoom) -> None:
        if not room.is_empty:
            return
        now = room.clock.now()
        idle = now - room.empty_since
        if room.state.stage == "open":
            if idle > ABANDONED_SECONDS and now > room.planned_end:
                with contextlib.suppress(Refused):
                    await room.command(c.EndMeeting(None, room.empty_since))
        elif (room.state.stage == "ended" or idle > IDLE_SECONDS) and self._settled():
            await self._close(room)

    def lost(self, meeting_id: str) -> None:
        """Another node turned out to hold this room: close it here, so that everybody goes there."""
        room = self.rooms.get(meeting_id)
        if room is not None:
            log.warning("room_moved", meeting=meeting_id)
            task = asyncio.create_task(self._close(room))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def take_report(self, report: dict[str, Any]) -> None:
        """One report of the media plane, to the room it belongs to; a worker's death and return to those it held."""
        if report["event"] == "workerDied":
            for room in self._rooms_of(report):
                room.soon(lambda room=room: room.reports.worker_died(report["at"]))  # type: ignore[misc]
        elif report["event"] == "workerReady":
            for room in self._rooms_of(report):
                room.soon(room.reports.worker_ready)
        elif report.get("routerId") in self.rooms:
            self.rooms[report["routerId"]].reports.take(report)

    def _rooms_of(self, report: dict[str, Any]) -> list[LiveRoom]:
        """Those whose media was on that worker, and those that have had none yet because no worker was there."""
        concerned = set(report["routerIds"])
        return [room for room in self.rooms.values() if room.meeting_id in concerned or not room.conductor.is_open]

    def qualities(self) -> dict[tuple[str, str], int]:
        """(direction, score) → how many peers are connected so well, over all rooms."""
        found: Counter[tuple[str, str]] = Counter()
        for room in self.rooms.values():
            for desk in room.desks.values():
                found.update((way, str(figures["score"])) for way, figures in desk.quality.items())
        return found

    def paused_pictures(self) -> dict[tuple[str], int]:
        """(reason,) → how many pictures do not come although somebody receives them."""
        gets = (c.gets for room in self.rooms.values() for desk in room.desks.values() for c in desk.consumers.values() if c.gets)
        return Counter((str(got["reason"]),) for got in gets if got["layer"] < 0)

    def open_connections(self) -> list[OpenConnection]:
        return [connection for room in self.rooms.values() for connection in room.open_connections()]
