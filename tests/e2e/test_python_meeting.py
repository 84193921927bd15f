"""A whole meeting without a browser: the product in its own processes, members as independent clients, the sheet held against the truth.

The truth is the clients' own: when they were inside, and the utterances of the recordings they spoke. The chair talks only while paused
at the server, so that whatever is counted for the chair would be wrong.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.branch_meeting import BranchMeeting, branch_meeting
from tests.support.client import MeetingClient, Refused
from tests.support.installation import Installation
from tests.support.speech import Recording, record

figures = logging.getLogger(__name__)  # --log-cli-level=INFO shows them
CHAIR, LI, WANG, ZHAO = "高书记", "李明", "王芳", "赵静"


@pytest.fixture
async def meeting(installation: Installation) -> AsyncIterator[BranchMeeting]:
    async with branch_meeting(installation, "PY", [CHAIR, LI, WANG, ZHAO]) as made:
        yield made


@pytest.mark.slow
async def test_a_meeting_of_clients_in_python_leaves_a_true_sheet(meeting: BranchMeeting, tmp_path: Path) -> None:
    first = record(tmp_path / "li.wav", lead=0.5, count=2, pauses=1.2, tail=0.2, voice="en+f2")
    again = record(tmp_path / "li2.wav", lead=0.5, count=1, tail=0.2, voice="en+f2")
    other = record(tmp_path / "wang.wav", lead=1.5, count=2, pauses=1.5, tail=0.2, voice="en+m3")
    muted = record(tmp_path / "chair.wav", lead=3.0, count=2, tail=0.2, voice="en+f4")

    # Before the meeting is open the chair is inside and a member waits at the door.
    chair, li, wang = meeting.client(CHAIR), meeting.client(LI), meeting.client(WANG)
    assert await meeting.join(chair) == "joined"
    assert await meeting.join(li) == "waiting"
    await chair.ask("openMeeting")
    opened = time.time()
    await chair.enter(muted.path)
    await chair.ask("pauseProducer", producerId=chair.published["microphone"])  # goes on talking into a paused microphone
    await li.enter(first.path)
    assert await meeting.join(wang) == "joined"
    await wang.enter(other.path)

    await everyone_sees_and_hears(chair, li, wang)
    await hands_and_chat(chair, li, wang)
    assert li.voice is not None
    assert wang.voice is not None
    await asyncio.gather(li.voice.finished(), wang.voice.finished())
    await asyncio.sleep(1.0)  # the end of a segment is known after the bridge of 0.8 s

    await muting(chair, li)
    phone = await second_device(meeting, chair)
    await drop_and_return(chair, li, again)
    removed_at = await removal(chair, wang, meeting)

    await chair.ask("endMeeting")
    ended = time.time()
    await li.until(lambda: li.left_reason == "meetingEnded")
    sheet = await meeting.sheet()

    truth_presence = {CHAIR: ended - opened, LI: ended - li.joined_at, WANG: removed_at - wang.joined_at}
    truth_speech = {CHAIR: 0.0, LI: first.spoken + again.spoken, WANG: other.spoken}
    rows = {row["name"]: row for row in sheet["rows"]}
    for name, row in rows.items():
        truth = [round(table.get(name, 0.0), 2) for table in (truth_presence, truth_speech)]
        figures.info("%s present and speaking: %s, truth %s", name, [row["presentSeconds"], row["speakingSeconds"]], truth)
    assert sorted(rows) == sorted([CHAIR, LI, WANG, ZHAO])
    for name, seconds in truth_presence.items():
        assert rows[name]["presentSeconds"] == pytest.approx(seconds, abs=2.0), name
    for name, spoken in truth_speech.items():
        assert rows[name]["speakingSeconds"] == pytest.approx(spoken, abs=max(1.0, 0.05 * spoken)), name
    assert rows[CHAIR]["speakingSeconds"] == 0
    assert (rows[WANG]["devices"], rows[WANG]["connections"]) == (2, 2)
    assert phone.left_reason == "left"
    assert rows[LI]["connections"] == 1  # it came back within the grace, as the same connection
    assert sheet["absentNames"] == [ZHAO]
    assert (rows[ZHAO]["grade"], rows[ZHAO]["presentSeconds"], rows[ZHAO]["speakingSeconds"]) == ("absent", 0, 0)
    assert abs(datetime.fromisoformat(rows[LI]["firstJoin"]).timestamp() - li.joined_at) < 2


async def everyone_sees_and_hears(*clients: MeetingClient) -> None:
    names = {CHAIR: clients[0], LI: clients[1], WANG: clients[2]}
    pairs = [(client, name) for client in clients for name, other in names.items() if other is not client]
    await asyncio.gather(*(sees_and_hears(client, name) for client, name in pairs))
    assert clients[1].ears_for(CHAIR)["microphone"].loud_frames == 0  # paused at the server: nothing is forwarded


async def sees_and_hears(client: MeetingClient, name: str) -> None:
    """Pictures and sound are decoded; the voice of whoever speaks is loud."""
    await client.until(lambda: set(client.ears_for(name)) == {"microphone", "camera"})
    await client.until(lambda: client.ears_for(name)["camera"].frames >= 10, 20)
    if name != CHAIR:
        await client.until(lambda: client.ears_for(name)["microphone"].loud_frames >= 25, 20)


async def hands_and_chat(chair: MeetingClient, li: MeetingClient, wang: MeetingClient) -> None:
    await wang.ask("raiseHand")
    await li.ask("raiseHand")
    await li.say("同意 agreed")
    await asyncio.gather(*(knows(client, [WANG, LI], [(LI, "同意 agreed")]) for client in (chair, li, wang)))
    await chair.ask("lowerHandOf", memberId=chair.room.member(WANG))
    await li.until(lambda: li.room.hands == [LI])
    with pytest.raises(Refused) as refusal:
        await li.ask("muteAll")
    assert refusal.value.code == "notModerator"


async def knows(client: MeetingClient, hands: list[str], chat: list[tuple[str, str]]) -> None:
    await client.until(lambda: client.room.hands == hands and client.room.chat == chat)


async def muting(chair: MeetingClient, li: MeetingClient) -> None:
    """The chair mutes; only the member un-mutes."""
    await chair.ask("mute", memberId=chair.room.member(LI))
    await li.until(lambda: li.mic_is_paused(LI))
    await li.mute(False)
    await chair.until(lambda: not chair.mic_is_paused(LI))


async def second_device(meeting: BranchMeeting, chair: MeetingClient) -> MeetingClient:
    phone = meeting.client(WANG, device_id="phone", device="phone")
    assert await meeting.join(phone) == "joined"
    await chair.until(lambda: len(chair.room.connections(WANG)) == 2)
    await asyncio.sleep(1.0)
    await phone.leave()
    await chair.until(lambda: len(chair.room.connections(WANG)) == 1)
    return phone


async def drop_and_return(chair: MeetingClient, li: MeetingClient, says: Recording) -> None:
    await li.drop()
    await chair.until(lambda: chair.room.connections(LI) == ["reconnecting"])
    await asyncio.sleep(2.0)
    assert await li.come_back(says.path)
    await chair.until(lambda: chair.room.connections(LI) == ["connected"])
    await chair.until(lambda: set(chair.ears_for(LI)) == {"microphone", "camera"} and chair.ears_for(LI)["camera"].frames >= 5, 20)
    assert li.voice is not None
    await li.voice.finished()
    await asyncio.sleep(1.0)


async def removal(chair: MeetingClient, wang: MeetingClient, meeting: BranchMeeting) -> float:
    """Removed at once; back only when admitted."""
    await chair.ask("remove", memberId=chair.room.member(WANG), reason="试验 trial")
    removed_at = time.time()
    await wang.until(lambda: wang.left_reason == "removed")
    await chair.until(lambda: WANG not in chair.room.names)
    with pytest.raises(Refused) as refusal:
        await wang.say("still here?")
    assert refusal.value.code == "notJoined"
    back = meeting.client(WANG)
    assert await meeting.join(back) == "waiting"
    await chair.until(lambda: chair.room.waiting == [WANG])
    return removed_at
