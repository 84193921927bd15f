"""One queue, one task: what is asked of a room is done one thing at a time, in the order it was asked.

python-socketio runs the events of one client in separate tasks, so without a queue two messages of one person could overtake each other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

Answer = TypeVar("Answer")
MOST_WAITING = 10_000
log = structlog.get_logger(__name__)


class Overloaded(Exception):
    """More is waiting in this queue than it can do; nothing was taken in."""


class Stopped(Exception):
    """The actor has stopped; nothing is taken in any more."""


class Actor:
    def __init__(self, name: str) -> None:
        self._stopped = False
        self._queue: asyncio.Queue[tuple[Callable[[], Awaitable[Any]], asyncio.Future[Any]]] = asyncio.Queue(MOST_WAITING)
        self._task = asyncio.create_task(self._work(), name=name)

    async def ask(self, job: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do `job` in turn; its result or its exception is the caller's. Cancelling the caller does not take the job back."""
        if self._stopped:
            raise Stopped
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((job, answer))
        except asyncio.QueueFull:
            raise Overloaded from None
        return await answer

    async def stop(self) -> None:
        """Finish what was asked before, then stop."""
        self._stopped = True
        await self._queue.join()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _work(self) -> None:
        while True:
            job, answer = await self._queue.get()
            try:
                result = await job()
            except asyncio.CancelledError:
                answer.cancel()
                raise
            except Exception as trouble:
                _fail(answer, trouble)
            else:
                if not answer.done():
                    answer.set_result(result)
            finally:
                self._queue.task_done()


def _fail(answer: asyncio.Future[Any], trouble: Exception) -> None:
    if answer.done():
        log.error("actor_job_failed_unheard", error=repr(trouble))
    else:
        answer.set_exception(trouble)
