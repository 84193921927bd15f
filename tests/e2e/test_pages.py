"""Every page as people of each kind see it, in both languages, on a desktop and on a phone of 360 px.

axe finds nothing serious, nothing is wider than the screen, no key of a missing translation shows, the browser reports no error, and
nothing is asked of any other server.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Playwright, Request, expect

from tests.support.attendee import DESKTOP, PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import ROOT, Installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

AXE = (ROOT / "web/node_modules/axe-core/axe.min.js").read_text()
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter(v => ['serious', 'critical'].includes(v.impact))
  .map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))])"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
MISSING_KEY = re.compile(
    r"\b(?:shell|meeting|meetings|sheet|words|members|organisations|account|login|record|privacy|roster|transfers|reports|discussion"
    r"|notifications|recording|deliveries|file|mydata|offices|dues|protection|system)\.[a-z]+[A-Za-z.]*"
)

SECRETARY_PAGES = [
    "/",
    "/meetings",
    "/meetings/new",
    "/members",
    "/members/import",
    "/members?sex=female",
    "/members/demo-member-7/file",
    "/file-requests",
    "/organisations",
    "/records",
    "/points",
    "/account",
    "/transfers",
    "/transfers/new",
    "/transfers/batch",
    "/transfers/import",
    "/dues",
    "/dues/demo-member-4",
    "/my-dues",
]
MEMBER_PAGES = [
    "/",
    "/meetings",
    "/records",
    "/points",
    "/privacy",
    "/file",
    "/my-data",
    "/access",
    "/help",
    "/test",
    "/nowhere",
    "/transfers",
]
OFFICE_PAGES = {"security": ["/offices", "/protection"], "system": ["/system"], "applicant": ["/reports"]}


class Watched:
    """A page whose errors and requests are written down."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._asked)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base, self.base.replace("http", "ws", 1), "data:", "blob:")):
            self.outside.append(request.url)

    async def look(self, path: str) -> list[str]:
        """Open a page and say what is wrong with it."""
        await self.page.goto(self.base + path)
        await expect(self.page.locator("h1").first).to_be_visible(timeout=10_000)
        await self.page.wait_for_load_state("networkidle")
        return await self.troubles(path)

    async def troubles(self, where: str) -> list[str]:
        return [f"{where}: {trouble}" for trouble in await self._troubles()]

    async def _troubles(self) -> list[str]:
        found = [f"page error {error}" for error in self.errors] + [f"asked outside {url}" for url in self.outside]
        wider: float = await self.page.evaluate(TOO_WIDE)
        if wider > 0:
            found.append(f"{wider} px too wide")
        keys = MISSING_KEY.findall(await self.page.inner_text("body"))
        found += [f"untranslated {key}" for key in keys]
        await self.page.evaluate(AXE)
        violations: list[Any] = await self.page.evaluate(RUN_AXE)
        return found + [f"axe {violation}" for violation in violations]


async def the_room(chair: Attendee, member: Attendee) -> list[str]:
    """Pre-join page, waiting room, the room itself with its panels and the dialog of leaving, and what comes after it."""
    meeting = await chair.api("/api/home")
    meeting_id = str(meeting["upcoming"][0]["meetingId"])
    ours, theirs = Watched(chair.page, chair.base), Watched(member.page, member.base)
    await member.prepare(meeting_id, "listen")
    found = await theirs.troubles("pre-join")
    await member["join"].click()
    await expect(member["waiting-room"]).to_be_visible(timeout=15_000)
    found += await theirs.troubles("waiting room")
    await chair.join(meeting_id, "listen")
    await chair.inside()
    await chair["open-meeting"].click()
    await member.inside()
    found += await theirs.troubles("room")
    for panel in ("people", "chat"):
        await chair.tap(panel)
        found += await ours.troubles(f"room with {panel}")
        await chair["close-panel"].click()
    await chair["leave"].click()
    found += await ours.troubles("leaving")
    await chair["end-meeting"].click()
    await expect(member["meeting-over"]).to_be_visible()
    return found + await theirs.troubles("after the meeting")


async def held_meeting(person: Attendee) -> str:
    meetings = await person.api("/api/meetings?state=ended&pageSize=1")
    return str(meetings["items"][0]["meetingId"])


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_nothing_is_wrong_with_any_page(
    installation: Installation, playwright: Playwright, viewport: dict[str, int], locale: str, tmp_path: Path
) -> None:
    browser = await launch(playwright)
    troubles: list[str] = []
    secretary = await Attendee.log_in(browser, installation.base, "secretary", viewport=viewport)
    await secretary.speak(locale)
    meeting_id = await held_meeting(secretary)
    pages = [*SECRETARY_PAGES, f"/meetings/{meeting_id}", f"/meetings/{meeting_id}/sheet", f"/meetings/{meeting_id}/record"]
    watched = Watched(secretary.page, installation.base)
    for path in [*pages, f"/members/{secretary.member_id}"]:
        troubles += await watched.look(path)
    member = await Attendee.log_in(browser, installation.base, "member1", viewport=viewport)
    await member.speak(locale)
    watched = Watched(member.page, installation.base)
    for path in [*MEMBER_PAGES, f"/meetings/{meeting_id}/record"]:
        troubles += await watched.look(path)
    for who, paths in OFFICE_PAGES.items():
        office = await Attendee.log_in(browser, installation.base, who, viewport=viewport)
        await office.speak(locale)
        watched = Watched(office.page, installation.base)
        for path in paths:
            troubles += await watched.look(path)
    troubles += await the_room(secretary, member)
    context = await browser.new_context(viewport={"width": viewport["width"], "height": viewport["height"]}, locale=locale)
    watched = Watched(await context.new_page(), installation.base)
    troubles += await watched.look("/login")
    await browser.close()
    assert troubles == []
