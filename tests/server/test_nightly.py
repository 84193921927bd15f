"""The night inside the server: on one node of several, at its hour, and not ended by a night that fails."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from ledger.actions.nightly import Night
from ledger.model import CHINA
from ledger.refusals import StoreUnavailable
from server.nightly import Nightly, seconds_until
from server.rate_limits import LocalRateLimits

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=CHINA).timestamp()


async def test_of_two_nodes_one_has_the_night() -> None:
    nights: list[str] = []

    def node(name: str) -> Nightly:
        async def evaluate() -> Night:
            nights.append(name)
            return Night(members=1)

        return Nightly(evaluate, limits, lambda: NOW, 3)

    limits = LocalRateLimits()
    first, second = node("first"), node("second")
    assert await first.night() == Night(members=1)
    assert await second.night() is None
    assert nights == ["first"]


@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), ZeroDivisionError()])
async def test_a_night_that_fails_ends_nothing(trouble: Exception) -> None:
    async def evaluate() -> Night:
        raise trouble

    assert await Nightly(evaluate, LocalRateLimits(), lambda: NOW, 3).night() is None


async def test_it_runs_after_a_start_and_stops_with_the_server() -> None:
    ran = asyncio.Event()

    async def evaluate() -> Night:
        ran.set()
        return Night()

    nightly = Nightly(evaluate, LocalRateLimits(), lambda: NOW, 3, first=0.0)
    nightly.start()
    await asyncio.wait_for(ran.wait(), 10.0)
    await nightly.stop()
    off = Nightly(evaluate, LocalRateLimits(), lambda: NOW, -1, first=0.0)
    off.start()
    await off.stop()


@pytest.mark.parametrize(("hour", "seconds"), [(3, 3600.0), (2, 86_400.0), (1, 82_800.0)])
def test_the_next_hour_lies_ahead(hour: int, seconds: float) -> None:
    assert seconds_until(hour, NOW) == seconds
