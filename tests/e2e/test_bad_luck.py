"""Bad luck under a running meeting: the database locked, the disk full, the server killed, the database away at the start.

Every time the meeting goes on, what happened meanwhile is recorded once, and the sheet is held against what the clients know themselves
and, where a crash was, against the last beat: a member who is back within the tolerance was there all the time, and the part for which
there is no evidence is shown as bridged.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from server.live.heartbeat import OpenConnection, beat_at, read_beat
from tests.support.branch_meeting import BranchMeeting, branch_meeting
from tests.support.client import MeetingClient
from tests.support.installation import Installation
from tests.support.people import Refused
from tests.support.postgres import PORT, cluster
from tests.support.pump import joined
from tests.support.speech import record

CHAIR, LI, WANG = "高书记", "李明", "王芳"
NAMES = [CHAIR, LI, WANG]
LOCKED_SECONDS = 20.0  # four times what SQLite is told to wait for another writer
Row = dict[str, Any]


@asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[Installation]:
    server = Installation(folder, **settings)
    await server.prepare()
    await server.start()
    yield server
    assert await server.stop() == 0, server.output.read_text()[-4000:]


@pytest.mark.slow
async def test_a_locked_database_stops_no_meeting_not_even_with_a_crash_in_between(tmp_path: Path) -> None:
    async with running(tmp_path) as server, branch_meeting(server, "LOCK", NAMES) as meeting:
        chair, li, wang = (meeting.client(name) for name in NAMES)
        await open_by(meeting, chair)
        lock = sqlite3.connect(tmp_path / "branchline.db", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        since = time.monotonic()
        voice = record(tmp_path / "li.wav", lead=0.3, count=1, tail=0.2)
        assert await meeting.join(li) == "joined"  # joining only reads
        await li.enter(voice.path, camera=False)
        await chair.until(lambda: "microphone" in chair.ears_for(LI))
        await li.say("锁住了也能说")
        await li.ask("raiseHand")
        await chair.until(lambda: chair.room.hands == [LI] and chair.room.chat == [(LI, "锁住了也能说")])
        assert li.voice is not None
        await li.voice.finished()
        await asyncio.sleep(1.0)  # the end of a segment is known after the bridge of 0.8 s
        await li.drop()
        assert await li.come_back()
        await meeting.join(wang)
        await wang.leave()
        assert await waits(server) > 0
        with pytest.raises(Refused) as refused:
            await meeting.secretary.call("PUT", "/api/session/locale", {"locale": "en"})
        assert (refused.value.status, refused.value.code) == (503, "storeUnavailable")
        # Killed and started again while nothing can be written: what is only in the outbox says that the meeting is open.
        await server.kill()
        await asyncio.gather(chair.close(), li.close())
        await server.start()
        chair, again = meeting.client(CHAIR), meeting.client(LI)
        assert [await meeting.join(client) for client in (chair, again)] == ["joined", "joined"]
        await asyncio.sleep(max(1.0, since + LOCKED_SECONDS - time.monotonic()))
        lock.execute("ROLLBACK")
        lock.close()
        await end_by(chair, again)
        rows = rows_of(await ended(meeting))
        holds(rows[LI], again.left_at - li.joined_at, voice.spoken)
        holds(rows[WANG], wang.left_at - wang.joined_at, 0.0)
    once(tmp_path, meeting.meeting_id)


@pytest.mark.slow
async def test_a_full_disk_stops_no_meeting_and_loses_and_repeats_no_fact(tmp_path: Path) -> None:
    """The limit on the size of files stands for the disk: no file of this server grows, not even its log."""
    async with running(tmp_path) as server, branch_meeting(server, "FULL", NAMES) as meeting:
        chair, li, wang = (meeting.client(name) for name in NAMES)
        await open_by(meeting, chair)
        await meeting.join(li)
        fill(server)
        await li.ask("raiseHand")
        await chair.until(lambda: chair.room.hands == [LI])
        assert await meeting.join(wang) == "joined"
        await wang.say("磁盘满了")
        await chair.until(lambda: chair.room.chat == [(WANG, "磁盘满了")])
        await asyncio.sleep(1.5)
        await wang.leave()
        assert await waits(server) > 0
        empty(server)
        await end_by(chair, li)
        rows = rows_of(await ended(meeting))
        holds(rows[WANG], wang.left_at - wang.joined_at, 0.0)
        holds(rows[LI], li.left_at - li.joined_at, 0.0)
    once(tmp_path, meeting.meeting_id)


@pytest.mark.slow
async def test_a_killed_server_goes_on_with_the_meeting_and_closes_what_was_open(tmp_path: Path) -> None:
    """Li speaks when it dies; Wang has come after its last beat and does not return."""
    async with running(tmp_path) as server, branch_meeting(server, "KILL", NAMES) as meeting:
        chair, li, wang = (meeting.client(name) for name in NAMES)
        await open_by(meeting, chair)
        await meeting.join(li)
        voice = record(tmp_path / "li.wav", lead=0.3, count=2, pauses=0.4, tail=0.2)
        await li.enter(voice.path, camera=False)
        await beats_with(tmp_path, lambda one: any(producer.speaking for producer in one.producers))
        await asyncio.sleep(2.0)
        beat = await no_beat_from_here_on(tmp_path)
        await meeting.join(wang)
        await asyncio.sleep(0.5)
        await server.kill()
        killed = time.time()
        (tmp_path / "heartbeat.new").rmdir()
        await asyncio.gather(*(client.close() for client in (chair, li, wang)))
        await server.start()
        back = [meeting.client(name) for name in (CHAIR, LI)]
        assert [await meeting.join(client) for client in back] == ["joined", "joined"]
        await asyncio.sleep(2.0)
        await end_by(*back)
        rows = rows_of(await ended(meeting))
        assert rows[WANG]["presentSeconds"] == pytest.approx(killed - wang.joined_at, abs=2.0)
        holds(rows[LI], back[1].left_at - li.joined_at, voice.spoken_until(beat - li.voice_began_at))
        assert sum(one["bridgedSeconds"] for one in rows[LI]["intervals"]) == pytest.approx(back[1].joined_at - beat, abs=2.0)
        assert [one["inferredEnd"] for one in rows[WANG]["intervals"]] == [True]
        assert {name: row["connections"] for name, row in rows.items()} == {CHAIR: 2, LI: 2, WANG: 1}
    assert Counter(reason for kind, body in once(tmp_path, meeting.meeting_id) if (reason := ended_by(kind, body))) == {
        ("serverCrash", True): 3,
        ("meetingEnded", False): 2,
    }


@pytest.mark.slow
async def test_postgresql_away_at_the_start_after_a_crash(tmp_path: Path) -> None:
    """A whole meeting over PostgreSQL, with a crash in it and a start that finds no database."""
    with cluster() as url:
        socket = Path(url.partition("host=")[2].partition("&")[0]) / f".s.PGSQL.{PORT}"
        gate = Gate(socket)
        address = f"postgresql://postgres@127.0.0.1:{await gate.open()}/postgres"
        async with running(tmp_path, DATABASE_URL=address) as server, branch_meeting(server, "PG", NAMES) as meeting:
            chair, li, _ = (meeting.client(name) for name in NAMES)
            await open_by(meeting, chair)
            await meeting.join(li)
            await beats_with(tmp_path, lambda one: one.member_id == li.room.own_member)
            await server.kill()
            beat = last_beat(tmp_path)
            await gate.shut()
            await asyncio.gather(chair.close(), li.close())
            starting = asyncio.create_task(server.start())
            await alive(server)
            assert await asyncio.to_thread(status, server, "/readyz") == 503
            await gate.open()
            await starting
            back = meeting.client(CHAIR)
            assert await meeting.join(back) == "joined"
            await asyncio.sleep(1.0)
            await end_by(back)
            rows = rows_of(await ended(meeting))
            assert rows[LI]["presentSeconds"] == pytest.approx(beat - li.joined_at, abs=2.0)
            assert ([one["inferredEnd"] for one in rows[LI]["intervals"]], rows[WANG]["grade"]) == ([True], "absent")
        await gate.shut()


# --- the story's verbs ---------------------------------------------------------------------------------------------------------------


async def open_by(meeting: BranchMeeting, chair: MeetingClient) -> None:
    await meeting.join(chair)
    await chair.ask("openMeeting")
    await chair.enter(camera=False)


async def end_by(chair: MeetingClient, *others: MeetingClient) -> None:
    await chair.ask("endMeeting")
    for client in (chair, *others):
        await client.until(lambda client=client: client.left_reason == "meetingEnded")  # type: ignore[misc]


async def beats_with(folder: Path, wanted: Callable[[OpenConnection], bool]) -> None:
    """Wait for a beat that names such a connection."""
    for _ in range(200):
        if any(wanted(one) for one in read_beat(folder / "heartbeat.json")):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no such beat")


async def no_beat_from_here_on(folder: Path) -> float:
    """→ when the last one was. A beat is written beside itself first: where a folder has its name, none can be."""
    for _ in range(200):
        with suppress(FileExistsError):  # one is being written just now
            (folder / "heartbeat.new").mkdir()
            return last_beat(folder)
        await asyncio.sleep(0.01)
    raise AssertionError("beats all the time")


def last_beat(folder: Path) -> float:
    beat = beat_at(folder / "heartbeat.json")
    assert beat is not None
    return beat


async def ended(meeting: BranchMeeting) -> Row:
    """The outbox may be resting for up to fifteen seconds when the trouble is over."""
    for _ in range(80):
        with suppress(Refused):  # its opening is still in the outbox
            sheet = await meeting.secretary.call("GET", f"/api/meetings/{meeting.meeting_id}/sheet")
            if sheet["state"] == "ended":
                return sheet
        await asyncio.sleep(0.25)
    raise AssertionError("the sheet does not know of the end")


def rows_of(sheet: Row) -> dict[str, Row]:
    return {row["name"]: row for row in sheet["rows"]}


def holds(row: Row, present: float, spoken: float) -> None:
    assert row["presentSeconds"] == pytest.approx(present, abs=2.0), row
    assert row["speakingSeconds"] == pytest.approx(spoken, abs=max(1.0, 0.05 * spoken)), row


def once(folder: Path, meeting_id: str) -> list[tuple[str, str]]:
    """Everything was delivered, numbered without a gap, and said once. → (kind, body) of each"""
    assert [path.name for path in (folder / "outbox").iterdir()] == []
    with sqlite3.connect(folder / "branchline.db") as database:
        facts = database.execute(
            "SELECT number, kind, body FROM facts WHERE stream = ? ORDER BY number", (f"meeting:{meeting_id}",)
        ).fetchall()
    assert [number for number, _, _ in facts] == list(range(1, len(facts) + 1))
    said = Counter((kind, body) for _, kind, body in facts if kind.startswith(("connection", "meeting")))
    assert set(said.values()) == {1}, said
    return [(kind, body) for _, kind, body in facts]


def ended_by(kind: str, body: str) -> tuple[str, bool] | None:
    """(reason, inferred) of a connection's end"""
    if kind != "connectionLeft":
        return None
    shape = json.loads(body)
    return shape["reason"], shape.get("inferred", False)


async def waits(server: Installation) -> float:
    """How many facts wait in the outbox."""
    return (await server.figures("outbox_depth"))["branchline_outbox_depth"]


def fill(server: Installation) -> None:
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def empty(server: Installation) -> None:
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def status(server: Installation, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=8) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


async def alive(server: Installation) -> None:
    for _ in range(150):
        if await asyncio.to_thread(status, server, "/healthz") == 200:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(server.output.read_text()[-3000:])


class Gate:
    """A TCP port in front of PostgreSQL's socket that can be shut: connections are refused as from a machine that is down."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return int(self._port)

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0.1)  # their pumps see it

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(str(self._socket))
        await joined((reader, writer), (there, back), self._open)
