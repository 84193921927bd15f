"""Refusals in the log: by code and by what was asked, never by whom. A flood is one line a second, with how many it stands for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

EVERY_SECONDS: Final = 1.0
log = structlog.get_logger(__name__)


class RefusalLog:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_at: dict[tuple[str, str], float] = {}
        self._untold: Counter[tuple[str, str]] = Counter()

    def note(self, code: str, where: str) -> None:
        """`where`: the message's name or the route's template; both are few."""
        key, now = (code, where), self._clock()
        self._untold[key] += 1
        if now - self._told_at.get(key, float("-inf")) >= EVERY_SECONDS:
            self._told_at[key] = now
            log.info("refused", code=code, where=where, times=self._untold.pop(key))
