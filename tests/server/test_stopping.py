"""Starting and stopping as a person does it: Ctrl-C in the middle of a meeting leaves nothing behind and nothing unsaid."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.test_two_nodes import log_in, meetings_to_come, socket
from tests.support.installation import ROOT, Installation


@pytest.mark.slow
async def test_ctrl_c_in_the_middle_of_a_meeting(tmp_path: Path) -> None:
    server = Installation(tmp_path)
    await server.prepare()
    await server.start()
    cookie = await log_in(server, "secretary")
    meeting_id = (await meetings_to_come(server, cookie))[0]
    async with socket(server, cookie) as chair:
        await chair.join(meeting_id)
        await chair.do("openMeeting")
        assert await server._end(signal.SIGINT) == 0
        assert ("left", {"reason": "serverStopped"}) in chair.told
    output = server.output.read_text()
    assert f"http://localhost:{server.port}" in output
    assert "branchline-demo" in output
    assert "Traceback" not in output
    facts = recorded(tmp_path / "branchline.db", meeting_id)
    assert [kind for kind, _ in facts] == ["connectionJoined", "consentRecorded", "meetingOpened", "connectionLeft"]
    assert '"serverStopped"' in facts[-1][1]
    assert [path.name for path in (tmp_path / "outbox").iterdir()] == []


def recorded(file: Path, meeting_id: str) -> list[tuple[str, str]]:
    with sqlite3.connect(file) as database:
        return database.execute("SELECT kind, body FROM facts WHERE stream = ? ORDER BY number", (f"meeting:{meeting_id}",)).fetchall()


@pytest.mark.parametrize(
    ("environment", "status", "sentence"),
    [({"PORT": "many"}, 2, "设置有误 · setting"), ({"DATABASE_URL": "sqlite:////nowhere/none.db"}, 1, "无法使用数据库 · the database")],
)
def test_what_keeps_it_from_starting_is_said_in_a_sentence(tmp_path: Path, environment: dict[str, str], status: int, sentence: str) -> None:
    settings = {"PATH": "/usr/bin:/bin", "BRANCHLINE_VAR": str(tmp_path), "BRANCHLINE_MEDIA_PORT": "0", **environment}
    ended = subprocess.run([sys.executable, "-m", "server"], cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, sentence in ended.stderr) == (status, True), ended.stderr
    assert "Traceback" not in ended.stderr
