"""Two web processes, one database, one real Redis: who comes to the wrong node is sent to the right one, limits are shared, and Redis
may go away under a running meeting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import Person, schedule
from tests.support.redis import RedisServer

Json = dict[str, Any]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def nodes(redis: RedisServer, tmp_path: Path) -> AsyncIterator[tuple[Installation, Installation]]:
    shared = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'branchline.db'}",
        "REDIS_URL": redis.url,
        "BRANCHLINE_RENEW_SECONDS": "0.2",
        "BRANCHLINE_WEB_DIST": str(tmp_path / "dist"),
    }
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first, second = Installation(tmp_path / "first", **shared), Installation(tmp_path / "second", **shared)
    await first.prepare()
    await asyncio.gather(first.start(), second.start())
    try:
        yield first, second
    finally:
        await asyncio.gather(first.stop(), second.stop())


class Socket:
    """A person's socket at one node."""

    def __init__(self, sio: socketio.AsyncClient) -> None:
        self._sio = sio
        self.told: list[tuple[str, Json]] = []
        sio.on("*", self._hear)

    async def _hear(self, name: str, body: Json) -> None:
        self.told.append((name, body))

    async def hears(self, name: str) -> None:
        for _ in range(100):
            if any(told == name for told, _ in self.told):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(self.told)

    async def ask(self, name: str, **body: Any) -> Json:
        answer: Json = await self._sio.call(name, body, timeout=10)
        return answer

    async def do(self, name: str, **body: Any) -> Json:
        answer = await self.ask(name, **body)
        assert answer["ok"], answer
        data: Json = answer["data"]
        return data

    async def join(self, meeting_id: str) -> Json:
        return await self.ask("join", meetingId=meeting_id, deviceId="d1", device="desktop", noticeVersion="2026-1")


async def log_in(node: Installation, username: str) -> str:
    """The cookie, which all nodes know."""
    async with aiohttp.ClientSession() as http, http.post(f"{node.base}/api/session", json=credentials(username)) as answer:
        assert answer.status == 200, await answer.text()
        return f"branchline_session={answer.cookies['branchline_session'].value}"


def credentials(username: str) -> Json:
    return {"username": username, "password": DEMO_PASSWORD}


async def meetings_to_come(node: Installation, cookie: str) -> list[str]:
    async with aiohttp.ClientSession() as http, http.get(f"{node.base}/api/home", headers={"Cookie": cookie}) as answer:
        return [one["meetingId"] for one in (await answer.json())["upcoming"]]


@asynccontextmanager
async def socket(node: Installation, cookie: str) -> AsyncIterator[Socket]:
    sio = socketio.AsyncClient(reconnection=False)
    found = Socket(sio)
    await sio.connect(node.base, headers={"Cookie": cookie}, transports=["websocket"])
    try:
        yield found
    finally:
        await sio.disconnect()


@pytest.mark.slow
async def test_the_wrong_node_names_the_right_one_and_redis_may_go_away(
    nodes: tuple[Installation, Installation], redis: RedisServer
) -> None:
    first, second = nodes
    secretary, member = await log_in(first, "secretary"), await log_in(second, "member1")
    running, waiting = await meetings_to_come(first, secretary)
    async with socket(first, secretary) as chair, socket(second, member) as astray:
        assert (await chair.join(running))["data"]["state"] == "joined"
        await chair.do("openMeeting")
        sent = (await astray.join(running))["data"]
        assert (sent["state"], sent["node"]) == ("elsewhere", first.base)
        await announce(first, "secretary")
        await astray.hears("notified")  # told through the first node, heard at the second
        async with socket(first, member) as guest:
            assert (await guest.join(running))["data"]["state"] == "joined"
            redis.stop()
            await guest.do("raiseHand")
            await chair.do("say", text="请继续", clientId="c1")
            assert (await astray.join(waiting))["refusal"]["code"] == "directoryAway"
            await asyncio.sleep(1.0)  # several renewals fail
            await guest.do("lowerHand")
            redis.start()
            await asyncio.sleep(1.0)  # it comes back empty: the holder writes its lease again with the next renewal
            assert await soon(astray, waiting) == "joined"
            assert (await astray.join(running))["data"]["node"] == first.base
            said = [
                event["message"]["text"] for name, body in guest.told if name == "events" for event in body["events"] if "message" in event
            ]
            assert said == ["请继续"]


async def announce(node: Installation, username: str) -> None:
    async with Person(node.base) as person:
        await person.log_in(username, DEMO_PASSWORD)
        await schedule(person, person.me["homeBranchId"], "支部党员大会")


async def soon(person: Socket, meeting_id: str) -> str:
    for _ in range(50):
        answer = await person.join(meeting_id)
        if answer["ok"]:
            return str(answer["data"]["state"])
        await asyncio.sleep(0.5)
    raise AssertionError(answer)


@pytest.mark.slow
async def test_attempts_to_log_in_are_counted_over_all_nodes(nodes: tuple[Installation, Installation]) -> None:
    async with aiohttp.ClientSession() as http:
        statuses = []
        for attempt in range(12):
            async with http.post(f"{nodes[attempt % 2].base}/api/session", json=credentials("member2")) as answer:
                statuses.append(answer.status)
    assert statuses == [200] * 10 + [429] * 2
