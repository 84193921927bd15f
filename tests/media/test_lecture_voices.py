"""Five people speak at once in a room on two workers: whoever listens, beside them or behind the pipe, hears the loudest three, and others
as soon as others are louder.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bench.load_client import Endpoint
from media.capabilities import router_rtp_capabilities
from tests.media.peer import AUDIO_LEVEL_ID, opus
from tests.media.test_lecture import Lecture, received

Json = dict[str, Any]
SPEAKERS = ("anna", "boris", "chen", "dora", "emil")
FIRST_SSRC = 3001
#: −dBov, with the voice flag: all five are voices, three of them clearly nearer to their microphones.
LOUD, SOFT = 0x80 | 20, 0x80 | 45
#: So many steps of 20 ms without anybody else count as "hears exactly these".
STEADY = 15


class Hall(Lecture):
    """All five send at once; every packet says who speaks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self.speakers: dict[str, Endpoint] = {}
        self._number = 0

    async def fill(self) -> None:
        await self.plane.start()
        await self.plane.open_router("room")
        for place, name in enumerate(SPEAKERS):
            self.speakers[name] = await self._endpoint(name, "send")
            await self.plane.produce(name, f"mic-{name}", "audio", opus(FIRST_SSRC + place))
        for name in ("near", "far"):
            self.listeners[name] = await self._endpoint(name, "recv")
            for speaker in SPEAKERS:
                await self.plane.consume(name, f"{name}-{speaker}", f"mic-{speaker}", router_rtp_capabilities(), False)

    def speak(self, loud: set[str]) -> None:
        self._number += 1
        for place, name in enumerate(SPEAKERS):
            level = bytes((AUDIO_LEVEL_ID << 4, LOUD if name in loud else SOFT, 0, 0))
            ssrc = FIRST_SSRC + place
            numbers = self._number.to_bytes(2, "big") + (960 * self._number).to_bytes(4, "big") + ssrc.to_bytes(4, "big")
            header = bytes((0x90, 111)) + numbers + b"\xbe\xde\0\1" + level
            endpoint = self.speakers[name]
            endpoint.socket.send(endpoint.outbound.protect(ssrc << 48 | self._number, header, name.encode()))

    async def hear(self, loud: set[str], seconds: float = 30.0) -> dict[str, set[str]]:
        """Let them speak until both listeners hear exactly the loud ones. → what each heard in the last moment."""
        deadline, steady = time.monotonic() + seconds, 0
        heard: dict[str, set[str]] = {}
        while steady < STEADY and time.monotonic() < deadline:
            last = {name: set[str]() for name in self.listeners}
            for _ in range(5):
                self.speak(loud)
                await asyncio.sleep(0.02)
                for name, endpoint in self.listeners.items():
                    last[name] |= {word.decode() for word in received(endpoint)}
            heard = last
            steady = steady + 5 if all(words == loud for words in last.values()) else 0
        return heard


@pytest.fixture
async def hall(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    made = Hall(monkeypatch)
    await made.fill()
    yield made
    await made.plane.stop()
    for endpoint in [*made.speakers.values(), *made.listeners.values()]:
        endpoint.socket.close()


async def test_behind_a_pipe_the_loudest_three_of_five_are_heard_and_others_when_others_are_louder(hall: Hall) -> None:
    assert hall.plane._where.find("far").worker != hall.home() == hall.plane._where.find("near").worker
    for loud in ({"anna", "boris", "chen"}, {"chen", "dora", "emil"}, {"anna", "dora", "emil"}):
        heard = await hall.hear(loud)
        assert heard == {"near": loud, "far": loud}


async def test_a_voice_that_is_muted_makes_room_behind_the_pipe_too(hall: Hall) -> None:
    everybody_else = {"anna", "boris", "dora"}
    await hall.hear({"anna", "boris", "chen"})
    await hall.plane.update("mic-chen", {"paused": True})
    assert await hall.hear(everybody_else) == {"near": everybody_else, "far": everybody_else}
