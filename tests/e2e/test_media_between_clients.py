"""Two independent clients (pymediasoup on aiortc) through the packet plane: decoded on the far side, speech timed on the way."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from media.local import LocalPlane
from tests.support.media_client import MediaClient, PlaneDesk, on_loopback
from tests.support.speech import record
from tests.support.tracks import Picture, Voice

Json = dict[str, Any]


@pytest.mark.slow
async def test_voice_and_picture_arrive_and_speech_is_timed(tmp_path: Path) -> None:
    recording = record(tmp_path / "talk.wav", count=2, pauses=1.5, tail=1.2)
    reports: list[Json] = []
    plane = LocalPlane(reports.append)
    await plane.start()
    capabilities = (await plane.open_router("r"))["rtpCapabilities"]
    speaker, listener = MediaClient(PlaneDesk(plane, "r", "a").ask), MediaClient(PlaneDesk(plane, "r", "b").ask)
    voice = Voice(recording.path)
    with on_loopback():
        try:
            await speaker.load(capabilities)
            await listener.load(capabilities)
            audio = await speaker.publish(voice, "microphone")
            video = await speaker.publish(Picture(), "camera")
            heard, seen = await listener.receive(audio), await listener.receive(video)
            await asyncio.wait_for(voice.finished(), recording.seconds + 20)
            await asyncio.sleep(0.3)
        finally:
            await speaker.close()
            await listener.close()
            await plane.stop()
    assert speaker.failures == listener.failures == []
    assert heard.frames * 0.02 == pytest.approx(recording.seconds, rel=0.1)
    assert heard.loud_frames * 0.02 == pytest.approx(recording.spoken, rel=0.2)
    assert seen.frames > recording.seconds * 8 * 0.8
    assert voice.began is not None
    found = [(r["start"] - voice.began, r["end"] - voice.began) for r in reports if r["event"] == "speechEnded"]
    assert len(found) == len(recording.utterances)
    assert sum(end - start for start, end in found) == pytest.approx(recording.spoken, rel=0.03)
    assert all(report["at"] <= time.monotonic() for report in reports if "at" in report)
