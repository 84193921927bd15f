"""How often something may be tried: a port, the twin for one process, and the one over Redis that all nodes share.

Counts are kept per key in windows of a length. Redis that is away never locks anybody out and never opens the gate: the process counts
for itself meanwhile.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PREFIX = "branchline:limit:"
ANSWER_SECONDS = 0.5
MOST_KEYS = 50_000
TROUBLE = (RedisError, OSError, asyncio.TimeoutError)
log = structlog.get_logger(__name__)

#: Count, and let the window begin with the first. → {count, milliseconds left}
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


class RateLimits(Protocol):
    async def wait(self, key: str, most: int, seconds: float) -> float:
        """Count one attempt; 0.0 while there are at most `most` in the window, else the seconds until the next window."""

    async def close(self) -> None: ...


class LocalRateLimits:
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: dict[str, tuple[float, int]] = {}  # key → (end of the window, attempts in it)

    async def wait(self, key: str, most: int, seconds: float) -> float:
        now = self._monotonic()
        if len(self._windows) >= MOST_KEYS:
            self._windows = {one: window for one, window in self._windows.items() if window[0] > now}
        end, count = self._windows.get(key, (0.0, 0))
        if end <= now:
            end, count = now + seconds, 0
        self._windows[key] = (end, count + 1)
        return end - now if count + 1 > most else 0.0

    async def close(self) -> None:
        self._windows.clear()


class RedisRateLimits:
    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 1),  # a kept connection may belong to a Redis that was restarted meanwhile
        )
        self._meanwhile = LocalRateLimits()

    async def wait(self, key: str, most: int, seconds: float) -> float:
        # Keys hold addresses and user names: only their digest leaves the process.
        hidden = PREFIX + hashlib.sha256(key.encode()).hexdigest()
        try:
            count, left = await self._redis.eval(COUNT, 1, hidden, str(int(seconds * 1000)))
        except TROUBLE as trouble:
            log.warning("rate_limits_local", error=type(trouble).__name__)
            return await self._meanwhile.wait(key, most, seconds)
        return max(0.001, int(left) / 1000) if int(count) > most else 0.0

    async def close(self) -> None:
        await self._redis.aclose()
