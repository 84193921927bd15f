"""After a recording: its files are put together, one recording at a time, by a process of low priority; and what is past its day goes.

It decides when a recording is looked at. What the film looks like is `media.compose`'s, who may see it the ledger's. A server that is
stopped in between begins that film anew; one that crashed while it recorded closes the record at the last byte written.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog

from ledger.actions import recordings
from ledger.facts import Fact, FactKind, meeting_stream
from ledger.ports import Store
from ledger.recordings import MeetingRecording, RecordingFile, RecordingState
from ledger.refusals import StoreUnavailable
from server.filmplan import film_plan, source_and_member
from server.live.heartbeat import recording_stopped_key

Json = dict[str, Any]
ROUND_SECONDS = 2.0
PURGE_SECONDS = 3600.0
QUIET_SECONDS = 10.0  # files that nobody has finished, and nobody writes any more
_ROOT = Path(__file__).resolve().parent.parent
log = structlog.get_logger(__name__)


class Composer:
    """`runs` says whether a recording is on in a room of this node; `alone`: there is no other node whose files these could be.
    `node`: the address of this one. `font`: a file for the names in films; "" takes one that is installed."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        record: Callable[[Sequence[Fact]], Any],
        runs: Callable[[str], bool],
        now: Callable[[], float],
        *,
        alone: bool = True,
        node: str = "",
        font: str = "",
    ) -> None:
        self._store = store
        self._folder = folder
        self._record = record
        self._runs = runs
        self._now = now
        self._alone = alone
        self._node = node
        self._font = font
        self._purged_at = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._forever(), name="composing")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _forever(self) -> None:
        while True:
            try:
                await self.round()
            except StoreUnavailable as away:
                log.warning("store_unavailable", error=repr(away.__cause__))
            except Exception as trouble:
                log.error("composing_failed", error=repr(trouble))
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Everything there is to do now."""
        if self._now() - self._purged_at >= PURGE_SECONDS:
            self._purged_at = self._now()
            gone = await recordings.purge(self._store, self._folder, self._now())
            if gone:
                log.info("recordings_purged", number=gone)
        for one in await recordings.in_states(self._store, RecordingState.RUNNING):
            self._close_if_dead(one)
        for one in await recordings.in_states(self._store, RecordingState.WAITING, RecordingState.COMPOSING):
            place = self._folder / one.recording_id
            if place.is_dir():
                if self._written(place):
                    await self._compose(one, place)
            elif self._alone and await recordings.composing(self._store, one.recording_id, 0.0):
                await recordings.failed(self._store, one.recording_id, "noFiles")

    def _close_if_dead(self, one: MeetingRecording) -> None:
        place = self._folder / one.recording_id
        if self._runs(one.recording_id) or not (place.is_dir() or self._alone):
            return
        last = max([path.stat().st_mtime for path in place.glob("*")], default=one.started_at)
        key = f"{one.meeting_id}:{recording_stopped_key(one.recording_id)}"
        body = {"recordingId": one.recording_id, "reason": "serverStopped", "inferred": True}
        self._record([Fact(key, meeting_stream(one.meeting_id), FactKind.RECORDING_STOPPED, max(last, one.started_at), None, body)])

    def _written(self, place: Path) -> bool:
        """The recorder has said that it is done, or has been silent for so long that it cannot be alive."""
        if (place / "index.json").is_file():
            return True
        newest = max([path.stat().st_mtime for path in place.glob("*")], default=place.stat().st_mtime)
        return self._now() - newest > QUIET_SECONDS

    async def _compose(self, one: MeetingRecording, place: Path) -> None:
        if not await recordings.composing(self._store, one.recording_id, 0.0):
            return
        (place / "plan.json").write_text(json.dumps(await film_plan(self._store, one, place), ensure_ascii=False), "utf-8")
        (place / "result.json").unlink(missing_ok=True)
        (place / "progress.json").unlink(missing_ok=True)
        font = ["--font", self._font] if self._font else []
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "media.compose", str(place), *font, cwd=_ROOT, start_new_session=True, stderr=asyncio.subprocess.PIPE
        )
        said = asyncio.create_task(_heard(self._process))
        await self._follow(one, place, self._process)
        if (place / "result.json").is_file():
            await self._keep(one, place)
        else:
            log.error("film_not_made", recording=one.recording_id, status=self._process.returncode, exception=await said)
            await recordings.failed(self._store, one.recording_id, f"status {self._process.returncode}")

    async def _follow(self, one: MeetingRecording, place: Path, process: asyncio.subprocess.Process) -> None:
        ended = asyncio.ensure_future(process.wait())
        told = 0.0
        while not ended.done():
            await asyncio.wait({ended}, timeout=1.0)
            progress = _read(place / "progress.json").get("progress", 0.0)
            if progress - told >= 0.01 and not ended.done():
                told = progress
                if not await recordings.composing(self._store, one.recording_id, progress):
                    process.kill()  # it was deleted meanwhile

    async def _keep(self, one: MeetingRecording, place: Path) -> None:
        result = _read(place / "result.json")
        files = [_file(one.recording_id, told) for told in result["files"]]
        film = result["film"]
        await recordings.composed(self._store, one.recording_id, result["seconds"], film["bytes"], film["sha256"], files, self._node)
        if not result.get("chinese", True):
            log.warning("film_font_missing", recording=one.recording_id)  # names in Chinese are not in it
        log.info("recording_ready", recording=one.recording_id, files=len(files), seconds=result["seconds"])


async def _heard(process: asyncio.subprocess.Process) -> str:
    """The end of what it said of itself: a traceback belongs into one line of the log, not between its lines."""
    said = b"" if process.stderr is None else await process.stderr.read()
    return said.decode("utf-8", "replace")[-4000:]


def _read(path: Path) -> Json:
    try:
        told: Json = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told


def _file(recording_id: str, told: Json) -> RecordingFile:
    source, member_id = source_and_member(told["name"])
    return RecordingFile(recording_id, told["name"], member_id, source, told["bytes"], told["sha256"], told["start"], told["end"])
