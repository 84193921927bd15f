"""One meeting, two browsers: Firefox as it is installed, and Chromium. Each sees and hears the other, in every way a meeting has.

Layers follow the tile and stop when nobody looks, the network changes, a screen is shared, somebody leaves and comes back; what was
recorded plays in Firefox, and the connection test finds nothing. Where no Firefox is installed the story is not told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Playwright, expect

from tests.e2e.test_layers import KEEP_PEERS, STRONG, becomes
from tests.e2e.test_recording import allow_recording, length
from tests.e2e.test_selftest_page import run_through
from tests.support.attendee import Attendee
from tests.support.browser import launch
from tests.support.firefox import MEDIA_HOST, firefox_path, launch_firefox
from tests.support.installation import Installation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.skipif(firefox_path() is None, reason="no Firefox is installed here (apt install firefox-esr)"),
]

#: A closed connection is an error to ask in Firefox; the first one of a page is closed once the codecs are known.
PEERS = "const peers = window.__peers.filter(peer => peer.signalingState !== 'closed');"
#: Of each layer of the camera, smallest first: whether it may be sent. Firefox's statistics do not say it.
ALLOWED = (
    "() => {"
    + PEERS
    + """const camera = peers.flatMap(peer => peer.getSenders()).find(s => s.track?.kind === 'video');
  return camera.getParameters().encodings.map(encoding => encoding.active);
}"""
)
ENCODED = (
    "async () => {"
    + PEERS
    + """let pictures = 0;
  for (const peer of peers)
    for (const s of (await peer.getStats()).values()) if (s.type === 'outbound-rtp' && s.kind === 'video') pictures += s.framesEncoded;
  return pictures;
}"""
)
RECEIVED_HEIGHT = (
    "async () => {"
    + PEERS
    + """let height = 0;
  for (const peer of peers)
    for (const s of (await peer.getStats()).values())
      if (s.type === 'inbound-rtp' && s.kind === 'video') height = Math.max(height, s.frameHeight ?? 0);
  return height;
}"""
)
#: Without a sound card Firefox plays nothing and its AudioContext never starts; what it has decoded it knows all the same.
LOUDEST_DECODED = (
    "async seconds => {"
    + PEERS
    + """let loudest = 0;
  for (let i = 0; i < seconds * 10; i++) {
    for (const peer of peers)
      for (const s of (await peer.getStats()).values())
        if (s.type === 'inbound-rtp' && s.kind === 'audio') loudest = Math.max(loudest, s.audioLevel ?? 0);
    await new Promise(done => setTimeout(done, 100));
  }
  return loudest;
}"""
)
FRAGMENTS = "() => {" + PEERS + "return peers.map(peer => /ice-ufrag:(\\S+)/.exec(peer.remoteDescription?.sdp ?? '')?.[1]); }"

#: A machine without a monitor has no screen to share: a page of one's own in its place, sent as a screen is.
SCREEN = """navigator.mediaDevices.getDisplayMedia = async () => {
  const page = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const pen = page.getContext('2d');
  let turn = 0;
  setInterval(() => { pen.fillStyle = `hsl(${turn++ % 360} 50% 50%)`; pen.fillRect(0, 0, 1280, 720); }, 100);
  return page.captureStream(10);
};"""


@pytest.fixture
async def reachable(tmp_path: Path) -> AsyncIterator[Installation]:
    running = Installation(tmp_path, **MEDIA_HOST)
    await running.prepare()
    await running.start()
    yield running
    assert await running.stop() == 0, running.output.read_text()[-4000:]


async def each_sees_and_hears_the_other(chair: Attendee, fox: Attendee) -> None:
    await asyncio.gather(chair.watches(fox), fox.watches(chair))
    decoded, heard = await asyncio.gather(fox.page.evaluate(LOUDEST_DECODED, 3), chair.hears(3))
    assert (decoded > 0.01, heard > 0.01) == (True, True), (decoded, heard)


async def layers_follow_the_tile(chair: Attendee, fox: Attendee) -> None:
    async def allowed() -> Any:
        return await fox.page.evaluate(ALLOWED)

    async def height() -> Any:
        return await chair.page.evaluate(RECEIVED_HEIGHT)

    await becomes(height, 360)
    await becomes(allowed, [True, True, False])
    await chair.tile(fox).hover()
    await chair.tile(fox).locator(".pin").click()
    await becomes(height, 720)
    await chair.tile(fox).locator(".pin").click()
    await becomes(allowed, [True, True, False])
    await chair["settings"].click()
    await chair["voices-only"].check()
    await becomes(allowed, [False, False, False])
    before = await fox.page.evaluate(ENCODED)
    await asyncio.sleep(1.5)
    assert await fox.page.evaluate(ENCODED) - before <= 3  # what was already on its way
    await chair["voices-only"].uncheck()
    await chair.page.keyboard.press("Escape")
    await becomes(allowed, [True, True, False])
    await chair.watches(fox)


async def another_network(chair: Attendee, fox: Attendee) -> None:
    before = await fox.page.evaluate(FRAGMENTS)
    await fox.page.evaluate("() => window.dispatchEvent(new Event('online'))")

    async def all_new() -> bool:
        return all(one != other for one, other in zip(await fox.page.evaluate(FRAGMENTS), before, strict=True))

    await becomes(all_new, True)
    await asyncio.gather(chair.watches(fox), fox.watches(chair))
    await expect(fox["media-lost"]).to_have_count(0)


async def says_what_it_does(chair: Attendee, fox: Attendee) -> None:
    tile = chair.tile(fox)
    for muted in ("true", "false"):
        await fox["toggle-mic"].click()
        await expect(tile).to_have_attribute("data-muted", muted)
    await fox["raise-hand"].click()
    await expect(tile).to_have_attribute("data-hand", "1")
    await fox["raise-hand"].click()
    await expect(tile).to_have_attribute("data-hand", "0")
    await expect(fox["connection"]).to_have_attribute("data-reason", "good")
    await fox["toggle-share"].click()
    await expect(chair["shared-screen"]).to_be_visible(timeout=15_000)
    await expect(chair["shared-screen"].locator("video")).to_have_js_property("paused", False)
    await becomes(lambda: chair["shared-screen"].locator("video").evaluate("video => video.videoWidth > 0"), True)
    await fox["toggle-share"].click()
    await expect(chair["shared-screen"]).to_have_count(0)


async def is_recorded(chair: Attendee, fox: Attendee, meeting_id: str) -> str:
    """→ the recording."""
    await chair["record"].click()
    await chair["record-confirm"].click()
    for person in (chair, fox):
        await person["recording-agree"].click()
        await expect(person["recording-banner"]).to_have_attribute("data-recorded", "true")
    await asyncio.sleep(5)
    await chair["recording-stop"].click()
    await expect(fox["recording-banner"]).to_have_count(0)
    (taken,) = (await chair.api(f"/api/meetings/{meeting_id}/recordings"))["recordings"]
    return str(taken["recordingId"])


async def watches_the_film(fox: Attendee, recording_id: str) -> None:
    await fox.page.goto(f"{fox.base}/recordings/{recording_id}")
    await expect(fox["recording-state"]).to_have_attribute("data-state", "ready", timeout=60_000)
    shown = await fox.api(f"/api/recordings/{recording_id}")
    assert {track["memberId"] for track in shown["tracks"]} >= {fox.member_id}
    film = fox["film"]
    assert abs(await length(film) - shown["seconds"]) < 0.5
    await film.evaluate("video => { video.muted = true; return video.play(); }")
    await becomes(lambda: film.evaluate("video => video.currentTime > 1 && video.videoWidth > 0"), True)


async def test_firefox_and_chromium_meet(reachable: Installation, playwright: Playwright, tmp_path: Path) -> None:
    meeting_id = await allow_recording(reachable, "allowed")
    chromium, firefox = await launch(playwright), await launch_firefox(playwright, tmp_path)
    chair = await Attendee.log_in(chromium, reachable.base, "secretary")
    fox = await Attendee.log_in(firefox, reachable.base, "member1")
    for person in (chair, fox):
        await person.page.add_init_script(KEEP_PEERS)
    for script in (STRONG, SCREEN):
        await fox.page.add_init_script(script)
    await chair.join(meeting_id, microphone=True)
    await chair.inside()
    await chair["open-meeting"].click()
    await fox.join(meeting_id, microphone=True)
    await fox.inside()
    await each_sees_and_hears_the_other(chair, fox)
    await layers_follow_the_tile(chair, fox)
    await another_network(chair, fox)
    await says_what_it_does(chair, fox)
    recording_id = await is_recorded(chair, fox, meeting_id)

    await fox["leave"].click()
    await fox["leave-confirm"].click()
    await expect(fox["meeting-over"]).to_be_visible()
    await expect(chair["tile"]).to_have_count(1)
    await fox.join(meeting_id, microphone=True)
    await fox.inside()
    await each_sees_and_hears_the_other(chair, fox)
    await chair["leave"].click()
    await chair["end-meeting"].click()
    await expect(fox["meeting-over"]).to_be_visible()

    await watches_the_film(fox, recording_id)
    await fox.page.goto(f"{reachable.base}/test")
    states = await run_through(fox.page)
    assert {name: states[name] for name in ("browser", "camera", "websocket", "udp", "tcp", "loopback", "network")} == dict.fromkeys(
        ("browser", "camera", "websocket", "udp", "tcp", "loopback", "network"), "good"
    )
    for browser in (chromium, firefox):
        await browser.close()
