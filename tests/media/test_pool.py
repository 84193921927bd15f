"""Several real worker processes behind the one door: placement, and the death of one of them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from media import channel
from media import pool as pools
from media.plane import PlaneError
from media.pool import PoolPlane

Json = dict[str, Any]


class Pool:
    """Two workers and what was reported."""

    def __init__(self) -> None:
        self.reports: list[Json] = []
        self.plane = PoolPlane.spawn(self.reports.append, 2, listen_ip="127.0.0.1", port=0)

    def kill(self, number: int) -> None:
        pid = self.plane.seats[number].plane.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def all_said(self, event: str) -> list[str]:
        return sorted(router_id for said in self.said(event) for router_id in said)

    def said(self, event: str) -> list[list[str]]:
        """The routers of each report of this kind that concerned any."""
        return [report["routerIds"] for report in self.reports if report["event"] == event and report["routerIds"]]

    async def homes(self) -> list[int]:
        """How many routers each worker has, by its own account."""
        return [worker["routers"] for worker in (await self.plane.stats())["workers"]]


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool()
    await made.plane.start()
    yield made
    await made.plane.stop()


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def refused(call: Any) -> str:
    with pytest.raises(PlaneError) as error:
        await call
    return error.value.code


async def test_rooms_are_spread_and_what_belongs_to_them_follows(pool: Pool) -> None:
    for number in range(4):
        await pool.plane.open_router(f"room{number}")
        await pool.plane.create_transport(f"room{number}", f"send{number}", "send")
    assert await pool.homes() == [2, 2]
    whole = await pool.plane.stats()
    assert (whole["routers"], whole["transports"]) == (4, 4)
    assert [worker["transports"] for worker in whole["workers"]] == [2, 2]
    assert {candidate["port"] for number in range(2) for candidate in await candidates(pool, number)} == set(await ports(pool))
    assert await refused(pool.plane.open_router("send1")) == "duplicate_id"
    assert await refused(pool.plane.create_transport("room0", "send1", "send")) == "duplicate_id"  # taken on the other worker


async def candidates(pool: Pool, number: int) -> list[Json]:
    answer = await pool.plane.create_transport(f"room{number}", f"t{number}", "recv")
    return list(answer["iceCandidates"])


async def ports(pool: Pool) -> list[int]:
    return [candidate["port"] for number in (2, 3) for candidate in (await candidates(pool, number))[:1]]


async def test_two_calls_for_one_id_cannot_both_succeed(pool: Pool) -> None:
    outcomes = await asyncio.gather(*(pool.plane.open_router("room") for _ in range(3)), return_exceptions=True)
    assert [isinstance(outcome, PlaneError) for outcome in outcomes] == [False, True, True]
    assert await pool.homes() == [1, 0]


async def test_the_death_of_a_worker_concerns_its_own_rooms(pool: Pool) -> None:
    await pool.plane.open_router("here")
    await pool.plane.open_router("there")
    await pool.plane.create_transport("here", "mine", "send")
    await pool.plane.create_transport("there", "theirs", "send")
    pool.kill(0)
    await until(lambda: pool.said("workerDied") == [["here"]])
    assert await refused(pool.plane.create_transport("here", "t", "send")) == "worker_gone"
    assert (await pool.plane.restart_ice("theirs")).keys() == {"iceParameters"}
    await until(lambda: pool.said("workerReady") == [["here"]])
    assert pool.plane.up == 2
    await pool.plane.open_router("here")
    assert await pool.homes() == [1, 1]
    assert await refused(pool.plane.restart_ice("mine")) == "unknown_id"
    assert [report["up"] for report in pool.reports if report["event"] == "workerDied"] == [1]


async def test_a_worker_that_cannot_come_back_leaves_its_rooms_to_the_others(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "MOVE_SECONDS", 0.3)
    await pool.plane.open_router("here")
    await pool.plane.open_router("there")
    plane = pool.plane.seats[0].plane
    assert plane._arguments is not None
    arguments, plane._arguments = plane._arguments, ["--nonsense"]
    pool.kill(0)
    await until(lambda: pool.said("workerReady") == [["here"]])
    await pool.plane.open_router("here")
    assert await pool.homes() == [2]
    plane._arguments = arguments
    await until(lambda: pool.plane.up == 2)
    assert pool.said("workerReady") == [["here"]]  # nobody is asked to start anew twice
    await pool.plane.open_router("new")
    assert await pool.homes() == [1, 2]


async def test_when_all_are_gone_everything_is_refused_and_told_when_one_is_back(pool: Pool) -> None:
    await pool.plane.open_router("here")
    await pool.plane.open_router("there")
    pool.kill(0)
    pool.kill(1)
    await until(lambda: pool.all_said("workerDied") == ["here", "there"])
    if pool.plane.up == 0:
        assert await refused(pool.plane.open_router("new")) == "worker_gone"
    await until(lambda: pool.all_said("workerReady") == ["here", "there"])


async def test_a_closed_room_is_not_told_to_come_back(pool: Pool) -> None:
    await pool.plane.open_router("here")
    pool.kill(0)
    await until(lambda: pool.said("workerDied") == [["here"]])
    assert await pool.plane.close("here") == {}
    await until(lambda: pool.plane.up == 2)
    assert pool.said("workerReady") == []


async def test_a_port_that_is_taken_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "START_SECONDS", 2.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        plane = PoolPlane.spawn(lambda report: None, 2, listen_ip="127.0.0.1", port=port - 1)
        assert await refused(plane.start()) == "worker_gone"
        assert await refused(plane.open_router("room")) == "worker_gone"


async def test_what_workers_use_is_read(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WATCH_SECONDS", 0.05)
    assert pool.plane._watching is not None
    pool.plane._watching.cancel()
    pool.plane._watching = asyncio.create_task(pool.plane._watch())
    await until(lambda: all(seat.share > 0 for seat in pool.plane.seats))
