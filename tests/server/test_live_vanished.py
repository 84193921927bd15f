"""Clients that vanish: the others see it soon, and the record ends at the last sign of life, not when the server gave up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import socketio

from ledger.facts import FactKind
from server.signalling import switchboard
from tests.support.live import Guest, LiveServer, live_server, until
from tests.support.silent_proxy import SilentProxy, silent_proxy

CLOSE = 2.0  #: How far the recorded end may lie from the silence: what a record promises. On a quiet machine it is a ping interval.


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LiveServer]:
    monkeypatch.setattr(switchboard, "PONG_SECONDS", 1.0)
    async with live_server() as running:
        yield running


@pytest.fixture
async def proxy(server: LiveServer) -> AsyncIterator[SilentProxy]:
    async with silent_proxy(server.url) as running:
        yield running


async def a_meeting(server: LiveServer, proxy: SilentProxy) -> tuple[Guest, Guest]:
    """The chair directly, li through the proxy."""
    chair = await (await Guest(server, "chair").connect()).join()
    await chair.do("openMeeting")
    return chair, await (await Guest(server, "li", url=proxy.url).connect()).join()


async def end(*guests: Guest) -> None:
    for guest in guests:
        await guest.sio.eio.disconnect(abort=True)
        await guest.leave()


async def test_a_client_that_falls_silent_left_when_it_was_last_heard_of(server: LiveServer, proxy: SilentProxy) -> None:
    chair, li = await a_meeting(server, proxy)
    await asyncio.sleep(1.4)  # pings have been answered
    proxy.fall_silent()
    await until(lambda: "connectionChanged" in chair.event_types, 10)
    noticed = time.time() - proxy.silent_at
    await until(lambda: "peerLeft" in chair.event_types, 10)
    (left,) = server.said(FactKind.CONNECTION_LEFT)
    assert left.body["reason"] == "connectionLost"
    assert left.at - proxy.silent_at == pytest.approx(0, abs=CLOSE)
    assert noticed < switchboard.PING_SECONDS + 1.0 + 2 * switchboard.WATCH_SECONDS + 2.0
    await end(chair, li)


async def test_a_reset_connection_is_seen_at_once(server: LiveServer, proxy: SilentProxy) -> None:
    chair, li = await a_meeting(server, proxy)
    cut_at = time.time()
    proxy.cut()
    await until(lambda: "peerLeft" in chair.event_types)
    (left,) = server.said(FactKind.CONNECTION_LEFT)
    assert left.at - cut_at == pytest.approx(0, abs=CLOSE)
    await end(chair, li)


async def test_who_comes_back_by_another_way_before_the_silence_was_noticed_has_no_gap(server: LiveServer, proxy: SilentProxy) -> None:
    """From Wi-Fi to the mobile network: the old socket dies later, and nobody is sent away with it."""
    chair, li = await a_meeting(server, proxy)
    proxy.fall_silent()
    again = await (await Guest(server, "li").connect()).join(resume=li.joined["resume"])
    assert again.joined["resumed"] is True
    await asyncio.sleep(3.5)
    await again.do("raiseHand")
    assert [event["type"] for event in chair.events if event["type"] in ("peerLeft", "connectionChanged")] == []
    assert server.said(FactKind.CONNECTION_LEFT) == []
    await end(chair, li, again)


async def test_a_session_that_has_ended_loses_its_socket_and_cannot_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switchboard, "SESSION_SECONDS", 0.05)
    async with live_server() as hasty:
        chair = await (await Guest(hasty, "chair").connect()).join()
        await chair.do("openMeeting")
        li = await (await Guest(hasty, "li").connect()).join()
        hasty.logged_out.add("li")
        await until(lambda: not li.sio.connected)
        await until(lambda: "peerLeft" in chair.event_types)
        assert len(hasty.said(FactKind.CONNECTION_LEFT)) == 1
        with pytest.raises(socketio.exceptions.ConnectionError):
            await Guest(hasty, "li").connect()
        await end(chair, li)


async def test_a_refused_connection_says_why_in_both_languages(server: LiveServer) -> None:
    nobody = Guest(server, "")
    told: list[dict[str, object]] = []

    async def refused(body: dict[str, object]) -> None:
        told.append(body)

    nobody.sio.on("connect_error", refused)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await nobody.connect()
    (error,) = told
    assert error["message"] == "notLoggedIn"
    data = error["data"]
    assert isinstance(data, dict)
    assert (data["code"], set(data["message"])) == ("notLoggedIn", {"zh", "en"})
