"""The connection self-test of a member: a router of its own, for a short while, in which one hears and sees nobody but oneself.

It decides how many tests run at once, how long one lasts and how much it may hold. It knows accounts only as keys to count by; it never
touches a room, and nothing of a test is recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sized
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from media.plane import MediaPlane
from server.live.conductor import asked, done, fresh_id
from server.live.refusals import ShellRefused
from server.rate_limits import RateLimits

Json = dict[str, Any]
#: A test sends and receives one small picture: eight are about 10 Mb/s through the worker, which a meeting does not feel.
MOST_AT_ONCE: Final = 8
#: Longer than the slowest steps together (a relay that never answers takes 15 s), short enough that a forgotten tab is nothing.
LASTS_SECONDS: Final = 120.0
MOST_STARTS, STARTS_SECONDS = 12, 600.0
MOST_TRANSPORTS, MOST_STREAMS = 8, 4


@dataclass(slots=True)
class SelfTest:
    """What one test holds on the plane; a call that names anything else is refused."""

    router_id: str
    plane: MediaPlane
    transports: set[str] = field(default_factory=set)
    producers: dict[str, str] = field(default_factory=dict)  # id → its transport
    consumers: dict[str, str] = field(default_factory=dict)
    over: bool = False
    timer: asyncio.TimerHandle | None = None

    async def create_transport(self, direction: Literal["send", "recv"]) -> Json:
        self._room_for(self.transports, MOST_TRANSPORTS)
        transport_id = fresh_id()
        self.transports.add(transport_id)
        return await asked(self.plane.create_transport(self.router_id, transport_id, direction))

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        self._own(transport_id, self.transports)
        return await asked(self.plane.connect_transport(transport_id, dtls_parameters))

    async def produce(self, transport_id: str, kind: Literal["audio", "video"], rtp_parameters: Json) -> Json:
        self._own(transport_id, self.transports)
        self._room_for(self.producers, MOST_STREAMS)
        producer_id = fresh_id()
        await asked(self.plane.produce(transport_id, producer_id, kind, rtp_parameters, False))
        self.producers[producer_id] = transport_id
        return {"producerId": producer_id}

    async def consume(self, transport_id: str, producer_id: str, rtp_capabilities: Json) -> Json:
        """Begins at once: there is no page of tiles to wait for."""
        self._own(transport_id, self.transports)
        self._own(producer_id, self.producers)
        self._room_for(self.consumers, MOST_STREAMS)
        consumer_id = fresh_id()
        answer = await asked(self.plane.consume(transport_id, consumer_id, producer_id, rtp_capabilities, False))
        self.consumers[consumer_id] = transport_id
        keys = ("producerId", "kind", "rtpParameters", "producerPaused")
        return {"consumerId": consumer_id} | {key: answer[key] for key in keys}

    async def close_transport(self, transport_id: str) -> Json:
        """A path that has been tried; its place, and those of its streams, may be used by the next."""
        self._own(transport_id, self.transports)
        self.transports.discard(transport_id)
        self.producers = {id: where for id, where in self.producers.items() if where != transport_id}
        self.consumers = {id: where for id, where in self.consumers.items() if where != transport_id}
        return await asked(self.plane.close(transport_id))

    def _own(self, id: str, mine: Container[str]) -> None:
        if self.over:
            raise ShellRefused("notTesting")
        if id not in mine:
            raise ShellRefused("mediaRefused", detail="unknown_id")

    def _room_for(self, mine: Sized, most: int) -> None:
        if self.over:
            raise ShellRefused("notTesting")
        if len(mine) >= most:
            raise ShellRefused("mediaRefused", detail="limit")


class SelfTests:
    """All tests of this node."""

    def __init__(self, plane: MediaPlane, limits: RateLimits, *, lasts: float = LASTS_SECONDS, most: int = MOST_AT_ONCE) -> None:
        self._plane = plane
        self._limits = limits
        self._lasts = lasts
        self._most = most
        self._running: dict[str, SelfTest] = {}  # account → its test
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        return len(self._running)

    async def start(self, account_id: str) -> tuple[SelfTest, Json]:
        """→ the test, and its router's capabilities. A second test of one account ends the first."""
        if await self._limits.wait(f"selftest {account_id}", MOST_STARTS, STARTS_SECONDS):
            raise ShellRefused("tooManyRequests")
        await self.end(account_id)
        if len(self._running) >= self._most:
            raise ShellRefused("testsBusy")
        test = SelfTest(f"test-{fresh_id()}", self._plane)
        self._running[account_id] = test  # its place is taken before anything is waited for
        try:
            answer = await asked(self._plane.open_router(test.router_id))
        except ShellRefused:
            await self.end(account_id)
            raise
        test.timer = asyncio.get_running_loop().call_later(self._lasts, self._expired, account_id, test)
        return test, answer["rtpCapabilities"]

    async def end(self, account_id: str, test: SelfTest | None = None) -> None:
        """End this test of the account, or whichever it has; none is no error."""
        running = self._running.get(account_id)
        if running is None or (test is not None and running is not test):
            return
        del self._running[account_id]
        running.over = True
        if running.timer is not None:
            running.timer.cancel()
        await done(self._plane.close(running.router_id))

    def _expired(self, account_id: str, test: SelfTest) -> None:
        task = asyncio.create_task(self.end(account_id, test))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def stop(self) -> None:
        for account_id in list(self._running):
            await self.end(account_id)
        await asyncio.gather(*self._ending)
