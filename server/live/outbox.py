"""The durable outbox: facts are on disk before anybody is told, and leave for the ledger when the ledger can take them.

An append-only log of segments in one folder. A line is `<crc32 hex> <json>\\n`; a line that a crash cut short fails its checksum and is
dropped, as is everything behind it in that segment (nothing behind it was ever acknowledged). Appending never waits for SQL: writes are
gathered for `FLUSH_SECONDS` and share one fsync. Delivery takes batches in order, retries for ever with growing pauses, and may deliver
twice after a crash, which the facts' idempotent keys make harmless. A delivered segment is deleted: the folder holds what is still owed.
A fact that the ledger will never take (`Unacceptable`: a bug, not an outage) is set aside in `unacceptable.jsonl`, loudly, so that it does
not hold up the others; so is one that can no longer be written at all.
It knows facts as JSON objects and the ledger as one callable; it never knows rooms or SQL.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import structlog

Json = dict[str, Any]
Deliver = Callable[[Sequence[Json]], Awaitable[None]]

FLUSH_SECONDS = 0.05
BATCH = 500
ASIDE = "unacceptable.jsonl"
SEGMENT_BYTES = 4 << 20
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0
#: A ledger that has taken nothing for so long is worth a line of its own, and another when it has caught up.
BEHIND_SECONDS = 10.0
log = structlog.get_logger(__name__)


class Unacceptable(Exception):
    """Raised by `deliver`: trying again is of no use."""


def seal(fact: Json) -> bytes:
    body = orjson.dumps(fact)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def unseal(path: Path) -> Iterator[Json]:
    """The facts of a segment up to the first damaged line."""
    with path.open("rb") as file:
        for line in file:
            checksum, _, body = line.rstrip(b"\n").partition(b" ")
            if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(body):
                log.warning("outbox_line_damaged", segment=path.name)
                return
            yield orjson.loads(body)


def set_aside(path: Path, fact: Json) -> None:
    """One line more in a file that only the server's own account reads; what is no JSON is written as Python shows it."""
    try:
        line = orjson.dumps(fact)
    except TypeError:
        line = orjson.dumps({"noJson": ascii(fact)})
    number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with open(number, "ab") as file:
        file.write(line + b"\n")


class Lag:
    """Whether the ledger is behind, told once each way."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._told = False

    def failed(self, now: float, owed: int) -> None:
        self._since = now if self._since is None else self._since
        if not self._told and now - self._since >= BEHIND_SECONDS:
            self._told = True
            log.error("outbox_behind", owed=owed, seconds=round(now - self._since, 1))

    def took(self, now: float, owed: int) -> None:
        """`owed`: what is left. It has caught up only when nothing is."""
        if owed or self._since is None:
            return
        if self._told:
            log.info("outbox_caught_up", seconds=round(now - self._since, 1))
        self._since, self._told = None, False


class Outbox:
    """`start`, `append` as often as you like, `stop`. `append` returns an awaitable that is done when the facts are on disk."""

    def __init__(self, folder: Path, deliver: Deliver, *, first_pause: float = FIRST_PAUSE, longest_pause: float = LONGEST_PAUSE) -> None:
        self._folder = folder
        self._deliver = deliver
        self._pauses = (first_pause, longest_pause)
        self._owed: deque[tuple[int, Json]] = deque()  # (segment, fact) on disk, not yet delivered, oldest first
        self._unwritten: list[tuple[Json, bytes, asyncio.Future[None]]] = []
        self._file: Any = None
        self._segment = 0
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._lag = Lag()
        self.delivered = 0
        self.failures = 0

    @property
    def depth(self) -> int:
        """Facts accepted and not yet in the ledger."""
        return len(self._owed) + len(self._unwritten)

    async def start(self) -> None:
        """Read what an earlier process still owed, then begin delivering."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._segments():
            number = int(path.stem)
            self._owed.extend((number, fact) for fact in unseal(path))
            self._segment = max(self._segment, number)
        self._open_segment()
        self._work.set()
        self._tasks = [asyncio.create_task(self._flush_forever()), asyncio.create_task(self._deliver_forever())]

    def append(self, facts: Sequence[Json]) -> asyncio.Future[None]:
        """Take facts in; the future is done once they would survive a crash. Order of appending is order of delivery."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for fact in facts:
            try:
                self._unwritten.append((fact, seal(fact), done))
            except TypeError as bug:  # no JSON: it could never be written, and must not hold up the others
                self._keep(fact, bug)
        if not self._unwritten or self._unwritten[-1][2] is not done:
            done.set_result(None)
        self._work.set()
        return done

    def owed(self) -> list[Json]:
        """Facts accepted and not yet in the ledger, oldest first."""
        return [*(fact for _, fact in self._owed), *(fact for fact, _, _ in self._unwritten)]

    async def settled(self, seconds: float) -> bool:
        """Wait until everything is delivered; False when it took longer than `seconds`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.depth:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    async def stop(self, settle_seconds: float = 5.0) -> None:
        """Deliver what can be delivered in time; the rest stays on disk for the next start."""
        await self.settled(settle_seconds)
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._unwritten:
            self._write_last(list(self._unwritten))
        if self._file is not None:
            self._file.close()
            self._file = None
        self._delete_delivered(closing=True)

    def _write_last(self, batch: list[tuple[Json, bytes, asyncio.Future[None]]]) -> None:
        """The process ends: what cannot be written now is kept wherever there is room."""
        try:
            self._write([line for _, line, _ in batch])
        except (OSError, ValueError) as trouble:
            for fact, _, _ in batch:
                self._keep(fact, trouble)
        else:
            self._written(batch)

    # -- to disk -------------------------------------------------------------------------------------------------------------------

    def _segments(self) -> list[Path]:
        return sorted(self._folder.glob("*.facts"))

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:012d}.facts"

    def _open_segment(self) -> None:
        if self._file is not None:
            self._file.close()
        self._segment += 1
        self._file = self._path(self._segment).open("ab", buffering=0)

    async def _flush_forever(self) -> None:
        while True:
            await self._work.wait()
            await asyncio.sleep(FLUSH_SECONDS)
            self._work.clear()
            if not self._unwritten:
                continue
            batch = list(self._unwritten)  # on the loop: nothing is appended between taking and counting
            try:
                await asyncio.to_thread(self._write, [line for _, line, _ in batch])
            except (OSError, ValueError) as trouble:  # full or broken: nothing is lost, the facts stay in memory and are tried again
                self.failures += 1
                log.error("outbox_cannot_write", error=str(trouble))
                await asyncio.sleep(self._pauses[0])
                self._work.set()
            else:
                self._written(batch)

    def _written(self, batch: list[tuple[Json, bytes, asyncio.Future[None]]]) -> None:
        """A batch never ends inside what was appended at once: all of it was there when the batch was taken."""
        del self._unwritten[: len(batch)]
        self._owed.extend((self._segment, fact) for fact, _, _ in batch)
        for _, _, done in batch:
            if not done.done():
                done.set_result(None)

    def _write(self, lines: list[bytes]) -> None:
        """All of them on disk, or an OSError and a fresh segment: a half-written line must not stand before the next one."""
        if self._file is None or self._file.closed or self._file.tell() > SEGMENT_BYTES:
            self._open_segment()
        try:
            data = memoryview(b"".join(lines))
            while data:
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError:
            self._file.close()
            raise

    # -- to the ledger -------------------------------------------------------------------------------------------------------------

    async def _deliver_forever(self) -> None:
        pause, size = self._pauses[0], BATCH
        while True:
            batch = [fact for _, fact in islice(self._owed, size)]
            if not batch:
                await asyncio.sleep(FLUSH_SECONDS)
                continue
            try:
                await self._deliver(batch)
            except Unacceptable as trouble:
                if len(batch) > 1:
                    size = 1  # find the one
                    continue
                await asyncio.to_thread(self._set_aside, batch[0], trouble)
            except Exception as trouble:
                self.failures += 1
                log.warning("outbox_delivery_failed", owed=self.depth, error=type(trouble).__name__, pause=pause)
                self._lag.failed(asyncio.get_running_loop().time(), self.depth)
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._pauses[1])
                continue
            else:
                self.delivered += len(batch)
                self._lag.took(asyncio.get_running_loop().time(), self.depth - len(batch))
            pause, size = self._pauses[0], min(size * 2, BATCH)
            for _ in batch:
                self._owed.popleft()
            self._delete_delivered()

    def _set_aside(self, fact: Json, trouble: Unacceptable) -> None:
        log.error("outbox_fact_unacceptable", key=fact.get("key"), error=str(trouble))
        try:
            set_aside(self._folder / ASIDE, fact)
        except OSError as full:
            self._keep(fact, full)

    def _keep(self, fact: Json, trouble: Exception) -> None:
        """A fact that can no longer reach the ledger by itself: to a file for the operator, here or, where nothing can be written, in the
        system's folder for temporary files. The log tells which fact and where it is, and nothing of what it says.
        """
        kept = None
        for path in (self._folder / ASIDE, Path(tempfile.gettempdir()) / f"branchline-{os.getpid()}-{ASIDE}"):
            try:
                set_aside(path, fact)
            except OSError:
                continue
            kept = str(path)
            break
        told = {name: fact.get(name) for name in ("kind", "key", "stream") if isinstance(fact.get(name), str)}
        log.error("outbox_fact_lost", **told, kept=kept, error=type(trouble).__name__)

    def _delete_delivered(self, closing: bool = False) -> None:
        """Segments older than the oldest fact still owed are done; the one being written only when closing and nothing is owed."""
        oldest = self._owed[0][0] if self._owed else self._segment + (1 if closing else 0)
        for path in self._segments():
            if int(path.stem) < oldest:
                path.unlink(missing_ok=True)
