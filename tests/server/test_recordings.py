"""A recording from the click to the film: who is told, who is in it, and how the bytes are served."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ledger.actions import recordings
from ledger.actions.recordings import COMPOSED
from ledger.facts import FactKind
from ledger.recordings import RecordingState
from server.composing import Composer
from tests.support.encoded import write_files
from tests.support.live import Guest, LiveServer, live_server, until
from tests.support.rest import Service


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    async with live_server(recordings=tmp_path) as running:
        running.book.recording_rule = "untilObjection"
        yield running


async def meeting(server: LiveServer, *members: str) -> list[Guest]:
    chair = await (await Guest(server, "chair").connect()).join()
    await chair.do("openMeeting")
    return [chair, *[await (await Guest(server, member).connect()).join() for member in members]]


def taken(server: LiveServer) -> list[str]:
    """Sources and members of the files that are being written."""
    names = [id for method, id in server.plane.calls if method == "consume"]
    gone = {id for method, id in server.plane.calls if method == "close"}
    return [f"{name.split('-')[0]} of {name.split('-')[2]}" for name in names if name not in gone]


async def test_only_who_has_agreed_is_recorded_and_everybody_is_told(server: LiveServer) -> None:
    chair, li, wang = await meeting(server, "li", "wang")
    await li.microphone()
    await wang.microphone()
    assert await li.refused("startRecording") == "notModerator"
    await chair.do("startRecording")
    assert taken(server) == []
    await li.do("agreeToRecording", version="1")
    assert taken(server) == ["microphone of li"]
    await wang.do("agreeToRecording", version="1")
    assert taken(server) == ["microphone of li", "microphone of wang"]
    await until(lambda: "recordingStarted" in wang.event_types)
    await li.do("declineRecording")
    assert taken(server) == ["microphone of wang"]
    late = await (await Guest(server, "zhao").connect()).join()
    assert late.joined["snapshot"]["recording"]["by"] == "chair"
    agreed = server.said(FactKind.RECORDING_AGREED)
    assert [(fact.member_id, fact.body) for fact in agreed] == [(who, {"textVersion": "1"}) for who in ("li", "wang")]
    for guest in (chair, li, wang, late):
        await guest.leave()


async def test_an_objection_ends_it_and_the_facts_say_why(server: LiveServer) -> None:
    chair, li = await meeting(server, "li")
    await chair.do("startRecording")
    await li.do("objectToRecording")
    await until(lambda: "recordingStopped" in chair.event_types)
    assert [fact.body["reason"] for fact in server.said(FactKind.RECORDING_STOPPED)] == ["objection"]
    assert [fact.member_id for fact in server.said(FactKind.RECORDING_OBJECTED)] == ["li"]
    assert await chair.refused("stopRecording") == "recordingOff"
    for guest in (chair, li):
        await guest.leave()


async def test_a_full_disk_ends_the_recording_and_not_the_meeting(server: LiveServer) -> None:
    (chair,) = await meeting(server)
    await chair.do("startRecording")
    transport = next(id for method, id in server.plane.calls if method == "create_transport" and id.startswith("recording-"))
    server.plane.recording_stopped(transport, "disk_full")
    await until(lambda: "recordingStopped" in chair.event_types)
    assert [fact.body["reason"] for fact in server.said(FactKind.RECORDING_STOPPED)] == ["diskFull"]
    await chair.do("raiseHand")
    await chair.leave()


async def test_after_a_worker_died_the_recording_goes_on_in_the_same_folder_and_on_the_same_clock(server: LiveServer) -> None:
    (chair,) = await meeting(server)
    await chair.do("startRecording")
    await chair.do("agreeToRecording", version="1")
    server.plane.die()
    server.plane.revive()
    await until(lambda: len(chair.heard("mediaRestarted")) > 0)
    await chair.microphone()
    assert len([id for method, id in server.plane.calls if method == "create_transport" and id.startswith("recording-")]) == 2
    assert taken(server) == ["microphone of chair"]
    assert server.said(FactKind.RECORDING_STOPPED) == []
    await chair.leave()


async def test_where_the_organisation_has_no_recordings_nobody_starts_one(server: LiveServer) -> None:
    server.book.recording_rule = "never"
    (chair,) = await meeting(server)
    assert await chair.refused("startRecording") == "recordingNotAllowed"
    await chair.leave()


async def test_the_film_is_served_in_pieces_to_whoever_may_watch(rest: Service) -> None:
    place = rest.house.settings.recordings / "take-1"
    place.mkdir(parents=True)
    (place / COMPOSED).write_bytes(bytes(range(100)))
    member = rest.by("plain")
    answer = await member.send("GET", "/api/recordings/take-1/film", headers={"Range": "bytes=10-19"})
    assert (answer.status, answer.headers["Content-Range"], await answer.read()) == (206, "bytes 10-19/100", bytes(range(10, 20)))
    assert (answer.content_type, answer.headers["Cache-Control"]) == ("video/webm", "no-store")
    assert "Content-Disposition" not in answer.headers
    saved = await member.send("GET", "/api/recordings/take-1/film?save=true")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert (await rest.by("auditor").send("GET", "/api/recordings/take-1/film")).status == 403
    assert (await rest.by("stranger").send("GET", "/api/recordings/take-1/film")).status == 404
    gone = await rest.by("secretary").ask("DELETE", "/api/recordings/take-1", {"reason": "有人要求删除"})
    assert (gone["state"], gone["deletionReason"]) == ("deleted", "有人要求删除")
    assert not place.exists()
    assert (await member.send("GET", "/api/recordings/take-1/film")).status == 409


async def test_after_a_crash_the_record_is_closed_and_the_film_is_made(rest: Service) -> None:
    store, folder = rest.house.store, rest.house.settings.recordings
    async with store.writing() as uow:
        recording = await uow.recordings.get("take-1")
        assert recording is not None
        await uow.recordings.save(
            replace(recording, state=RecordingState.RUNNING, stopped_at=None, keep_until=None, seconds=0.0, composed_bytes=0)
        )
    write_files(folder / "take-1", {"microphone-aa-demo-member-7": 1.0, "camera-aa-demo-member-7": 1.0})
    later = rest.now + 4.0
    for path in (folder / "take-1").iterdir():
        os.utime(path, (later, later))
    told: list[str] = []

    def record(facts: object) -> None:
        told.extend(fact.body["reason"] for fact in facts)  # type: ignore[attr-defined]

    composer = Composer(store, folder, record, lambda recording_id: False, lambda: later + 60, node="https://one")
    await composer.round()
    assert told == ["serverStopped"]
    await recordings.stopped(store, rest.house.rulebook, "take-1", rest.now + 2.5, "serverStopped")
    await asyncio.wait_for(composer.round(), 60)
    plan = json.loads((folder / "take-1" / "plan.json").read_text())
    assert list(plan["names"]) == ["demo-member-7"]
    assert plan["card"]["title"] == "下月支部党员大会"
    assert [line.count(":") for line in plan["card"]["lines"]] == [0, 2, 2]
    shown = await rest.by("plain").ask("GET", "/api/recordings/take-1")
    assert (shown["state"], shown["seconds"]) == ("ready", 2.5)
    assert {(track["source"], track["memberId"]) for track in shown["tracks"]} == {
        ("camera", "demo-member-7"),
        ("microphone", "demo-member-7"),
    }
    async with store.reading() as uow:
        kept = await uow.recordings.get("take-1")
    assert kept is not None
    assert kept.node == "https://one"
    assert shown["bytes"] == (folder / "take-1" / COMPOSED).stat().st_size > 0


async def test_a_film_that_cannot_be_made_is_told_in_one_line_and_to_whoever_looks(rest: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    store, folder = rest.house.store, rest.house.settings.recordings
    async with store.writing() as uow:
        recording = await uow.recordings.get("take-1")
        assert recording is not None
        await uow.recordings.save(replace(recording, state=RecordingState.WAITING, seconds=0.0, composed_bytes=0))
    write_files(folder / "take-1", {"microphone-aa-demo-member-7": 0.0}, 0.5)
    (folder / "take-1" / "index.json").write_text("{}")

    async def nonsense(*_: object) -> dict[str, object]:
        return {"seconds": "many"}

    monkeypatch.setattr("server.composing.film_plan", nonsense)
    with capture_logs() as lines:
        await asyncio.wait_for(Composer(store, folder, lambda facts: None, lambda recording_id: False, lambda: rest.now).round(), 60)
    [line] = [line for line in lines if line["event"] == "film_not_made"]
    assert line["exception"].splitlines()[-1].startswith("KeyError")
    assert (await rest.by("plain").ask("GET", "/api/recordings/take-1"))["state"] == "failed"
