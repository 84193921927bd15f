"""The nightly evaluation inside the server: once soon after a start, then every night at the hour set; on one node of several.

Which node is settled by the limits all nodes share: one attempt a day. An evaluation that fails is logged and tried again the next
night; it can be run by hand at any time (`python -m ledger evaluate`), since reminders are written once whoever runs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from ledger.actions.nightly import Night
from ledger.model import CHINA
from ledger.refusals import StoreUnavailable
from server.rate_limits import RateLimits

FIRST_SECONDS = 60.0  # after a start: people come in first
ONE_DAY = 86_400.0 - 3600.0  # a night may begin a little earlier than the last
log = structlog.get_logger(__name__)


class Nightly:
    def __init__(
        self,
        evaluate: Callable[[], Awaitable[Night]],
        limits: RateLimits,
        now: Callable[[], float],
        hour: int,
        first: float = FIRST_SECONDS,
    ) -> None:
        self._evaluate = evaluate
        self._limits = limits
        self._now = now
        self._hour = hour
        self._first = first
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._hour >= 0:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await asyncio.sleep(self._first)
        while True:
            await self.night()
            await asyncio.sleep(seconds_until(self._hour, self._now()))

    async def night(self) -> Night | None:
        """None: another node has it, or the database is away."""
        day = datetime.fromtimestamp(self._now(), CHINA).date().isoformat()
        if await self._limits.wait(f"nightly:{day}", 1, ONE_DAY) > 0.0:
            return None
        try:
            found = await self._evaluate()
        except StoreUnavailable as away:
            log.error("night_failed", error=repr(away.__cause__))
            return None
        except Exception:
            log.exception("night_failed")
            return None
        log.info("night", members=found.members, away=found.away, meetings=found.meetings_measured, reminders=found.reminders)
        return found


def seconds_until(hour: int, now: float) -> float:
    """To the next such hour in China, at least a minute away."""
    here = datetime.fromtimestamp(now, CHINA)
    then = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    if then - here < timedelta(minutes=1):
        then += timedelta(days=1)
    return (then - here).total_seconds()
