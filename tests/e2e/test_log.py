"""A meeting with everything in it – refusals, a recording, a worker that dies – and what the log says of it: stable events, and nobody."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.branch_meeting import BranchMeeting, branch_meeting
from tests.support.client import MeetingClient, Refused
from tests.support.installation import DEMO_PASSWORD, ROOT, Installation
from tests.support.people import PASSWORD, Person
from tests.support.people import Refused as RestRefused

Json = dict[str, Any]
CHAIR, LI = "高书记", "李明"
PHONE = "13912345678"
SAID = "不应出现在日志里的话"


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    running = Installation(tmp_path, BRANCHLINE_LOG_LEVEL="debug", BRANCHLINE_MEDIA_WORKERS="1", BRANCHLINE_GRACE_SECONDS="1")
    await running.prepare()
    await running.start()
    yield running
    await running.stop()


def documented() -> set[str]:
    """The events of the table in docs/operations.md."""
    text = (ROOT / "docs" / "operations.md").read_text()
    section = text.split("## The log")[1].split("\n## ")[0]
    return {name for line in section.splitlines() if line.startswith("| `") for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])}


def told(installation: Installation) -> list[Json]:
    return [json.loads(line) for line in installation.output.read_text().splitlines() if line.startswith("{")]


@pytest.mark.slow
async def test_the_log_of_a_meeting_names_events_and_nobody(installation: Installation, tmp_path: Path) -> None:
    async with branch_meeting(installation, "LG", [CHAIR, LI]) as meeting:
        usernames = [person.username for person in meeting.people.values()]
        member_id = meeting.people[LI].me["memberId"]
        await meeting.secretary.call("PATCH", f"/api/members/{member_id}", {"phone": PHONE, "revision": 1})
        await meeting.secretary.call("PATCH", f"/api/organisations/{meeting.secretary.me['homeBranchId']}", {"recordingRule": "allowed"})
        chair, li = meeting.client(CHAIR), meeting.client(LI)
        await held(meeting, chair, li, installation)
        shown = await meeting.secretary.call("GET", f"/api/meetings/{meeting.meeting_id}")
        token = shown["invitationUrl"].rsplit("/", 1)[1]
        cookies = [value for person in meeting.people.values() for value in person.cookies().values()]
    assert await installation.stop() == 0
    lines = told(installation)
    names = {line["event"] for line in lines}
    expected = {
        "server_started", "worker_started", "worker_listening", "room_opened", "recording_started", "recording_stopped", "refused",
        "worker_died", "worker_restarted", "room_closed", "server_stopping", "server_stopped",
    }  # fmt: skip
    assert expected - names == set()
    assert names - documented() == set()
    assert {line["code"] for line in lines if line["event"] == "refused"} >= {"notModerator", "wrongCredentials", "notFound"}
    assert [line["reason"] for line in lines if line["event"] == "recording_stopped"] == ["stopped"]
    assert all(line["timestamp"] and line["level"] for line in lines)
    said = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    personal = [CHAIR, LI, PHONE, PHONE[:7], SAID, "127.0.0.1", PASSWORD, DEMO_PASSWORD, "python-li", *usernames, *cookies, token]
    assert [word for word in personal if word in said] == []


async def held(meeting: BranchMeeting, chair: MeetingClient, li: MeetingClient, installation: Installation) -> None:
    with pytest.raises(RestRefused):
        async with Person(installation.base) as stranger:
            await stranger.log_in(meeting.people[LI].username, "a wrong password")
    with pytest.raises(RestRefused):
        await meeting.people[LI].call("GET", "/api/meetings/none-of-this-id")
    await meeting.join(chair)
    await chair.ask("openMeeting")
    await chair.enter(camera=False)
    await meeting.join(li)
    await li.enter(camera=False)
    with pytest.raises(Refused):
        await li.ask("endMeeting")
    await chair.say(SAID)
    await chair.ask("startRecording")
    await li.ask("agreeToRecording", version="1")
    await asyncio.sleep(1.0)
    await chair.ask("stopRecording")
    await chair.until(lambda: "microphone" in chair.ears_for(LI))
    os.kill(installation.workers()[0], signal.SIGKILL)
    await asyncio.gather(chair.media_again(), li.media_again())
    await li.drop()
    await chair.until(lambda: not chair.room.connections(LI), 20)
    await chair.ask("endMeeting")
    await asyncio.sleep(0.5)
