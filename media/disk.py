"""A thread that writes files, so that a slow disk is never felt by a packet.

It decides how much may wait to be written and when writing has failed; whoever gave the bytes learns of it by asking `trouble`. It must
never know what the bytes are.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: What may wait in memory: half a minute of ten good cameras. More means that the disk does not keep up.
MAX_WAITING: Final = 32 << 20


@dataclass(frozen=True)
class Job:
    """Write `data` to the file `name` at `at` (its end: −1). `done`: nothing further comes for this file."""

    name: str
    data: bytes
    at: int = -1
    done: bool = False


class Disk:
    """`finished` is called from the thread when everything was written, with how long the files are."""

    def __init__(self, folder: Path, finished: Callable[[dict[str, int]], None], *, most: int = MAX_WAITING) -> None:
        self.trouble = ""  # "disk_full", "disk_slow", "disk_failed"
        self._folder = folder
        self._finished = finished
        self._most = most
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._put = 0  # bytes, counted by who gives
        self._written = 0  # bytes, counted by the thread
        self._files: dict[str, int] = {}  # descriptors
        self._lengths: dict[str, int] = {}
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
            try:
                self._do(job)
            except OSError as error:
                # What waits behind it is dropped: `write` takes no more, and the files are good up to here.
                self.trouble = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "disk_failed"
            self._written += len(job.data)
        for name in list(self._files):
            self._close(name)
        self._finished(self._lengths)

    def _get(self) -> Job | None:
        """The next job; None at the end, and when the process goes without having said so."""
        while True:
            try:
                return self._jobs.get(timeout=1.0)
            except queue.Empty:
                if not threading.main_thread().is_alive():
                    return None

    def _do(self, job: Job) -> None:
        if self.trouble in ("disk_full", "disk_failed"):
            return
        descriptor = self._files.get(job.name)
        if descriptor is None:
            descriptor = self._files[job.name] = os.open(self._folder / job.name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._lengths[job.name] = 0
        at = self._lengths[job.name] if job.at < 0 else job.at
        view = memoryview(job.data)
        while view:
            written = os.pwrite(descriptor, view, at)
            view, at = view[written:], at + written
        self._lengths[job.name] = max(self._lengths[job.name], at)
        if job.done:
            os.fsync(descriptor)
            self._close(job.name)

    def _close(self, name: str) -> None:
        descriptor = self._files.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)


def write_index(folder: Path, index: dict[str, Any]) -> None:
    """Whole or not at all."""
    draft = folder / "index.json.part"
    draft.write_text(json.dumps(index, ensure_ascii=False, indent=1), "utf-8")
    draft.chmod(0o600)
    draft.replace(folder / "index.json")
