"""What the room's recording means for the media plane: which producers are taken, and when it cannot go on.

Only producers of members who have agreed are consumed by it. The file of a producer is named `<source>-<random>-<member>`: a folder says by
itself what is in it, also after a crash. It must never decide whether there is to be a recording, nor read a file.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from media.plane import MediaPlane, PlaneError
from rooms import commands as c
from rooms import events as e
from rooms.ids import RecordingEnd
from rooms.refusals import Refused
from rooms.state import RoomState

if TYPE_CHECKING:
    from server.live.live_room import LiveRoom

Json = dict[str, Any]
REASONS: dict[str, RecordingEnd] = {"disk_full": "diskFull", "disk_slow": "diskSlow"}
log = structlog.get_logger(__name__)


def fresh_recording() -> str:
    return secrets.token_hex(8)


class Recorder:
    """`folder`: where recordings of this node are, one folder each, or None where there is no place for them."""

    def __init__(self, room: LiveRoom, plane: MediaPlane, folder: Path | None) -> None:
        self._room = room
        self._plane = plane
        self._folder = folder
        self._transport: str | None = None
        self._began = 0.0
        self._taken: dict[str, str] = {}  # producer → consumer

    @property
    def _state(self) -> RoomState:
        return self._room.state

    async def perform(self, events: Sequence[e.Event]) -> None:
        for event in events:
            what = event.what
            if isinstance(what, e.RecordingStarted):
                log.info("recording_started", meeting=self._room.meeting_id, recording=what.recording_id)
                self._began = self._room.clock.reading(what.at)
                await self._begin()
            elif isinstance(what, e.RecordingStopped):
                log.info("recording_stopped", meeting=self._room.meeting_id, recording=what.recording_id, reason=what.reason)
                await self._end()
            elif isinstance(what, e.ProducerRemoved):
                self._taken.pop(what.producer_id, None)
        if self._transport is not None:
            await self._settle(self._transport)

    async def _begin(self) -> None:
        """A transport of the kind that writes. Where there is none, the room is told as of any other end."""
        on = self._state.recording
        if on is None or self._transport is not None or not self._room.conductor.is_open:
            return None
        if self._folder is None:
            return self._give_up("mediaTrouble")
        id = f"recording-{on.recording_id}-{secrets.token_hex(3)}"
        options = {"type": "recording", "folder": str((self._folder / on.recording_id).absolute()), "began": self._began}
        try:
            await self._plane.create_transport(self._room.meeting_id, id, "recv", options)
        except PlaneError as trouble:
            log.error("recording_not_begun", code=trouble.code, detail=trouble.detail)
            return self._give_up("mediaTrouble")
        self._transport = id
        return None

    async def _settle(self, transport: str) -> None:
        """Exactly the producers of those who agreed."""
        wanted = {
            producer.producer_id: f"{producer.source}-{secrets.token_hex(3)}-{participant.member_id}"
            for participant in self._state.participants
            if participant.member_id in self._state.recorded
            for peer in participant.peers
            for producer in peer.producers
        }
        for producer_id in [id for id in self._taken if id not in wanted]:
            await self._quietly(self._plane.close(self._taken.pop(producer_id)))
        for producer_id, name in wanted.items():
            if producer_id not in self._taken and await self._quietly(self._plane.consume(transport, name, producer_id, {}, False)):
                self._taken[producer_id] = name

    async def _quietly(self, call: Awaitable[Json]) -> bool:
        try:
            await call
        except PlaneError as trouble:
            log.warning("recording_refused", code=trouble.code, detail=trouble.detail)
            return False
        return True

    async def _end(self) -> None:
        transport, self._transport = self._transport, None
        self._taken.clear()
        if transport is not None:
            await self._quietly(self._plane.close(transport))

    def _give_up(self, reason: RecordingEnd) -> None:
        self._room.soon(self._stopper(reason))

    def _stopper(self, reason: RecordingEnd) -> Callable[[], Any]:
        async def stop() -> None:
            try:
                await self._room.do(c.StopRecording(None, reason))
            except Refused:
                return  # somebody else has ended it meanwhile

        return stop

    # -- reports of the plane --------------------------------------------------------------------------------------------------------

    async def stopped(self, report: Json) -> None:
        """Everything is written; when nobody asked for that, the recording cannot go on and everybody is told."""
        log.info("recording_written", recording=report["transportId"], reason=report["reason"], files=len(report["files"]))
        if report["transportId"] == self._transport:
            self._transport = None
            self._taken.clear()
            await self._stopper(REASONS.get(report["reason"], "mediaTrouble"))()

    def lost(self) -> None:
        """The worker is gone: its files play up to there, and what comes after goes into new ones."""
        self._transport = None
        self._taken.clear()

    async def again(self) -> None:
        await self._begin()
        if self._transport is not None:
            await self._settle(self._transport)
