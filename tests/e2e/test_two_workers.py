"""Two media workers, of which one is killed under running meetings: what was on it comes back by itself, the rest notices nothing.

Meetings on a worker each, and one meeting that is spread over both.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.branch_meeting import BranchMeeting, branch_meeting
from tests.support.client import MeetingClient
from tests.support.installation import Installation, free_ports
from tests.support.speech import Recording, record
from tests.support.tracks import Voice

CHAIR, LI = "高书记", "李明"
#: The house's promise is 5 s; a machine that runs two of these tests at a time may take as long again.
BACK_SECONDS = 10.0


@pytest.fixture
async def installation(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Installation]:
    more = {"BRANCHLINE_MEDIA_SPREAD": "0"} if request.node.get_closest_marker("spread") else {}
    running = Installation(tmp_path, BRANCHLINE_MEDIA_WORKERS="2", BRANCHLINE_MEDIA_PORT=str(free_ports(2)), **more)
    await running.prepare()
    await running.start()
    yield running
    assert await running.stop() == 0, running.output.read_text()[-4000:]


@dataclass
class Gathering:
    """A meeting of two, in which Li speaks and shows himself."""

    meeting: BranchMeeting
    chair: MeetingClient
    li: MeetingClient
    file: Recording

    @classmethod
    async def begin(cls, meeting: BranchMeeting, file: Recording) -> Gathering:
        made = cls(meeting, meeting.client(CHAIR), meeting.client(LI), file)
        await meeting.join(made.chair)
        await made.chair.ask("openMeeting")
        await made.chair.enter(camera=False)
        await meeting.join(made.li)
        await made.li.enter(file.path)
        await made.seen(0)
        return made

    async def seen(self, more: int) -> None:
        """The chair sees Li: some pictures, or so many more than now."""
        known = self.chair.ears_for(LI)
        wanted = known["camera"].frames + more if more else 3
        await self.chair.until(lambda: "camera" in (ears := self.chair.ears_for(LI)) and ears["camera"].frames >= wanted, 20)

    @property
    def speaking(self) -> Voice:
        assert self.li.voice is not None
        return self.li.voice

    @property
    def was_restarted(self) -> bool:
        return any(name == "mediaRestarted" for name, _ in self.chair.told + self.li.told)

    async def end(self, spoken: float) -> None:
        """Both were there all the time, and what Li said is right."""
        assert (self.chair.room.connections(LI), self.chair.room.connections(CHAIR)) == (["connected"], ["connected"])
        ended = time.time()
        await self.chair.ask("endMeeting")
        rows = {row["name"]: row for row in (await self.meeting.sheet())["rows"]}
        for name, client in ((CHAIR, self.chair), (LI, self.li)):
            assert rows[name]["presentSeconds"] == pytest.approx(ended - client.joined_at, abs=2.0)
            assert rows[name]["connections"] == 1
        assert rows[LI]["speakingSeconds"] == pytest.approx(spoken, abs=max(1.0, 0.05 * spoken))


@pytest.mark.slow
async def test_a_worker_dies_and_the_other_ones_meeting_notices_nothing(installation: Installation, tmp_path: Path) -> None:
    workers = installation.workers()
    assert len(workers) == 2
    files = [record(tmp_path / f"{name}.wav", lead=0.3, count=2, pauses=1.0, tail=0.2) for name in ("one", "two")]
    async with branch_meeting(installation, "W1", [CHAIR, LI]) as first, branch_meeting(installation, "W2", [CHAIR, LI]) as second:
        both = [await Gathering.begin(meeting, file) for meeting, file in zip((first, second), files, strict=True)]
        voices = {id(gathering): gathering.speaking for gathering in both}
        await asyncio.sleep(0.5)
        killed = time.monotonic()
        os.kill(workers[0], signal.SIGKILL)
        for _ in range(200):
            if any(gathering.was_restarted for gathering in both):
                break
            await asyncio.sleep(0.05)
        [struck] = [gathering for gathering in both if gathering.was_restarted]
        [spared] = [gathering for gathering in both if gathering is not struck]
        await asyncio.gather(struck.chair.media_again(), struck.li.media_again(), spared.seen(8))
        await struck.seen(0)
        assert time.monotonic() - killed < BACK_SECONDS
        assert not spared.was_restarted
        await spared.speaking.finished()
        await asyncio.sleep(1.0)
        await spared.end(spared.file.spoken)
        await struck.end(said_by(struck.file, killed, voices[id(struck)]))


def said_by(file: Recording, instant: float, voice: Voice) -> float:
    """How much of the recording was said when the worker died; after that he is silent."""
    assert voice.began is not None
    at = instant - voice.began
    return sum(max(0.0, min(end, at) - start) for start, end in file.utterances)


@pytest.mark.slow
@pytest.mark.spread
async def test_a_further_worker_dies_and_what_is_said_meanwhile_is_one_sentence(installation: Installation, tmp_path: Path) -> None:
    """Li is on the first worker with what he sends, and receives, like the chair, through the second one until it is killed."""
    file = record(tmp_path / "li.wav", lead=0.3, count=3, pauses=0.2, tail=0.2)
    async with branch_meeting(installation, "WF", [CHAIR, LI]) as meeting:
        gathering = await Gathering.begin(meeting, file)
        before = (dict(gathering.chair.published), dict(gathering.li.published))
        await asyncio.sleep(0.5)
        killed = time.monotonic()
        os.kill(installation.workers()[1], signal.SIGKILL)
        struck = [client for client in (gathering.chair, gathering.li) if await restarted(client)]
        assert struck
        await asyncio.gather(*(client.receiving_again() for client in struck))
        await gathering.seen(0)
        assert time.monotonic() - killed < BACK_SECONDS
        assert (gathering.chair.published, gathering.li.published) == before
        assert {body["direction"] for client in struck for name, body in client.told if name == "mediaRestarted"} == {"recv"}
        await gathering.speaking.finished()
        await asyncio.sleep(1.0)
        await gathering.end(file.spoken)


async def restarted(client: MeetingClient) -> bool:
    for _ in range(100):
        if any(name == "mediaRestarted" for name, _ in client.told):
            return True
        await asyncio.sleep(0.05)
    return False
