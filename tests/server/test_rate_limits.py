"""Limits counted in the process and over a real Redis: the same rules, and Redis that goes away opens no gate."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.rate_limits import LocalRateLimits, RateLimits, RedisRateLimits
from tests.support.redis import RedisServer


@pytest.mark.parametrize("kind", ["local", "redis"])
async def test_so_many_in_a_window_and_then_a_wait(kind: str, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    if kind == "redis":
        redis.start()
    limits: RateLimits = RedisRateLimits(redis.url) if kind == "redis" else LocalRateLimits()
    try:
        assert [await limits.wait("a", 2, 1.5) for _ in range(2)] == [0.0, 0.0]
        pause = await limits.wait("a", 2, 1.5)
        assert 0.0 < pause <= 1.5
        assert await limits.wait("b", 2, 1.5) == 0.0
        await asyncio.sleep(pause + 0.05)
        assert await limits.wait("a", 2, 1.5) == 0.0
    finally:
        await limits.close()
        redis.stop()


async def test_without_redis_each_process_counts_for_itself(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    limits = RedisRateLimits(redis.url)
    assert [await limits.wait("a", 2, 60.0) for _ in range(2)] == [0.0, 0.0]
    assert await limits.wait("a", 2, 60.0) > 59.0
    await limits.close()


async def test_two_processes_share_a_redis_and_it_never_sees_a_name(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    redis.start()
    one, two = RedisRateLimits(redis.url), RedisRateLimits(redis.url)
    try:
        assert await one.wait("login:secretary", 1, 60.0) == 0.0
        assert await two.wait("login:secretary", 1, 60.0) > 59.0
        keys = await one._redis.keys("*")
        assert len(keys) == 1
        assert b"secretary" not in keys[0]
    finally:
        await one.close()
        await two.close()
        redis.stop()


async def test_windows_that_ended_are_forgotten_before_memory_runs_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.rate_limits.MOST_KEYS", 3)
    clock = [0.0]
    limits = LocalRateLimits(lambda: clock[0])
    for name in "abc":
        await limits.wait(name, 1, 10.0)
    clock[0] = 11.0
    await limits.wait("d", 1, 10.0)
    assert list(limits._windows) == ["d"]
