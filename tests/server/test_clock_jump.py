"""The wall clock is set while a meeting runs: lengths stay true, order stays true, nobody is thrown out and nobody stays for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from ledger.facts import GENESIS, FactKind, RecordedFact, chain_hash
from ledger.rulebook import DEFAULT
from ledger.rules.attendance import MeetingAttendance, measure
from server.live.clock import MeetingClock
from server.live.ports import Booked
from server.signalling import switchboard
from tests.support.exchange import Exchange
from tests.support.live import OPUS, Guest, LiveServer, live_server, until
from tests.support.silent_proxy import silent_proxy

EVENING = 1795521600.0  # 2026-11-24T20:00:00+08:00
HOUR = 3600.0
JUMPS = pytest.mark.parametrize("jump", [HOUR, -HOUR, 30 * 24 * HOUR, -30 * 24 * HOUR])


class HandClocks:
    """Two clocks of one machine, moved by hand: time goes on for both, `set` moves only the wall clock."""

    def __init__(self) -> None:
        self.wall, self.monotonic = EVENING, 5000.0

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def set(self, seconds: float) -> None:
        self.wall += seconds

    def start(self) -> MeetingClock:
        return MeetingClock.start(lambda: self.wall, lambda: self.monotonic)


@pytest.fixture
def clocks() -> HandClocks:
    return HandClocks()


@pytest.fixture
async def exchange(clocks: HandClocks) -> AsyncIterator[Exchange]:
    running = Exchange(grace=60, clock=clocks.start)
    running.plane.clock = lambda: clocks.monotonic
    yield running
    await running.stop()


def attendance(exchange: Exchange) -> MeetingAttendance:
    """The record that the rules make of what the room has written down."""
    recorded: list[RecordedFact] = []
    for number, fact in enumerate(exchange.book.facts, 1):
        previous = recorded[-1].hash if recorded else GENESIS
        recorded.append(RecordedFact(fact, number, fact.at, chain_hash(previous, fact, number)))
    found, complaints = measure(recorded, DEFAULT)
    assert complaints == ()
    return found


@JUMPS
async def test_presence_and_speech_keep_their_length(exchange: Exchange, clocks: HandClocks, jump: float) -> None:
    """Ten minutes before the jump and twenty after it; a minute of speech lies across it, and so does a lost connection."""
    answers = await exchange.opened("li", "wang")
    transport = await exchange.do("li", "createTransport", direction="send")
    microphone = {"transportId": transport["id"], "kind": "audio", "source": "microphone", "rtpParameters": OPUS}
    producer = (await exchange.do("li", "produce", **microphone))["producerId"]
    clocks.pass_(560)
    exchange.plane.speech_started(producer)
    await exchange.hang_up("wang")
    clocks.pass_(40)
    clocks.set(jump)
    clocks.pass_(20)
    exchange.plane.speech_ended(producer)
    await exchange.connect("w2", "wang")
    assert (await exchange.join("w2", resume=answers["wang"]["resume"]))["data"]["resumed"] is True
    clocks.pass_(1180)
    counters = exchange.room.counters_of("li")
    assert (counters["presentSeconds"], counters["speakingSeconds"], counters["sessionSeconds"]) == (1800, 60, 1800)
    assert (await exchange.do("li", "alive"))["serverNow"] == EVENING + 1800
    await exchange.do("chair", "endMeeting")
    found = attendance(exchange)
    assert {member: round(one.present_seconds, 3) for member, one in found.members.items()} == {"chair": 1800, "li": 1800, "wang": 1800}
    assert found.members["li"].speech.measured_speaking_seconds == 60
    assert all(EVENING <= fact.at <= EVENING + 1800 for fact in exchange.book.facts)


@JUMPS
async def test_what_happened_first_is_written_first(exchange: Exchange, clocks: HandClocks, jump: float) -> None:
    await exchange.opened("li")
    await exchange.do("li", "raiseHand")
    clocks.set(jump)
    clocks.pass_(1)
    await exchange.do("chair", "giveFloor", memberId="li")
    clocks.pass_(1)
    await exchange.do("li", "withdrawFloor")
    kinds = (FactKind.HAND_RAISED, FactKind.HAND_LOWERED, FactKind.FLOOR_GIVEN, FactKind.FLOOR_WITHDRAWN)
    moments = [fact.at - EVENING for fact in exchange.book.facts if fact.kind in kinds]
    assert moments == [0, 1, 1, 2]


async def test_a_meeting_taken_up_after_the_clock_was_set_back_goes_on_where_it_was(clocks: HandClocks) -> None:
    """A restart in the middle, with a clock that is now an hour slow: the meeting does not begin to run before its own opening."""
    exchange = Exchange(clock=clocks.start)

    async def booked(meeting_id: str) -> Booked:
        return Booked("m1", "支部党员大会", "open", False, EVENING, EVENING + 2 * HOUR, EVENING + 600)

    exchange.book.booked = booked  # type: ignore[method-assign]
    clocks.set(-HOUR)
    await exchange.connect("chair", "chair")
    await exchange.join("chair")
    clocks.pass_(300)
    await exchange.do("chair", "endMeeting")
    (joined,) = exchange.said(FactKind.CONNECTION_JOINED)
    (ended,) = exchange.said(FactKind.MEETING_ENDED)
    assert (joined.at, ended.at) == (EVENING + 600, EVENING + 900)
    await exchange.stop()


# -- over real sockets: libraries that read the wall clock see the jump too ----------------------------------------------------------------


class WallClock:
    """The process's wall clock, which can be set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real, self._offset = time.time, 0.0
        monkeypatch.setattr(time, "time", lambda: self._real() + self._offset)

    def set(self, seconds: float) -> None:
        self._offset += seconds


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    return WallClock(monkeypatch)


@pytest.fixture
async def server(wall: WallClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LiveServer]:
    monkeypatch.setattr(switchboard, "PONG_SECONDS", 1.0)
    async with live_server() as running:
        yield running


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_sockets_survive_the_jump_and_the_record_is_right(server: LiveServer, wall: WallClock, jump: float) -> None:
    chair = await (await Guest(server, "chair").connect()).join()
    await chair.do("openMeeting")
    li = await (await Guest(server, "li").connect()).join()
    began = time.monotonic()
    await asyncio.sleep(0.5)
    wall.set(jump)
    await asyncio.sleep(3)  # several pings
    await li.do("raiseHand")
    await li.do("leave")
    stayed = time.monotonic() - began
    (joined,) = (fact for fact in server.said(FactKind.CONNECTION_JOINED) if fact.member_id == "li")
    (left,) = server.said(FactKind.CONNECTION_LEFT)
    assert left.at - joined.at == pytest.approx(stayed, abs=1.0)
    assert "connectionChanged" not in chair.event_types
    for guest in (chair, li):
        await guest.leave()


async def test_a_clock_set_back_keeps_no_vanished_client_in_the_room(server: LiveServer, wall: WallClock) -> None:
    """Engine.IO counts a missing pong by the wall clock: set back while one is owed, it would wait for an hour more."""
    async with silent_proxy(server.url) as proxy:
        chair = await (await Guest(server, "chair").connect()).join()
        await chair.do("openMeeting")
        li = await (await Guest(server, "li", url=proxy.url).connect()).join()
        began = time.monotonic()
        await asyncio.sleep(1.5)
        proxy.fall_silent()
        stayed = time.monotonic() - began
        await asyncio.sleep(switchboard.PING_SECONDS + 0.1)
        wall.set(-HOUR)
        await until(lambda: "peerLeft" in chair.event_types, 12)
        (joined,) = (fact for fact in server.said(FactKind.CONNECTION_JOINED) if fact.member_id == "li")
        (left,) = server.said(FactKind.CONNECTION_LEFT)
        assert left.at - joined.at == pytest.approx(stayed, abs=2.0)
        await li.sio.eio.disconnect(abort=True)
        for guest in (chair, li):
            await guest.leave()
