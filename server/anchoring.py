"""Once an hour, and at an orderly end, the head of the log of access is written into a file of this node, `anchors.jsonl`.

Copied away from this machine, it is what a log that was cut and hashed anew is compared with. A database that is away is asked again in an
hour; nobody waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from ledger.actions.auditing import anchor
from ledger.anchors import AnchorsUnreadable, add_anchor
from ledger.ports import Store
from ledger.refusals import StoreUnavailable

EVERY_SECONDS = 3600.0
MOST_SECONDS = 3.0  # an end waits no longer for the last one
log = structlog.get_logger(__name__)


class Anchoring:
    def __init__(self, store: Store, path: Path, now: Callable[[], float], every: float = EVERY_SECONDS) -> None:
        self._store, self._path, self._now, self._every = store, path, now, every
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._forever(), name="anchoring")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await asyncio.wait({asyncio.ensure_future(self._write())}, timeout=MOST_SECONDS)

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self._write()

    async def _write(self) -> None:
        try:
            add_anchor(self._path, await anchor(self._store, self._now()))
        except (StoreUnavailable, AnchorsUnreadable, OSError) as trouble:
            log.warning("anchor_not_written", error=repr(trouble))
