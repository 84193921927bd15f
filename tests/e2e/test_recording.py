"""A meeting is recorded in real browsers: everybody sees it, only who agreed is in it, and the film plays as long as it lasted."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Playwright, expect

from tests.e2e.test_pages import Watched
from tests.support.attendee import PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import Person, schedule
from tests.support.speech import record

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
#: A folder to keep pictures of the pages in, for looking at them.
PICTURES = os.environ.get("RECORDING_PICTURES", "")


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def length(film: Locator) -> float:
    """Of a film whose head has been read."""
    for _ in range(100):
        seconds = float(await film.evaluate("video => video.readyState > 0 ? video.duration : 0"))
        if seconds:
            return seconds
        await asyncio.sleep(0.1)
    raise AssertionError("the film has no length")


async def allow_recording(installation: Installation, rule: str) -> str:
    """→ the meeting of a branch that records."""
    async with Person(installation.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        org_id = secretary.me["homeBranchId"]
        await secretary.call("PATCH", f"/api/organisations/{org_id}", {"recordingRule": rule})
        meeting = await schedule(secretary, org_id, "第四季度支部党员大会")
    return str(meeting["meetingId"])


async def test_a_recording_from_the_click_to_the_film(installation: Installation, playwright: Playwright, tmp_path: Path) -> None:
    meeting_id = await allow_recording(installation, "allowed")
    voice = record(tmp_path / "voice.wav", count=2)
    browsers = [await launch(playwright, voice.path), await launch(playwright)]
    chair = await Attendee.log_in(browsers[0], installation.base, "secretary")
    anna = await Attendee.log_in(browsers[1], installation.base, "member1", viewport=PHONE, locale="en-US")
    await anna.speak("en")
    ours, theirs = Watched(chair.page, chair.base), Watched(anna.page, anna.base)
    await chair.join(meeting_id)
    await chair.inside()
    await chair["open-meeting"].click()
    await anna.join(meeting_id)
    await anna.inside()

    await chair.tap("record")
    await chair["record-confirm"].click()
    for person in (chair, anna):
        await expect(person["recording-banner"]).to_be_visible()
        await expect(person["recording-mark"]).to_be_visible()
    began = time.monotonic()
    await picture(chair.page, "room-asked-zh")
    await picture(anna.page, "room-asked-en-360")
    assert await ours.troubles("room") + await theirs.troubles("room") == []
    await chair["recording-agree"].click()
    await expect(chair["recording-banner"]).to_have_attribute("data-recorded", "true")
    await anna["recording-decline"].click()
    await expect(anna["recording-agree"]).to_be_visible()
    await picture(anna.page, "room-out-en-360")
    await chair["toggle-mic"].click()
    await asyncio.sleep(8)
    # Chromium answers to our reference times: who sends learns the round trip of the own uplink, too.
    await chair["connection"].click()
    uplink = chair["connection-details"].get_by_role("region", name="上行")
    await expect(uplink.get_by_text("往返时间")).to_be_visible()
    await chair.page.keyboard.press("Escape")
    await chair["recording-stop"].click()
    for person in (chair, anna):
        await expect(person["recording-banner"]).to_have_count(0)
    lasted = time.monotonic() - began

    (taken,) = (await anna.api(f"/api/meetings/{meeting_id}/recordings"))["recordings"]
    await chair.page.goto(f"{installation.base}/recordings/{taken['recordingId']}")
    await picture(chair.page, "page-waiting-zh")
    await expect(chair["recording-state"]).to_have_attribute("data-state", "ready", timeout=90_000)
    seconds = await length(chair["film"])
    shown = await chair.api(f"/api/recordings/{taken['recordingId']}")
    assert abs(seconds - shown["seconds"]) < 0.5
    assert abs(seconds - lasted) < 1.0
    assert {(track["memberId"], track["source"]) for track in shown["tracks"]} == {
        (chair.member_id, "camera"),
        (chair.member_id, "microphone"),
    }
    assert all(track["end"] - track["start"] > 5 for track in shown["tracks"])
    assert any(mark["kind"] == "speech" and mark["memberId"] == chair.member_id for mark in shown["chapters"])
    await chair["chapter"].first.click()
    await expect(chair["film"]).to_have_js_property("paused", False)
    await asyncio.sleep(1)
    assert await chair["film"].evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames") > 0
    await picture(chair.page, "page-zh")
    await anna.page.goto(f"{installation.base}/recordings/{taken['recordingId']}")
    await expect(anna["film"]).to_be_visible()
    await expect(anna["delete"]).to_have_count(0)
    await length(anna["film"])
    await picture(anna.page, "page-en-360")
    assert await ours.troubles("page") + await theirs.troubles("page") == []

    await chair["delete"].click()
    await picture(chair.page, "page-delete-zh")
    await chair.page.get_by_role("textbox").fill("演练结束")
    await chair.page.get_by_role("dialog").get_by_role("button", name="删除").click()
    await expect(chair["recording-state"]).to_have_attribute("data-state", "deleted")
    await picture(chair.page, "page-deleted-zh")
    for browser in browsers:
        await browser.close()
