"""Two people whose network blocks UDP: real Chromium, real pages, every packet over TCP on the media port's number."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from tests.support.attendee import Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import Person, schedule

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

SELECTED = """async () => {
  const found = [];
  for (const peer of window.__peers) {
    for (const stat of (await peer.getStats()).values())
      if (stat.type === 'candidate-pair' && stat.nominated)
        found.push((await peer.getStats()).get(stat.remoteCandidateId).protocol);
  }
  return found;
}"""
KEEP_PEERS = """window.__peers = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.__peers.push(this); }
};"""


@pytest.fixture
async def tcp_only(tmp_path: Path) -> AsyncIterator[Installation]:
    """No candidate for UDP is told to anybody."""
    running = Installation(tmp_path, BRANCHLINE_MEDIA_ADDRESSES="127.0.0.1/tcp")
    await running.prepare()
    await running.start()
    yield running
    assert await running.stop() == 0, running.output.read_text()[-4000:]


async def test_two_people_see_and_hear_each_other_without_udp(tcp_only: Installation, playwright: Playwright) -> None:
    async with Person(tcp_only.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        meeting = await schedule(secretary, secretary.me["homeBranchId"], "Without UDP")
    browser = await launch(playwright)
    chair = await Attendee.log_in(browser, tcp_only.base, "secretary")
    anna = await Attendee.log_in(browser, tcp_only.base, "member1")
    for person in (chair, anna):
        await person.page.add_init_script(KEEP_PEERS)
    await chair.join(str(meeting["meetingId"]), microphone=True)
    await chair.inside()
    await chair["open-meeting"].click()
    await anna.join(str(meeting["meetingId"]))
    await anna.inside()
    for person, other in ((chair, anna), (anna, chair)):
        await expect(person["tile"]).to_have_count(2)
        await person.watches(other)
    assert await anna.hears(2) > 0.02
    assert set(await anna.page.evaluate(SELECTED)) == {"tcp"}
    await browser.close()
