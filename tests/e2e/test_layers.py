"""Pictures follow the tiles: who watches decides which layers of a camera are sent, and how large the picture is that arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Playwright, expect

from tests.support.attendee import Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import Person, schedule

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

KEEP_PEERS = """window.__peers = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.__peers.push(this); }
};"""
#: A computer that is strong enough for a camera of 1280×720, of which browsers send three layers.
STRONG = "Object.defineProperty(navigator, 'hardwareConcurrency', {get: () => 8})"
SENT = """async () => {
  const layers = [];
  for (const peer of window.__peers)
    for (const s of (await peer.getStats()).values())
      if (s.type === 'outbound-rtp' && s.kind === 'video') layers.push([s.rid, s.active]);
  return layers.sort().map(([, active]) => active);
}"""
RECEIVED = """async () => {
  const found = {height: 0, frames: 0};
  for (const peer of window.__peers)
    for (const s of (await peer.getStats()).values())
      if (s.type === 'inbound-rtp' && s.kind === 'video') {
        found.frames += s.framesDecoded;
        found.height = Math.max(found.height, s.frameHeight ?? 0);
      }
  return found;
}"""
FRAGMENTS = "() => window.__peers.map(peer => /ice-ufrag:(\\S+)/.exec(peer.remoteDescription?.sdp ?? '')?.[1])"


async def becomes(what: Callable[[], Awaitable[Any]], wanted: Any, seconds: float = 25.0) -> None:
    """Wait until it is so; what it was last is in the failure."""
    found = None
    for _ in range(int(seconds / 0.5)):
        found = await what()
        if found == wanted:
            return
        await asyncio.sleep(0.5)
    assert found == wanted


async def advance(viewer: Attendee, by: int, seconds: float = 20.0) -> None:
    """So many more pictures are decoded."""
    before = (await viewer.page.evaluate(RECEIVED))["frames"]
    for _ in range(int(seconds / 0.5)):
        if (await viewer.page.evaluate(RECEIVED))["frames"] >= before + by:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"no {by} further pictures in {seconds} s")


async def test_layers_follow_the_tile_and_stop_when_nobody_looks(installation: Installation, playwright: Playwright) -> None:
    async with Person(installation.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        meeting = str((await schedule(secretary, secretary.me["homeBranchId"], "Layers"))["meetingId"])
    browser = await launch(playwright)
    chair = await Attendee.log_in(browser, installation.base, "secretary")
    anna = await Attendee.log_in(browser, installation.base, "member1", viewport={"width": 500, "height": 400})
    await anna.page.add_init_script(STRONG)
    for person in (chair, anna):
        await person.page.add_init_script(KEEP_PEERS)
    await chair.join(meeting, "listen")
    await chair.inside()
    await chair["open-meeting"].click()
    await anna.join(meeting)
    await anna.inside()

    async def sent() -> list[bool]:
        active: list[bool] = await anna.page.evaluate(SENT)
        return active

    async def height() -> int:
        return int((await chair.page.evaluate(RECEIVED))["height"])

    await becomes(height, 360)  # two tiles beside one another
    await becomes(sent, [True, True, False])
    await chair.tile(anna).hover()
    await chair.tile(anna).locator(".pin").click()  # large
    await becomes(height, 720)
    await chair.tile(anna).locator(".pin").click()
    await chair.page.set_viewport_size({"width": 420, "height": 320})
    await becomes(height, 180)
    await becomes(sent, [True, False, False])
    await chair.page.set_viewport_size({"width": 1280, "height": 800})
    await becomes(height, 360)

    await chair["settings"].click()
    await chair["voices-only"].check()
    await becomes(sent, [False, False, False])
    await chair["voices-only"].uncheck()
    await becomes(sent, [True, True, False])
    await advance(chair, 20)

    before = await anna.page.evaluate(FRAGMENTS)
    await anna.page.evaluate("() => window.dispatchEvent(new Event('online'))")  # another network
    await becomes(lambda: _all_new(anna, before), True)
    await advance(chair, 20)
    await expect(anna["media-lost"]).to_have_count(0)
    await browser.close()


async def _all_new(person: Attendee, before: list[str]) -> bool:
    """Every connection has other ICE credentials than before."""
    now: list[str] = await person.page.evaluate(FRAGMENTS)
    return all(one != other for one, other in zip(now, before, strict=True) if other)
