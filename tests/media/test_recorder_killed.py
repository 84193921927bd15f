"""The worker is killed in the middle of a recording of voice and H.264 from an independent client: what it wrote is a film, and no more
than its open clusters are missing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import av
import pytest

from media.channel import WorkerPlane
from media.tape import CLUSTER_SECONDS
from tests.media.test_compose import composed
from tests.support.media_client import MediaClient, PlaneDesk, on_loopback
from tests.support.speech import record
from tests.support.tracks import Picture, Voice

Json = dict[str, Any]
VOICES, PICTURES = 50, 8
#: What an open cluster of each file holds at most: a second, and the frame with which it is full.
OPEN = round((VOICES + PICTURES) * CLUSTER_SECONDS) + 2


@pytest.mark.slow
async def test_a_killed_worker_leaves_a_film_of_all_but_the_last_moment(tmp_path: Path) -> None:
    folder = tmp_path / "take"
    plane = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0)
    await plane.start()
    speaker = MediaClient(PlaneDesk(plane, "r", "a").ask)
    with on_loopback():
        try:
            await speaker.load(without_vp8((await plane.open_router("r"))["rtpCapabilities"]))
            voice = await speaker.publish(Voice(record(tmp_path / "talk.wav", count=3).path), "microphone")
            camera = await speaker.publish(Picture(), "camera")
            began = time.monotonic()
            await plane.create_transport("r", "rec", "recv", {"type": "recording", "folder": str(folder), "began": began})
            for name, producer in (("microphone-aa-li", voice), ("camera-bb-li", camera)):
                await plane.consume("rec", name, producer, {}, False)
            taken = await until_long(plane)
            lasted = time.monotonic() - began
            assert plane.pid is not None
            os.kill(plane.pid, signal.SIGKILL)
        finally:
            await speaker.close()
            await plane.stop()
    assert not (folder / "index.json").exists()
    result = composed(folder, lasted, [("li", 1.0, 3.0)])
    assert {file["name"] for file in result["files"]} == {"microphone-aa-li.webm", "camera-bb-li.mkv"}
    kept = sum(frames(folder / file["name"]) for file in result["files"])
    assert kept >= taken - OPEN, f"{taken} taken, {kept} kept"
    assert all(file["end"] - file["start"] > 2.0 for file in result["files"])
    assert result["film"]["bytes"] > 0


def without_vp8(capabilities: Json) -> Json:
    """As for a device that has H.264 alone."""
    vp8 = {codec["preferredPayloadType"] for codec in capabilities["codecs"] if codec["mimeType"] == "video/VP8"}
    kept = [c for c in capabilities["codecs"] if vp8.isdisjoint((c["preferredPayloadType"], c["parameters"].get("apt")))]
    return capabilities | {"codecs": kept}


async def until_long(plane: WorkerPlane) -> int:
    """Some seconds are recorded, and nothing waits for the disk. → how many frames the worker has taken by now."""
    for _ in range(600):
        await asyncio.sleep(0.1)
        known = await plane.stats("rec")
        if known["frames"] > 250 and known["waitingBytes"] == 0:
            return int(known["frames"])
    raise AssertionError("nothing was recorded")


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(packet.size > 0 for packet in container.demux(container.streams[0]))
