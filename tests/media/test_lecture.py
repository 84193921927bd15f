"""A room on two real workers: a lecturer, listeners beside him and listeners at the far end of a pipe, and the death of either worker."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bench.load_client import Endpoint
from media import pool as pools
from media.capabilities import router_rtp_capabilities
from media.dtls import Certificate
from media.pool import PoolPlane
from tests.media.peer import opus

Json = dict[str, Any]
MICROPHONE = 1001
CERTIFICATE = Certificate.generate()


class Lecture:
    """Every second receiver goes to the worker that is not the room's home."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reports: list[Json] = []
        self.plane = PoolPlane.spawn(self.reports.append, 2, listen_ip="127.0.0.1", port=0)
        self.listeners: dict[str, Endpoint] = {}
        self._index = 0
        turns = [0]

        def in_turns(loads: dict[int, Any], members: list[int], receivers: Json, spread: int) -> int:
            turns[0] += 1
            there = members[0] if turns[0] % 2 else 1 - members[0]
            return there if there in loads else 1 - there

        monkeypatch.setattr(pools, "place_receiver", in_turns)

    async def begin(self) -> None:
        await self.plane.open_router("room")
        self.lecturer = await self._endpoint("lecturer", "send")
        await self.plane.produce("lecturer", "mic", "audio", opus(MICROPHONE))

    async def listen(self, name: str) -> None:
        self.listeners[name] = await self._endpoint(name, "recv")
        await self.plane.consume(name, f"ear-{name}", "mic", router_rtp_capabilities(), False)

    async def _endpoint(self, id: str, direction: Any) -> Endpoint:
        description = await self.plane.create_transport("room", id, direction)
        await self.plane.connect_transport(id, {"role": "client", "fingerprints": CERTIFICATE.fingerprints})
        endpoint = Endpoint(description, CERTIFICATE)
        await asyncio.to_thread(endpoint.connect)
        return endpoint

    async def say(self, word: bytes) -> set[str]:
        """A few packets. → who heard it"""
        heard: set[str] = set()
        for _ in range(40):
            self._speak(word)
            await asyncio.sleep(0.02)
            heard |= {name for name, endpoint in self.listeners.items() if word in received(endpoint)}
            if heard == self.listeners.keys():
                break
        return heard

    def _speak(self, word: bytes) -> None:
        self._index += 1
        header = (
            bytes((0x80, 111)) + self._index.to_bytes(2, "big") + (960 * self._index).to_bytes(4, "big") + MICROPHONE.to_bytes(4, "big")
        )
        self.lecturer.socket.send(self.lecturer.outbound.protect(MICROPHONE << 32 << 16 | self._index, header, word))

    def events(self, name: str) -> list[Json]:
        return [report for report in self.reports if report["event"] == name]

    def home(self) -> int:
        return self.plane._where.find("room").worker

    def kill(self, number: int) -> None:
        pid = self.plane.seats[number].plane.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


def received(endpoint: Endpoint) -> set[bytes]:
    words = set()
    while select.select([endpoint.socket], [], [], 0)[0]:
        try:
            data = endpoint.socket.recv(2048)
        except OSError:
            break
        if 127 < data[0] < 192 and not 192 <= data[1] <= 223:
            words.add(endpoint.inbound.open_rtp(data)[2])
    return words


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.fixture
async def lecture(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lecture]:
    made = Lecture(monkeypatch)
    await made.plane.start()
    await made.begin()
    for name in ("near1", "far1", "near2", "far2"):
        await made.listen(name)
    yield made
    await made.plane.stop()
    for endpoint in [made.lecturer, *made.listeners.values()]:
        endpoint.socket.close()


async def test_everybody_hears_and_the_packets_travel_once(lecture: Lecture) -> None:
    assert await lecture.say(b"hello") == {"near1", "far1", "near2", "far2"}
    stats = await lecture.plane.stats()
    assert [worker["producers"] for worker in stats["workers"]] == [1, 1]
    assert [worker["consumers"] for worker in stats["workers"]] == [3, 2]  # at home the pipe is one more
    assert (stats["producers"], stats["consumers"], stats["transports"]) == (1, 4, 5)
    assert {report["producerId"] for report in lecture.events("mediaFlow")} == {"mic"}
    assert len(lecture.events("mediaFlow")) == 1  # told by the home alone


async def test_a_mute_reaches_the_far_end_and_a_copy_nobody_consumes_goes(lecture: Lecture) -> None:
    await lecture.say(b"before")
    await lecture.plane.update("mic", {"paused": True})
    assert await lecture.say(b"muted") == set()
    await lecture.plane.update("mic", {"paused": False})
    assert await lecture.say(b"after") == lecture.listeners.keys()
    far = 1 - lecture.home()
    await lecture.plane.close("ear-far1")
    await lecture.plane.close("far2")
    assert await counted(lecture, far) == {"routers": 1, "transports": 2, "producers": 0, "consumers": 0}
    await lecture.plane.close("far1")
    assert await counted(lecture, far) == {"routers": 0, "transports": 0, "producers": 0, "consumers": 0}
    for name in ("far1", "far2"):
        lecture.listeners.pop(name).socket.close()
    await lecture.listen("near3")
    await lecture.listen("far3")
    assert await lecture.say(b"again") == lecture.listeners.keys()


async def counted(lecture: Lecture, number: int) -> Json:
    await lecture.plane._settled("room")
    [worker] = [worker for worker in (await lecture.plane.stats())["workers"] if worker["number"] == number]
    return {name: worker[name] for name in ("routers", "transports", "producers", "consumers")}


async def test_the_far_worker_dies_and_only_its_listeners_notice(lecture: Lecture) -> None:
    await lecture.say(b"before")
    lecture.kill(1 - lecture.home())
    await until(lambda: [report["transportId"] for report in lost(lecture)] == ["far1", "far2"])
    assert [report["routerIds"] for report in lecture.events("workerDied")] == [[]]
    assert await lecture.say(b"meanwhile") == {"near1", "near2"}
    for name in ("far1", "far2"):
        lecture.listeners.pop(name).socket.close()
    await lecture.listen("near3")
    await lecture.listen("far3")
    assert lecture.plane._where.find("far3").worker != lecture.home()
    assert await lecture.say(b"again") == lecture.listeners.keys()
    assert [report["flowing"] for report in lecture.events("mediaFlow")] == [True]


def lost(lecture: Lecture) -> list[Json]:
    return [report for report in lecture.events("transportState") if report["reason"] == "worker_died"]


async def test_the_home_dies_and_the_whole_room_begins_anew(lecture: Lecture) -> None:
    await lecture.say(b"before")
    lecture.kill(lecture.home())
    await until(lambda: [report["routerIds"] for report in lecture.events("workerReady")][-1:] == [["room"]])
    assert [report["routerIds"] for report in lecture.events("workerDied")] == [["room"]]
    assert lost(lecture) == []
    for endpoint in [lecture.lecturer, *lecture.listeners.values()]:
        endpoint.socket.close()
    lecture.listeners.clear()
    await lecture.begin()
    for name in ("near1", "far1"):
        await lecture.listen(name)
    assert await lecture.say(b"again") == lecture.listeners.keys()
    stats = await lecture.plane.stats()
    assert [worker["routers"] for worker in stats["workers"]] == [1, 1]


async def test_both_die(lecture: Lecture) -> None:
    lecture.kill(0)
    lecture.kill(1)
    await until(lambda: ["room"] in [report["routerIds"] for report in lecture.events("workerReady")] and lecture.plane.up == 2)
    for endpoint in [lecture.lecturer, *lecture.listeners.values()]:
        endpoint.socket.close()
    lecture.listeners.clear()
    await lecture.begin()
    for name in ("near1", "far1"):
        await lecture.listen(name)
    assert await lecture.say(b"again") == lecture.listeners.keys()


async def test_a_torn_pipe_is_mended(lecture: Lecture) -> None:
    await lecture.say(b"before")
    [link] = lecture.plane._links.values()
    near = lecture.plane.seats[lecture.home()].plane
    far = lecture.plane.seats[link.number].plane
    await asyncio.to_thread(tear, str(far.folder / link._piped.replace("/", "-")))
    await until(lambda: not lecture.plane._tasks)
    assert (await near.stats(link._piped))["connected"]
    assert await lecture.say(b"after") == lecture.listeners.keys()


def tear(path: str) -> None:
    """A second connection replaces the first, and goes at once."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.connect(path)
        time.sleep(0.1)
