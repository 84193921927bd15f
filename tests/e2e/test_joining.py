"""Joining with less than everything: permission denied, no devices at all, listening only; and sharing the screen.

Each is told plainly, keeps nobody out, and the member is counted as present all the same.
"""

from __future__ import annotations

import asyncio
import time

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.support.attendee import PHONE, Attendee
from tests.support.browser import FLAGS, chromium_path, launch
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import Person, schedule

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
DENYING = [*(flag for flag in FLAGS if "fake-ui" not in flag), "--deny-permission-prompts"]
WITHOUT_DEVICES = [flag for flag in FLAGS if "fake-device" not in flag]


async def open_meeting(installation: Installation, browser: Browser) -> tuple[Attendee, str]:
    async with Person(installation.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        meeting = await schedule(secretary, secretary.me["homeBranchId"])
    chair = await Attendee.log_in(browser, installation.base, "secretary")
    await chair.join(str(meeting["meetingId"]))
    await chair.inside()
    await chair["open-meeting"].click()
    return chair, str(meeting["meetingId"])


async def walks_in_anyway(person: Attendee, meeting_id: str, problem: str) -> None:
    await person.page.goto(f"{person.base}/meet/{meeting_id}")
    explanation = person["problem-microphone"]
    await expect(explanation).to_be_visible(timeout=15_000)
    await expect(explanation).to_have_attribute("data-problem", problem)
    assert len(await explanation.inner_text()) > 10
    await person["consent"].check()
    await person["join"].click()
    await person.inside()


async def test_with_permission_denied_and_without_any_device_one_takes_part_and_counts(
    installation: Installation, playwright: Playwright
) -> None:
    browsers = [
        await launch(playwright),
        await playwright.chromium.launch(executable_path=chromium_path(), args=DENYING),
        await playwright.chromium.launch(executable_path=chromium_path(), args=WITHOUT_DEVICES),
    ]
    chair, meeting_id = await open_meeting(installation, browsers[0])
    denied = await Attendee.log_in(browsers[1], installation.base, "member1", allowed=False)
    bare = await Attendee.log_in(browsers[2], installation.base, "member2", viewport=PHONE)
    await walks_in_anyway(denied, meeting_id, "denied")
    await walks_in_anyway(bare, meeting_id, "notFound")
    entered = time.monotonic()
    await expect(chair["tile"]).to_have_count(3)
    await asyncio.gather(denied.watches(chair), bare.watches(chair))

    # A share is large for everybody, and ends for everybody.
    await chair["toggle-share"].click()
    for person in (denied, bare):
        await expect(person["shared-screen"]).to_be_visible(timeout=10_000)
    await chair["toggle-share"].click()
    for person in (denied, bare):
        await expect(person["shared-screen"]).to_be_hidden()

    await asyncio.sleep(3)
    await chair["leave"].click()
    await chair["end-meeting"].click()
    stayed = time.monotonic() - entered
    await expect(bare["meeting-over"]).to_be_visible()
    sheet = await chair.sheet_of(meeting_id)
    rows = {row["memberId"]: row for row in sheet["rows"]}
    for person in (denied, bare):
        row = rows[person.member_id]
        assert row["speakingSeconds"] == 0
        # `bare` entered last; `denied` had been inside a little longer.
        assert row["presentSeconds"] > stayed - 1, (stayed, row)
        assert {grade for grade, seconds in row["evidence"].items() if seconds} == {"connected"}
    assert rows[bare.member_id]["presentSeconds"] == pytest.approx(stayed, abs=2)
    for browser in browsers:
        await browser.close()
