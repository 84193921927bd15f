"""Bad luck in a meeting of clients in Python: the media worker dies, and a member vanishes in the middle of a sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.branch_meeting import BranchMeeting, branch_meeting
from tests.support.client import MeetingClient
from tests.support.installation import Installation
from tests.support.speech import record

CHAIR, LI = "高书记", "李明"
GRACE_SECONDS = 2.0


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    running = Installation(tmp_path, BRANCHLINE_GRACE_SECONDS=str(GRACE_SECONDS))
    await running.prepare()
    await running.start()
    yield running
    assert await running.stop() == 0, running.output.read_text()[-4000:]


@pytest.fixture
async def meeting(installation: Installation) -> AsyncIterator[BranchMeeting]:
    async with branch_meeting(installation, "PT", [CHAIR, LI]) as made:
        yield made


@pytest.mark.slow
async def test_the_worker_dies_and_later_a_member_vanishes(meeting: BranchMeeting, installation: Installation, tmp_path: Path) -> None:
    before = record(tmp_path / "before.wav", lead=0.5, count=1, tail=0.2)
    after = record(tmp_path / "after.wav", lead=0.5, count=1, tail=0.2, voice="en+m3")
    chair, li = meeting.client(CHAIR), meeting.client(LI)
    await meeting.join(chair)
    await chair.ask("openMeeting")
    await chair.enter()
    await meeting.join(li)
    await li.enter(before.path)
    await chair.until(lambda: "microphone" in chair.ears_for(LI))
    assert li.voice is not None
    await li.voice.finished()
    await asyncio.sleep(1.0)

    # Garbage on the media port is thrown away, counted by its reason, and disturbs nobody.
    await garbage(installation, li)

    # The workers die: nobody leaves, and everybody's media is built again.
    for worker in installation.workers():
        os.kill(worker, signal.SIGKILL)
    await asyncio.gather(chair.media_again(), li.media_again(after.path))
    for name, client in ((LI, chair), (CHAIR, li)):
        await sees(client, name)
    assert (chair.room.connections(LI), chair.room.connections(CHAIR)) == (["connected"], ["connected"])

    # A member vanishes two seconds into a sentence: it ends there, and after the grace the member is out.
    assert li.voice.began is not None
    await asyncio.sleep(max(0.0, li.voice.began + 2.5 - time.monotonic()))
    spoken = before.spoken + after.spoken_until(time.monotonic() - li.voice.began)
    vanished = time.time()
    await li.drop()
    await chair.until(lambda: LI not in chair.room.names, GRACE_SECONDS + 5)
    await chair.ask("endMeeting")

    [row] = [row for row in (await meeting.sheet())["rows"] if row["name"] == LI]
    assert row["presentSeconds"] == pytest.approx(vanished - li.joined_at, abs=2.0)
    assert row["speakingSeconds"] == pytest.approx(spoken, abs=max(1.0, 0.05 * spoken))
    assert row["connections"] == 1


async def garbage(installation: Installation, client: MeetingClient) -> None:
    await client.ask("startTest")
    port = (await client.ask("createTestTransport", direction="send"))["iceCandidates"][0]["port"]
    await client.ask("endTest")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in (b"\xff" * 1200, b"\x80\x60" + bytes(60), b"hello"):
            stranger.sendto(datagram, ("127.0.0.1", port))
    for _ in range(100):
        if sum((await installation.figures("media_dropped_total")).values()) >= 3:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await installation.figures("media"))


async def sees(client: MeetingClient, name: str) -> None:
    await client.until(lambda: client.ears_for(name).keys() >= {"camera"} and client.ears_for(name)["camera"].frames >= 8, 20)
