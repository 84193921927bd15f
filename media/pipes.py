"""A room on a further worker: a router of the same name there, a pipe to it, and copies of those producers that somebody there consumes.

It decides the order in which both ends are asked, one change of a link at a time, so that nothing is fed before it is there and nothing
is there that nobody consumes. It speaks to two planes and must never know packets, rooms' other workers or people.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from media.channel import WorkerPlane
from media.plane import PlaneError

Json = dict[str, Any]

#: Ids of our own begin so; callers' ids may be anything, but do not.
OWN: Final = "pipe/"
#: A torn pipe usually is the first sign of a worker's death; the second one comes within milliseconds.
MEND_ATTEMPTS: Final = 5
MEND_SECONDS: Final = 0.2
#: A pipe asks for no layer of its own: what is wanted at its far end is told from there.
_POURED: Final = {"paused": False, "wish": {"visible": False}}
_numbers = itertools.count(1)


class Link:
    """`near` is the room's home. Once `lost`, whoever is still waiting for something of it is refused."""

    def __init__(self, router_id: str, number: int, near: WorkerPlane, far: WorkerPlane) -> None:
        self.router_id = router_id
        self.number = number  # of the far worker
        self.lost = False
        self._near = near
        self._far = far
        self._turn = asyncio.Lock()
        self._entered = False
        self._piped = ""  # the id of both ends while there is a pipe
        self._copies: dict[str, str] = {}  # producer id → id of its consumer at the near end

    def has(self, producer_id: str) -> bool:
        return producer_id in self._copies

    def is_end(self, id: str) -> bool:
        return id == self._piped

    async def enter(self) -> None:
        """The room is on the far worker, too."""
        async with self._turn:
            if not self._entered:
                await self._far.open_router(self.router_id)
                self._entered = True
            self._still()

    async def bring(self, producer_id: str) -> None:
        """The producer can be consumed at the far end."""
        if producer_id in self._copies:
            return
        async with self._turn:
            if producer_id not in self._copies:
                if not self._piped:
                    await self._pipe()
                await self._copy(producer_id)
            self._still()

    async def _pipe(self) -> None:
        id = f"{OWN}{next(_numbers)}"
        path = str(self._far.folder / id.replace("/", "-"))
        await self._far.create_transport(self.router_id, id, "send", {"type": "pipe", "path": path})
        try:
            await self._connect(id, path)
        except PlaneError:
            await _done(self._far.close(id))
            await _done(self._near.close(id))
            raise
        self._piped = id

    async def _connect(self, id: str, path: str) -> None:
        await self._near.create_transport(self.router_id, id, "recv", {"type": "pipe"})
        await self._near.connect_transport(id, {"path": path})

    async def _copy(self, producer_id: str) -> None:
        """First somebody to feed, then the food. A producer that is paused is told paused, and changes come after (`update`)."""
        sink = f"{OWN}{next(_numbers)}"
        answer = await self._near.consume(self._piped, sink, producer_id, {}, True)
        await self._far.produce(self._piped, producer_id, answer["kind"], answer["rtpParameters"], answer["producerPaused"])
        await self._near.update(sink, _POURED)
        self._copies[producer_id] = sink

    async def update(self, producer_id: str, changes: Json) -> None:
        """What happened to the producer happens to its copy."""
        async with self._turn:
            if producer_id in self._copies:
                await self._far.update(producer_id, changes)

    async def forget(self, producer_id: str, is_wanted: Callable[[], bool]) -> None:
        """Nobody consumes it there any more, unless somebody has come while this waited for its turn."""
        async with self._turn:
            if is_wanted() or producer_id not in self._copies:
                return
            sink = self._copies.pop(producer_id)  # from here on it is brought anew
            await _done(self._near.close(sink))
            await _done(self._far.close(producer_id))

    async def mend(self) -> None:
        """The pipe was torn. If it was not a worker's end that tore it, the near end is made anew; the far end waits for it."""
        async with self._turn:
            for _ in range(MEND_ATTEMPTS):
                if self.lost or not self._piped:
                    return
                try:
                    await self._mend(self._piped)
                except PlaneError:
                    await asyncio.sleep(MEND_SECONDS)
                else:
                    return

    async def _mend(self, id: str) -> None:
        await self._near.close(id)
        await self._connect(id, str(self._far.folder / id.replace("/", "-")))
        for producer_id in self._copies:
            sink = self._copies[producer_id] = f"{OWN}{next(_numbers)}"
            await self._near.consume(id, sink, producer_id, {}, True)
            await self._near.update(sink, _POURED)

    async def leave(self, is_wanted: Callable[[], bool] = lambda: False) -> None:
        """The room is not on the far worker any more, unless somebody has come while this waited for its turn."""
        async with self._turn:
            if is_wanted() or not self._entered:
                return
            piped, self._piped, self._entered = self._piped, "", False
            self._copies.clear()
            if piped:
                await _done(self._near.close(piped))
            await _done(self._far.close(self.router_id))

    async def far_died(self) -> None:
        """Only the near end is left to be closed; whatever is made on the far worker from now on belongs to another link."""
        self.lost = True
        if self._piped:
            await _done(self._near.close(self._piped))

    async def near_died(self) -> None:
        self.lost = True
        await _done(self._far.close(self.router_id))

    def _still(self) -> None:
        if self.lost:
            raise PlaneError("worker_gone", "a worker of the room died")


async def _done(call: Any) -> None:
    with suppress(PlaneError):
        await call
