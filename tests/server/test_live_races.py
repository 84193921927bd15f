"""Bad luck in a running room: things that happen at once, too late, twice, or to somebody who has gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from ledger.facts import FactKind
from rooms import commands as c
from server.actor import Overloaded
from server.live import live_room
from server.live.counters import Counters
from tests.support.exchange import Exchange
from tests.support.live import until


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    running = Exchange()
    yield running
    await running.stop()


async def test_who_hangs_up_while_being_let_in_leaves_no_ghost(exchange: Exchange) -> None:
    await exchange.opened()
    await exchange.connect("s1", "li")
    exchange.book.ready.clear()
    joining = asyncio.create_task(exchange.join("s1"))
    await asyncio.sleep(0)
    await exchange.hang_up("s1")
    exchange.book.ready.set()
    await joining
    await until(lambda: exchange.inside == ["chair"])
    assert len(exchange.said(FactKind.CONNECTION_LEFT, "li")) == 1


async def test_two_joins_at_once_on_one_socket_are_one_peer(exchange: Exchange) -> None:
    await exchange.opened()
    await exchange.connect("s1", "li")
    first, second = await asyncio.gather(exchange.join("s1", "d1"), exchange.join("s1", "d2"))
    assert exchange.inside == ["chair", "li"]
    assert first["data"]["peerId"] != second["data"]["peerId"]
    await exchange.hang_up("s1")
    await until(lambda: exchange.inside == ["chair"])


async def test_who_is_back_while_the_queue_is_busy_is_not_sent_away_by_the_grace(exchange: Exchange) -> None:
    """The return waits in the queue behind a slow plane until after the grace; it was asked for in time."""
    answers = await exchange.opened("li")
    await exchange.hang_up("li")
    free = asyncio.Event()
    busy = asyncio.create_task(exchange.room.ask(free.wait))
    await exchange.connect("s2", "li")
    back = asyncio.create_task(exchange.join("s2", resume=answers["li"]["resume"]))
    await asyncio.sleep(0.25)
    free.set()
    answer = (await back)["data"]
    assert (answer["resumed"], answer["peerId"]) == (True, answers["li"]["peerId"])
    await asyncio.sleep(0.15)
    assert exchange.inside == ["chair", "li"]
    assert exchange.said(FactKind.CONNECTION_LEFT) == []
    await busy


async def test_a_grace_that_ends_while_the_queue_is_full_is_late_and_not_lost(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_room, "OVERLOADED_SECONDS", 0.05)
    await exchange.opened("li")
    ask = exchange.room._actor.ask
    refusals: list[object] = []

    async def full_once(job: object) -> object:
        if len(refusals) < 2:
            refusals.append(job)
            raise Overloaded
        return await ask(job)  # type: ignore[arg-type]

    await exchange.hang_up("li")
    monkeypatch.setattr(exchange.room._actor, "ask", full_once)
    await until(lambda: exchange.inside == ["chair"])
    assert len(refusals) == 2


async def test_the_older_socket_of_a_peer_speaks_for_it_no_longer(exchange: Exchange) -> None:
    answers = await exchange.opened("li")
    await exchange.connect("s2", "li")
    assert (await exchange.join("s2", resume=answers["li"]["resume"]))["data"]["resumed"] is True
    await until(lambda: "li" not in exchange.switchboard.visits)
    assert (await exchange.ask("li", "raiseHand"))["refusal"]["code"] == "notLoggedIn"
    await asyncio.sleep(0.2)
    assert exchange.inside == ["chair", "li"]
    await exchange.do("s2", "raiseHand")


async def test_resuming_on_the_same_socket_keeps_it(exchange: Exchange) -> None:
    answers = await exchange.opened("li")
    assert (await exchange.join("li", resume=answers["li"]["resume"]))["data"]["resumed"] is True
    await asyncio.sleep(0.2)
    await exchange.do("li", "raiseHand")
    assert exchange.inside == ["chair", "li"]


@pytest.mark.parametrize("token", ["é", "恢复", "x" * 128, ""])
async def test_a_strange_resume_token_is_a_new_peer(exchange: Exchange, token: str) -> None:
    await exchange.opened()
    await exchange.connect("s1", "li")
    answer = (await exchange.join("s1", resume=token))["data"]
    assert (answer["state"], answer["resumed"]) == ("joined", False)


async def test_half_a_character_is_a_bad_request(exchange: Exchange) -> None:
    await exchange.opened()
    await exchange.connect("s1", "li")
    assert (await exchange.join("s1", resume="\ud800"))["refusal"]["code"] == "badRequest"
    assert (await exchange.ask("chair", "say", {"text": "\ud800", "clientId": "1"}))["refusal"]["code"] == "badRequest"


async def test_a_stolen_resume_token_is_of_no_use_to_another_member(exchange: Exchange) -> None:
    answers = await exchange.opened("li")
    await exchange.connect("s2", "wang")
    answer = (await exchange.join("s2", resume=answers["li"]["resume"]))["data"]
    assert (answer["resumed"], exchange.inside) == (False, ["chair", "li", "wang"])


async def test_an_ended_room_is_kept_until_the_ledger_knows_of_its_end() -> None:
    """Until then the ledger still calls the meeting open, and a visitor would find it so."""
    settled: list[bool] = []
    exchange = Exchange(settled=lambda: bool(settled))
    await exchange.opened()
    exchange.book.stage["m1"] = "open"
    await exchange.do("chair", "endMeeting")
    await exchange.registry._sweep(exchange.room)
    await exchange.connect("s1", "li")
    assert (await exchange.join("s1"))["refusal"]["code"] == "meetingEnded"
    exchange.book.stage["m1"] = "ended"
    settled.append(True)
    await exchange.registry._sweep(exchange.room)
    assert exchange.registry.rooms == {}
    assert (await exchange.join("s1"))["refusal"]["code"] == "meetingEnded"
    await exchange.stop()


async def test_closing_and_joining_at_once_keeps_the_lease_and_the_router(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    async def claim(meeting_id: str, *, running: bool = False) -> str:
        order.append("claim")
        return ""

    async def release(meeting_id: str) -> None:
        order.append("release")

    monkeypatch.setattr(exchange.directory, "claim", claim)
    monkeypatch.setattr(exchange.directory, "release", release)
    await exchange.connect("s0", "chair")
    await exchange.join("s0")
    await exchange.do("s0", "leave")
    exchange.plane.ready = asyncio.Event()
    closing = asyncio.create_task(exchange.registry._close(exchange.room))
    await asyncio.sleep(0)
    await exchange.connect("s1", "chair")
    joining = asyncio.create_task(exchange.join("s1"))
    await asyncio.sleep(0.05)
    exchange.plane.ready.set()
    answer = await joining
    await closing
    assert order == ["claim", "release", "claim"]
    assert (answer["data"]["routerRtpCapabilities"] is not None, exchange.inside) == (True, ["chair"])
    assert [call for call in exchange.plane.calls if call[1] == "m1"] == [("open_router", "m1"), ("close", "m1"), ("open_router", "m1")]


async def test_who_came_in_with_the_last_job_of_a_closing_room_is_told(exchange: Exchange) -> None:
    await exchange.connect("s0", "chair")
    await exchange.join("s0")
    await exchange.do("s0", "leave")
    room, free = exchange.room, asyncio.Event()
    busy = asyncio.create_task(room.ask(free.wait))
    await exchange.connect("s1", "chair")
    joining = asyncio.create_task(exchange.join("s1"))
    await asyncio.sleep(0.02)  # it waits in the queue
    closing = asyncio.create_task(exchange.registry._close(room))
    await asyncio.sleep(0.02)
    free.set()
    await asyncio.gather(busy, joining, closing)
    assert ("s1", "left", {"reason": "serverStopped"}) in exchange.line.sent
    assert (room.state.participants, room.desks) == ((), {})
    assert len(exchange.said(FactKind.CONNECTION_LEFT)) == len(exchange.said(FactKind.CONNECTION_JOINED)) == 2
    assert (await exchange.join("s1"))["data"]["state"] == "joined"


async def test_who_waits_when_the_server_stops_is_told_too(exchange: Exchange) -> None:
    await exchange.connect("s1", "li")
    await exchange.join("s1")
    await exchange.registry._close(exchange.room)
    assert [entry for entry in exchange.line.sent if entry[1] == "left"] == [("s1", "left", {"reason": "serverStopped"})]


async def test_a_join_that_meets_a_closed_room_finds_a_fresh_one(exchange: Exchange) -> None:
    await exchange.connect("s0", "chair")
    await exchange.join("s0")
    await exchange.do("s0", "leave")
    await exchange.room._actor.stop()  # as far as closing has come; the registry does not know yet
    stopped = exchange.room

    async def forget() -> None:
        exchange.registry.rooms.pop("m1")

    original = stopped.join

    async def join(*arguments: object) -> object:
        await forget()
        await stopped.close()
        return await original(*arguments)  # type: ignore[arg-type]

    stopped.join = join  # type: ignore[method-assign,assignment]
    await exchange.connect("s1", "chair")
    assert (await exchange.join("s1"))["data"]["state"] == "joined"
    assert exchange.room is not stopped


async def test_unknown_messages_are_limited_like_any_other(exchange: Exchange) -> None:
    await exchange.opened()
    answers = [await exchange.line.handlers["*"]("nonsense", "chair", {}) for _ in range(200)]
    codes = [answer["refusal"]["code"] for answer in answers]
    assert (codes[0], codes[-1]) == ("unknownMessage", "tooManyRequests")
    assert codes.count("unknownMessage") <= 25


async def test_a_plane_that_breaks_in_an_unforeseen_way_keeps_nobody_in_the_room(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    await exchange.opened("li")
    await exchange.do("li", "createTransport", direction="send")

    async def broken(id: str) -> dict[str, object]:
        raise ConnectionResetError("worker channel")

    with monkeypatch.context() as patch:
        patch.setattr(exchange.plane, "close", broken)
        await exchange.do("li", "leave")
    assert exchange.inside == ["chair"]
    assert [body["events"][-1]["type"] for sid, name, body in exchange.line.sent if (sid, name) == ("chair", "events")][-1] == "peerLeft"


async def test_a_bug_is_answered_with_the_number_of_its_line_in_the_log(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    await exchange.opened()

    async def bug(command: c.Command) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(exchange.room, "command", bug)
    refusal = (await exchange.ask("chair", "muteAll"))["refusal"]
    assert refusal["code"] == "internalError"
    assert refusal["requestId"] in refusal["message"]["zh"]


async def test_listening_in_silence_is_being_here_and_a_lost_network_is_not(exchange: Exchange) -> None:
    """No message for long, pongs all the while; then a pong is owed, and the end is called a transport close."""
    await exchange.opened("li")
    exchange.switchboard.start()
    (joined,) = exchange.said(FactKind.CONNECTION_JOINED, "li")
    await asyncio.sleep(1.2)
    silent_at = time.time()
    exchange.line.eio.sockets["li"].last_ping = 1.0
    await asyncio.sleep(1.2)
    await exchange.hang_up("li", "transport close")
    await until(lambda: len(exchange.said(FactKind.CONNECTION_LEFT, "li")) == 1)
    (left,) = exchange.said(FactKind.CONNECTION_LEFT, "li")
    assert joined.at + 0.9 < left.at < silent_at + 0.1


async def test_closing_the_page_is_seen_at_its_very_moment(exchange: Exchange) -> None:
    await exchange.opened("li")
    await asyncio.sleep(0.4)
    before = time.time()
    await exchange.hang_up("li", "transport close")
    after = time.time()
    await until(lambda: len(exchange.said(FactKind.CONNECTION_LEFT, "li")) == 1)
    assert before - 0.05 < exchange.said(FactKind.CONNECTION_LEFT, "li")[0].at < after + 0.05


# -- counters: a preview, right also before the opening -------------------------------------------------------------------------------


def test_presence_counts_from_the_opening_with_whatever_devices_came_and_went_before() -> None:
    counters = Counters()
    counters.joined("li", "phone", 0)
    counters.joined("li", "desk", 1)
    counters.left("li", "phone", 2)
    counters.opened(10)
    assert counters.present("li", 70) == 60


def test_speech_before_the_opening_does_not_count_and_speech_across_it_does_from_then_on() -> None:
    counters = Counters()
    counters.speech_began("li", "s1", 1)
    counters.speech_ended("li", "s1", 6)
    counters.speech_began("li", "s2", 8)
    counters.opened(10)
    assert counters.speaking("li", 14) == 4


def test_nothing_counts_after_the_end() -> None:
    counters = Counters()
    counters.joined("li", "phone", 0)
    counters.opened(0)
    counters.ended(40)
    assert (counters.present("li", 99), counters.session(99)) == (40, 40)
    counters.left("li", "phone", 50)
    assert counters.present("li", 99) == 40
