"""The worker is killed in the middle of a recording: what it wrote is a film, and no more than its open clusters are missing."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from media.channel import WorkerPlane
from media.jitter import PATIENCE_SECONDS
from media.tape import CLUSTER_SECONDS
from tests.media.test_compose import composed
from tests.support.media_client import MediaClient, PlaneDesk, on_loopback
from tests.support.speech import record
from tests.support.tracks import Picture, Voice

Json = dict[str, Any]
#: Between pictures, ticks and the writing thread; and what a busy machine adds.
SLACK_SECONDS = 1.0


@pytest.mark.slow
async def test_a_killed_worker_leaves_a_film_of_all_but_the_last_moment(tmp_path: Path) -> None:
    folder = tmp_path / "take"
    plane = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0)
    await plane.start()
    speaker = MediaClient(PlaneDesk(plane, "r", "a").ask)
    with on_loopback():
        try:
            await speaker.load((await plane.open_router("r"))["rtpCapabilities"])
            voice = await speaker.publish(Voice(record(tmp_path / "talk.wav", count=3).path), "microphone")
            camera = await speaker.publish(Picture(), "camera")
            began = time.monotonic()
            await plane.create_transport("r", "rec", "recv", {"type": "recording", "folder": str(folder), "began": began})
            for name, producer in (("microphone-aa-li", voice), ("camera-bb-li", camera)):
                await plane.consume("rec", name, producer, {}, False)
            await until_long(folder / "camera-bb-li.webm", began)
            lasted = time.monotonic() - began
            assert plane.pid is not None
            os.kill(plane.pid, signal.SIGKILL)
        finally:
            await speaker.close()
            await plane.stop()
    assert not (folder / "index.json").exists()
    result = composed(folder, lasted, [("li", 1.0, 3.0)])
    assert {file["name"] for file in result["files"]} == {"microphone-aa-li.webm", "camera-bb-li.webm"}
    for file in result["files"]:
        assert lasted - file["end"] <= CLUSTER_SECONDS + PATIENCE_SECONDS + SLACK_SECONDS, file
        assert file["end"] - file["start"] > 2.0
    assert result["film"]["bytes"] > 0


async def until_long(path: Path, began: float) -> None:
    """Some seconds are on the disk."""
    for _ in range(300):
        await asyncio.sleep(0.1)
        if time.monotonic() - began > 5 and path.is_file() and path.stat().st_size > 2000:
            return
    raise AssertionError("nothing was recorded")
