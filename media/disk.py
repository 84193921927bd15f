"""A thread that writes files, so that a slow disk is never felt by a packet.

It decides how much may wait to be written, how often what was written is made safe from a power cut, and when writing has failed; whoever
gave the bytes learns of it by asking `trouble`. It must never know what the bytes are.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: What may wait in memory: half a minute of ten good cameras. More means that the disk does not keep up.
MAX_WAITING: Final = 32 << 20
#: A power cut, or a kernel that stops, loses what was written since the last time: at most so long, and the bytes still waiting above.
#: A process that is killed loses none of what was written. Oftener costs a rotating disk its seeks, for less than a sentence.
SYNC_SECONDS: Final = 2.0
_TURN_SECONDS: Final = 0.5
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Job:
    """Write `data` to the file `name` at `at` (its end: −1). `done`: nothing further comes for this file."""

    name: str
    data: bytes
    at: int = -1
    done: bool = False


class Disk:
    """`finished` is called from the thread when everything was written, with how long the files are."""

    def __init__(
        self, folder: Path, finished: Callable[[dict[str, int]], None], *, most: int = MAX_WAITING, sync_seconds: float = SYNC_SECONDS
    ) -> None:
        self.trouble = ""  # "disk_full", "disk_slow", "disk_failed"
        self._folder = folder
        self._finished = finished
        self._most = most
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._put = 0  # bytes, counted by who gives
        self._written = 0  # bytes, counted by the thread
        self._files: dict[str, int] = {}  # descriptors
        self._lengths: dict[str, int] = {}
        self._unsafe: set[str] = set()  # written to since it was last made safe
        self._unlisted = False  # the folder has a file of which the disk does not know yet
        self._sync_seconds = sync_seconds
        self._sync_at = time.monotonic() + sync_seconds
        self._thread = threading.Thread(target=self._run, name="recording")  # a process that ends waits for what is queued
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._put - self._written

    def write(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if self.trouble:
                return
            if self.waiting > self._most:
                self.trouble = "disk_slow"
                return
            self._put += len(job.data)
            self._jobs.put(job)

    def end(self) -> None:
        self._jobs.put(None)

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while (job := self._get()) is not None:
            self._trying(lambda job=job: self._do(job))  # type: ignore[misc]
            self._written += len(job.data)
        self._trying(self._secure)
        for name in list(self._files):
            self._close(name)
        self._finished(self._lengths)

    def _trying(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            # What waits behind it is dropped: `write` takes no more, and the files are good up to here.
            self.trouble = "disk_full" if error.errno in _FULL else "disk_failed"

    def _get(self) -> Job | None:
        """The next job; None at the end, and when the process goes without having said so."""
        while True:
            if time.monotonic() >= self._sync_at:
                self._trying(self._secure)
                self._sync_at = time.monotonic() + self._sync_seconds
            try:
                return self._jobs.get(timeout=min(_TURN_SECONDS, self._sync_seconds))
            except queue.Empty:
                if not threading.main_thread().is_alive():
                    return None

    def _secure(self) -> None:
        """What was written is on the disk, and the folder says so."""
        if self._unlisted:
            self._unlisted = False
            secure_folder(self._folder)
        while self._unsafe:
            os.fsync(self._files[self._unsafe.pop()])

    def _do(self, job: Job) -> None:
        if self.trouble in ("disk_full", "disk_failed"):
            return
        descriptor = self._files.get(job.name)
        if descriptor is None:
            descriptor = self._files[job.name] = os.open(self._folder / job.name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._lengths[job.name] = 0
            self._unlisted = True
        at = self._lengths[job.name] if job.at < 0 else job.at
        view = memoryview(job.data)
        while view:
            written = os.pwrite(descriptor, view, at)
            view, at = view[written:], at + written
        self._lengths[job.name] = max(self._lengths[job.name], at)
        self._unsafe.add(job.name)
        if job.done:
            os.fsync(descriptor)
            self._close(job.name)

    def _close(self, name: str) -> None:
        self._unsafe.discard(name)
        descriptor = self._files.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)


def write_index(folder: Path, index: dict[str, Any]) -> None:
    """Whole or not at all, also after a power cut."""
    draft = folder / "index.json.part"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(index, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o600)
    draft.replace(folder / "index.json")
    secure_folder(folder)


def secure_folder(folder: Path) -> None:
    """The names in it, as they are now."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
