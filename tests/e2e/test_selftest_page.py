"""The connection self-test: a member's own picture goes to the media service and back; the report is a file without a person in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, expect

from tests.support.attendee import PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import Installation
from tests.support.relay import relay

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

STATES = "() => Object.fromEntries([...document.querySelectorAll('[data-testid=step]')].map(row => [row.dataset.step, row.dataset.state]))"


async def run_through(page: Page) -> dict[str, str]:
    """Press the button, wait until it is over. → step: state."""
    await page.get_by_test_id("start-test").click()
    await expect(page.get_by_test_id("verdict")).to_be_visible(timeout=60_000)
    found: dict[str, str] = await page.evaluate(STATES)
    return found


@pytest.fixture
async def with_relay(tmp_path: Path) -> AsyncIterator[Installation]:
    async with relay(tmp_path, "a secret of both") as port:
        settings = {"BRANCHLINE_ICE_SERVERS": f"turn:127.0.0.1:{port}", "BRANCHLINE_TURN_SECRET": "a secret of both"}
        running = Installation(tmp_path, **settings)
        await running.prepare()
        await running.start()
        yield running
        assert await running.stop() == 0, running.output.read_text()[-4000:]


async def test_a_member_tests_the_connection_and_takes_the_report_away(
    with_relay: Installation, playwright: Playwright, tmp_path: Path
) -> None:
    browser = await launch(playwright)
    member = await Attendee.log_in(browser, with_relay.base, "member1")
    await member.page.goto(f"{with_relay.base}/help")
    await member["to-test"].click()
    states = await run_through(member.page)
    expected = dict.fromkeys(("browser", "microphone", "camera", "websocket", "udp", "tcp", "turn", "loopback", "network"), "good")
    assert states == {**expected, "speaker": "asked"}
    await member["heard"].click()
    await expect(member["self-test"]).to_have_attribute("data-verdict", "good")
    async with member.page.expect_download() as download:
        await member["report-json"].click()
    file = tmp_path / "report.json"
    await (await download.value).save_as(file)
    report = json.loads(file.read_text())
    loop = next(step for step in report["steps"] if step["step"] == "loopback")
    assert loop["figures"]["frames"] >= 40
    assert 0 < loop["figures"]["pictureDelayMs"] < 3_000
    about = await member.api("/api/session")
    private = [about["username"], about["name"], about["memberId"], "127.0.0.1", "fake_device", "Fake"]
    assert [word for word in private if word in file.read_text()] == []
    async with member.page.expect_download() as download:
        await member["report-text"].click()
    await (await download.value).save_as(file)
    assert f"{loop['figures']['frames']} 帧" in file.read_text()
    await browser.close()


async def test_who_is_not_logged_in_tests_what_needs_no_media(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    context = await browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]}, locale="en-US", permissions=["microphone"]
    )
    page = await context.new_page()
    await page.goto(f"{installation.base}/login")
    await page.get_by_test_id("to-test").click()
    states = await run_through(page)
    assert (states["browser"], states["microphone"], states["websocket"]) == ("good", "good", "good")
    assert {states[step] for step in ("udp", "tcp", "turn", "loopback", "network")} == {"skipped"}
    await browser.close()
