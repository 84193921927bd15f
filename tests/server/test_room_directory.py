"""The room directory over a real Redis: one holder, others are sent to it, an outage stops nobody who holds a room."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from server.live.cluster import DirectoryAway, SingleNode
from server.live.redis_directory import PREFIX, RedisDirectory
from tests.support.live import until
from tests.support.redis import RedisServer


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def nodes(redis: RedisServer) -> AsyncIterator[tuple[RedisDirectory, RedisDirectory]]:
    one = RedisDirectory(redis.url, "http://one", renew_seconds=1.0)
    two = RedisDirectory(redis.url, "http://two", renew_seconds=1.0)
    await one.start()
    await two.start()
    yield one, two
    await one.stop()
    await two.stop()


async def written(directory: RedisDirectory, meeting_id: str) -> None:
    """Until the lease is there again."""
    for _ in range(200):
        with contextlib.suppress(RedisError):  # its connection still belongs to the Redis that went
            if await directory._redis.get(PREFIX + meeting_id):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("no renewal")


async def test_the_first_to_ask_holds_the_room_and_the_other_is_told_where(nodes: tuple[RedisDirectory, RedisDirectory]) -> None:
    one, two = nodes
    assert await one.claim("m1") == "http://one"
    assert await two.claim("m1") == "http://one"
    assert await two.claim("m2") == "http://two"


async def test_a_released_room_is_free_and_only_its_holder_releases_it(nodes: tuple[RedisDirectory, RedisDirectory]) -> None:
    one, two = nodes
    await one.claim("m1")
    await two.release("m1")
    assert await two.claim("m1") == "http://one"
    await one.release("m1")
    assert await two.claim("m1") == "http://two"


async def test_an_outage_stops_no_room_that_is_held_and_the_lease_is_written_again(
    redis: RedisServer, nodes: tuple[RedisDirectory, RedisDirectory]
) -> None:
    one, two = nodes
    await one.claim("m1")
    redis.stop()
    assert await one.claim("m1") == "http://one"
    with pytest.raises(DirectoryAway):
        await two.claim("m1")
    redis.start()  # empty: its memory is gone
    await written(one, "m1")
    assert await two.claim("m1") == "http://one"


async def test_a_lease_taken_by_another_is_told_to_the_one_who_thought_to_hold_it(redis: RedisServer) -> None:
    lost: list[str] = []
    one = RedisDirectory(redis.url, "http://one", lost=lost.append, renew_seconds=0.1)
    two = RedisDirectory(redis.url, "http://two")
    await one.claim("m1")
    redis.stop()
    redis.start()
    assert await two.claim("m1") == "http://two"
    await one.start()
    await until(lambda: lost == ["m1"])
    await one.stop()
    await two.stop()


async def test_a_room_that_may_be_running_elsewhere_is_not_taken_before_its_node_could_renew_the_lease(
    redis: RedisServer, nodes: tuple[RedisDirectory, RedisDirectory]
) -> None:
    one, two = nodes
    await one.claim("m1")
    redis.stop()
    redis.start()
    assert await two.claim("m1", running=True) == "http://one"
    assert await two.claim("m2", running=True) == "http://two"


async def test_a_node_alone_holds_everything() -> None:
    alone = SingleNode("http://here")
    assert await alone.claim("m1") == "http://here"
