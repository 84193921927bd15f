"""The room directory in Redis: one key per room, `SET NX` to claim, renewed by the holder.

`branchline:room:<meeting>` → the holder's address, for `LEASE_SECONDS`. The lease is longer than an outage of a minute, so that the node
which holds a running meeting still holds it when Redis comes back, empty or not: the renewal writes a missing key again. The price: rooms
of a node that died are free for others after at most `LEASE_SECONDS`; the same node, restarted, takes its own rooms back at once. Should
two nodes hold one room all the same (Redis lost its memory and another node was quicker), the renewal finds the other's address, says so
loudly, and `lost` tells the owner of the room.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.live.cluster import DirectoryAway

LEASE_SECONDS = 90
RENEW_SECONDS = 5.0
ANSWER_SECONDS = 2.0
PREFIX = "branchline:room:"
TROUBLE = (RedisError, OSError, asyncio.TimeoutError)
log = structlog.get_logger(__name__)

#: Renew ours, write it again when it is gone, leave another's alone. → the holder after the call.
RENEW = """
local holder = redis.call('GET', KEYS[1])
if not holder or holder == ARGV[1] then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) return ARGV[1] end
return holder
"""
#: Delete only our own lease.
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisDirectory:
    """`RoomDirectory` over one Redis. `lost` is called with a meeting id when another node turned out to hold it."""

    def __init__(
        self,
        url: str,
        address: str,
        *,
        lost: Callable[[str], None] = lambda meeting_id: None,
        lease_seconds: int = LEASE_SECONDS,
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 1),  # a kept connection belongs to the Redis that went: the first renewal after it is back must hold
        )
        self._address = address
        self._lost = lost
        self._lease_seconds = lease_seconds
        self._renew_seconds = renew_seconds
        self._held: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        return self._address

    async def start(self) -> None:
        self._task = asyncio.create_task(self._renew_forever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for meeting_id in list(self._held):
            await self.release(meeting_id)
        await self._redis.aclose()

    async def claim(self, meeting_id: str, *, running: bool = False) -> str:
        if meeting_id in self._held:
            return self._address
        try:
            if running and await self._redis.get(PREFIX + meeting_id) is None:
                await asyncio.sleep(1.5 * self._renew_seconds)
            holder = await self._renew(meeting_id)
        except TROUBLE as trouble:
            raise DirectoryAway(type(trouble).__name__) from trouble
        if holder == self._address:
            self._held.add(meeting_id)
        return holder

    async def release(self, meeting_id: str) -> None:
        self._held.discard(meeting_id)
        with contextlib.suppress(*TROUBLE):
            await self._redis.eval(RELEASE, 1, PREFIX + meeting_id, self._address)

    async def _renew(self, meeting_id: str) -> str:
        return str(await self._redis.eval(RENEW, 1, PREFIX + meeting_id, self._address, str(self._lease_seconds)))

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(self._renew_seconds)
            for meeting_id in list(self._held):
                try:
                    holder = await self._renew(meeting_id)
                except TROUBLE as trouble:
                    log.warning("room_directory_away", error=type(trouble).__name__, held=len(self._held))
                    break
                if holder != self._address and meeting_id in self._held:
                    log.error("room_lease_lost", meeting=meeting_id, holder=holder)
                    self._held.discard(meeting_id)
                    self._lost(meeting_id)
