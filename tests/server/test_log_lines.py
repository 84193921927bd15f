"""What the log makes of things: libraries' messages without what was filled in, floods of refusals as one line, a ledger that is behind."""

from __future__ import annotations

import json
import logging

import pytest
from structlog.testing import capture_logs

from media import journal
from server.live.outbox import BEHIND_SECONDS, Lag
from server.log import Libraries
from server.refusal_log import RefusalLog
from tests.support.live import Guest, live_server, until


def record(name: str, message: str, *arguments: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "somewhere.py", 1, message, arguments, None)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def test_a_librarys_line_is_told_by_its_template_since_addresses_are_filled_in() -> None:
    with capture_logs() as lines:
        Libraries().emit(record("aiohttp.server", "Error handling request from %s", "203.0.113.9"))
        Libraries().emit(record("media", "worker_died", fields={"worker": 1, "rooms": 2}))
    assert lines == [
        {"event": "message", "logger": "aiohttp.server", "message": "Error handling request from %s", "log_level": "warning"},
        {"event": "worker_died", "worker": 1, "rooms": 2, "log_level": "warning"},
    ]


@pytest.mark.parametrize("form", journal.FORMATS)
def test_a_worker_writes_one_line_for_each_event_also_with_a_traceback(form: str) -> None:
    formatter = journal.JsonLines() if form == "json" else journal.Words()
    plain = formatter.format(record("media", "worker_listening", fields={"port": 40000}))
    if form == "console":
        assert plain == "media.worker WARNING worker_listening port=40000"
        return
    told = json.loads(plain)
    assert (told["event"], told["level"], told["port"]) == ("worker_listening", "warning", 40000)
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        broken = record("media", "call_failed", fields={"method": "produce"}, exc_info=(ValueError, error, error.__traceback__))
    line = formatter.format(broken)
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("ValueError: two\nlines")


def test_a_flood_of_refusals_is_one_line_a_second_with_how_many_it_stands_for() -> None:
    now = [100.0]
    refusals = RefusalLog(lambda: now[0])
    with capture_logs() as lines:
        for _ in range(50):
            refusals.note("tooManyRequests", "say")
        refusals.note("tooManyRequests", "raiseHand")
        now[0] += 1.0
        refusals.note("tooManyRequests", "say")
    assert [(line["where"], line["times"]) for line in lines] == [("say", 1), ("raiseHand", 1), ("say", 50)]


def test_a_ledger_that_is_behind_is_told_once_and_once_that_it_has_caught_up() -> None:
    lag = Lag()
    with capture_logs() as lines:
        lag.failed(0.0, 5)
        lag.took(1.0, 0)  # a hiccup
        for second in range(40):
            lag.failed(10.0 + second, 7 + second)
        lag.took(50.0, 3)
        lag.took(51.0, 0)
    assert [(line["event"], line.get("owed"), line["seconds"]) for line in lines] == [
        ("outbox_behind", 17, BEHIND_SECONDS),
        ("outbox_caught_up", None, 41.0),
    ]


async def test_a_transport_that_fails_is_told_with_its_direction_and_nothing_of_the_person() -> None:
    async with live_server() as server:
        chair = await (await Guest(server, "chair").connect()).join()
        await chair.do("openMeeting")
        anna = await (await Guest(server, "anna").connect()).join()
        ids = {way: str((await anna.do("createTransport", direction=way))["id"]) for way in ("send", "recv")}
        with capture_logs() as lines:
            server.plane.connected(ids["send"])
            server.plane.connected(ids["recv"], "disconnected", "consent_expired")
            server.plane.connected(ids["send"], "closed", "dtls_closed")
            told = [("recv", "disconnected", "consent_expired"), ("send", "closed", "dtls_closed")]
            await until(lambda: len([line for line in lines if line["event"] == "transport_failed"]) == len(told))
        peer = anna.joined["peerId"]
        assert [line for line in lines if line["event"] == "transport_failed"] == [
            {
                "event": "transport_failed", "meeting": "m1", "peer": peer, "direction": direction, "state": state, "reason": reason,
                "log_level": "info",
            }
            for direction, state, reason in told
        ]  # fmt: skip
        await anna.leave()
        await chair.leave()
