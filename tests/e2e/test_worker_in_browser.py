"""Media workers are killed under two real pages: pictures come back by themselves, without anybody reloading, and the sheet stays right."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Playwright

from tests.support.attendee import Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, Installation, free_ports
from tests.support.people import Person, schedule

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

KEEP_PEERS = """window.__peers = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.__peers.push(this); }
};"""
#: Codecs of the voices that are sent and received, by preference; Chromium sends redundancy where it comes first (its statistics name what
#: is inside on both sides).
VOICES = """() => ['getSenders', 'getReceivers'].map(ends => window.__peers
  .filter(peer => peer.connectionState === 'connected').flatMap(peer => peer[ends]())
  .filter(end => end.track?.kind === 'audio').map(end => end.getParameters().codecs.map(codec => codec.mimeType)))"""


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    """Receivers are spread over both workers from the first one on."""
    settings = {"BRANCHLINE_MEDIA_WORKERS": "2", "BRANCHLINE_MEDIA_SPREAD": "0", "BRANCHLINE_MEDIA_PORT": str(free_ports(2))}
    running = Installation(tmp_path, **settings)
    await running.prepare()
    await running.start()
    yield running
    assert await running.stop() == 0, running.output.read_text()[-4000:]


async def test_pages_get_their_pictures_back_when_either_worker_dies(installation: Installation, playwright: Playwright) -> None:
    async with Person(installation.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        meeting = await schedule(secretary, secretary.me["homeBranchId"], "Two workers")
    browser = await launch(playwright)
    chair = await Attendee.log_in(browser, installation.base, "secretary")
    anna = await Attendee.log_in(browser, installation.base, "member1")
    for page in (chair.page, anna.page):
        await page.add_init_script(KEEP_PEERS)
    await chair.join(str(meeting["meetingId"]), microphone=True)
    await chair.inside()
    await chair["open-meeting"].click()
    await anna.join(str(meeting["meetingId"]))
    await anna.inside()
    both = ((chair, anna), (anna, chair))
    for person, other in both:
        await person.watches(other)
        await person.page.evaluate("window.__stays = true")
    for worker in (1, 0):  # the further one first: only receivers are on it; then the home with all that is sent
        os.kill(installation.workers()[worker], signal.SIGKILL)
        for person, other in both:
            await person.watches(other)
    assert await anna.hears(3) > 0.02
    (spoken, _), (_, heard) = [await person.page.evaluate(VOICES) for person in (chair, anna)]
    assert spoken == [["audio/red", "audio/opus"]]
    assert heard == [["audio/opus", "audio/red"]]
    assert [await person.page.evaluate("window.__stays === true") for person, _ in both] == [True, True]
    await browser.close()
