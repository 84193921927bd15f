"""Every page as people of each kind see it, in both languages, on a desktop and on a phone of 360 px.

axe finds nothing serious, nothing is wider than the screen, no key of a missing translation shows, the browser reports no error, and
nothing is asked of any other server. Each page is opened once and then looked at four times: the language is switched in it as its own
switch does, and the window is made narrow; axe looks at it narrow in one language and wide in the other. `BRANCHLINE_PICTURES` names a
folder in which every look is kept as a picture.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import ConsoleMessage, Page, Playwright, Request, expect

from tests.support.attendee import DESKTOP, PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, ROOT, Installation
from tests.support.people import Person, schedule

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

AXE = (ROOT / "web/node_modules/axe-core/axe.min.js").read_text()
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter(v => ['serious', 'critical'].includes(v.impact))
  .map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))])"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMESPACES = "|".join(sorted(path.stem for path in (ROOT / "web/src/locales/zh").glob("*.json")))
MISSING_KEY = re.compile(rf"\b(?:{NAMESPACES})\.[a-z]+[A-Za-z.]*(?![A-Za-z.\d])")  # and not a webhook's event, which has a version

LOOKS = {"desktop": DESKTOP, "phone": PHONE}
PICTURES = os.environ.get("BRANCHLINE_PICTURES")

#: Who looks at what. What stands in {braces} is found in the demo organisation.
PAGES: dict[str, list[str]] = {
    "secretary": [
        "/",
        "/meetings",
        "/meetings/new",
        "/meetings/{meeting}",
        "/meetings/{meeting}/sheet",
        "/meetings/{meeting}/record",
        "/members",
        "/members?sex=female",
        "/members/import",
        "/members/demo-member-1",
        "/members/demo-member-7/file",
        "/file-requests",
        "/organisations",
        "/records",
        "/points",
        "/account",
        "/transfers",
        "/transfers?box=all",
        "/transfers/new",
        "/transfers/batch",
        "/transfers/import",
        "/transfers/{transfer}",
        "/work?filter=all",
        "/dues",
        "/dues/demo-member-4",
        "/floating",
        "/floating?filter=contactOverdue",
        "/floating/{away}",
        "/floating/{here}",
        "/floating/{away}/certificate",
        "/certificates/check",
        "/reports/branch",
        "/reports/{report}",
        "/branch",
        "/discussion",
        "/discussion/{thread}",
        "/dashboard",
    ],
    "member1": [
        "/",
        "/meetings",
        "/meetings/{meeting}/record",
        "/records",
        "/points",
        "/privacy",
        "/file",
        "/my-data",
        "/access",
        "/help",
        "/nowhere",
        "/away",
        "/transfers",
        "/my-dues",
        "/reports",
        "/reports/new",
        "/notifications",
        "/notifications/settings",
        "/discussion?kind=announcement",
    ],
    "member3": ["/reports"],
    "member2": ["/transfers/{transfer}"],
    "guest": ["/away", "/floating/{here}/certificate"],
    "admin": ["/webhooks", "/transfers", "/transfers/arrival", "/dashboard", "/dashboard/demo-committee/list?behind=late", "/floating"],
    "system": ["/deliveries", "/system"],
    "applicant": ["/reports", "/", "/file"],
    "security": ["/offices", "/protection", "/breaches/{breach}"],
}
OPEN_PAGES = ["/login", "/letters/{letter}", "/test"]


class Watched:
    """A page whose errors and requests are written down."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.errors: list[str] = []
        self._asked_for: set[Request] = set()
        page.on("request", self._asked)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)
        page.on("pageerror", lambda error: self.errors.append(f"page error {error}"))
        page.on("console", self._said)

    def _asked(self, request: Request) -> None:
        self._asked_for.add(request)
        if not request.url.startswith((self.base, self.base.replace("http", "ws", 1), "data:", "blob:")):
            self.errors.append(f"asked outside {request.url}")

    def _answered(self, request: Request) -> None:
        self._asked_for.discard(request)

    def _said(self, message: ConsoleMessage) -> None:
        """That nobody is logged in is an answer, and the browser notes it as an error all the same."""
        where = str(message.location.get("url", ""))
        if message.type == "error" and not (where.endswith("/api/session") and " 401 " in message.text):
            self.errors.append(f"console {message.text} {where}")

    async def open(self, path: str) -> None:
        await self.page.goto(self.base + path)
        await expect(self.page.locator("h1").first).to_be_visible(timeout=10_000)
        await self.settled()

    async def settled(self) -> None:
        """Everything asked for is there, and drawn."""
        quiet = 0
        while quiet < 3:
            await self.page.wait_for_timeout(40)
            quiet = 0 if self._asked_for else quiet + 1

    async def look(self, path: str) -> list[str]:
        """Open a page and say what is wrong with it."""
        await self.open(path)
        return await self.troubles(path)

    async def look_around(self, path: str, name: str) -> list[str]:
        """Open a page and look at it in both languages, wide and narrow."""
        await self.open(path)
        found = await self.both_sizes(f"{name} {path}", ("phone",))
        await self.page.locator("button[lang]").first.click()  # the other language, in which the next page is opened
        await self.page.wait_for_timeout(50)
        return found + await self.both_sizes(f"{name} {path}", ("desktop",))

    async def both_sizes(self, where: str, audited: Collection[str] = tuple(LOOKS)) -> list[str]:
        """axe, the slow one, looks at the sizes named."""
        found: list[str] = []
        for look, size in LOOKS.items():
            await self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            seen = f"{where} {look}-{await self.page.locator('html').get_attribute('lang')}"
            await self._keep(seen)
            found += await self.troubles(seen, look in audited)
        return found

    async def _keep(self, where: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=Path(PICTURES) / f"{re.sub(r'[^A-Za-z0-9]+', '-', where)}.png", full_page=True)

    async def troubles(self, where: str, audited: bool = True) -> list[str]:
        return [f"{where}: {trouble}" for trouble in await self._troubles(audited)]

    async def _troubles(self, audited: bool) -> list[str]:
        found, self.errors = self.errors, []
        wider: float = await self.page.evaluate(TOO_WIDE)
        if wider > 0:
            found.append(f"{wider} px too wide")
        keys = MISSING_KEY.findall(await self.page.inner_text("body"))
        found += [f"untranslated {key}" for key in keys]
        if not audited:
            return found
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(AXE)
        violations: list[Any] = await self.page.evaluate(RUN_AXE)
        return found + [f"axe {violation}" for violation in violations]


async def the_room(chair: Attendee, member: Attendee) -> list[str]:
    """Pre-join page, waiting room, the room itself with its panels and the dialog of leaving, and what comes after it."""
    meeting = await chair.api("/api/home")
    meeting_id = str(meeting["upcoming"][0]["meetingId"])
    ours, theirs = Watched(chair.page, chair.base), Watched(member.page, member.base)
    await member.prepare(meeting_id, "listen")
    found = await theirs.both_sizes("pre-join")
    await member["join"].click()
    await expect(member["waiting-room"]).to_be_visible(timeout=15_000)
    found += await theirs.both_sizes("waiting room")
    await chair.join(meeting_id, "listen")
    await chair.inside()
    await chair["open-meeting"].click()
    await member.inside()
    found += await theirs.both_sizes("room")
    for panel in ("people", "chat"):
        await chair.tap(panel)
        found += await ours.both_sizes(f"room with {panel}")
        await chair["close-panel"].click()
    await chair["leave"].click()
    found += await ours.both_sizes("leaving")
    await chair["end-meeting"].click()
    await expect(member["meeting-over"]).to_be_visible()
    return found + await theirs.both_sizes("after the meeting")


async def something_to_show(base: str) -> str:
    """What would be an empty page otherwise: requests of a member, a webhook that nobody answers, with a delivery that waits, and a breach.

    → the breach
    """
    async with Person(base) as member, Person(base) as admin, Person(base) as secretary, Person(base) as security:
        await member.log_in("member1", DEMO_PASSWORD)
        await member.call("POST", "/api/file-requests", {"changes": {"residence": "演示市南区"}, "note": "搬家"})
        await member.call("POST", "/api/data-requests", {"kind": "explanation", "text": "为什么保存十年？"})
        await admin.log_in("admin", DEMO_PASSWORD)
        listening = {"orgId": "demo-committee", "url": "https://gateway.invalid/in", "events": ["meeting.scheduled.v1"]}
        await admin.call("POST", "/api/webhooks", listening)
        await secretary.log_in("secretary", DEMO_PASSWORD)
        await schedule(secretary, secretary.me["homeBranchId"])
        await security.log_in("security", DEMO_PASSWORD)
        told = dict.fromkeys(("happened", "harm", "measures", "advice", "contact"), "（演示）")
        found = {"title": "导出文件遗失（演示）", "foundAt": datetime.now(UTC).isoformat(), "kinds": ["identity"], "people": 3}
        breach = await security.call("POST", "/api/breaches", found | told)
        return str(breach["breachId"])


async def found_in_the_demo(secretary: Attendee, member: Attendee) -> dict[str, str]:
    """What the braces of PAGES stand for."""
    meetings = await secretary.api("/api/meetings?state=ended&pageSize=1")
    transfer = (await member.api("/api/transfers/own"))["items"][0]["transferId"]
    threads = await secretary.api("/api/threads?kind=announcement")
    away = await secretary.api("/api/floating?filter=open&q=D0009")
    here = await secretary.api("/api/floating?filter=here&q=D0013")
    return {
        "meeting": meetings["items"][0]["meetingId"],
        "transfer": transfer,
        "letter": (await member.api(f"/api/transfers/{transfer}"))["letters"][0]["code"],
        "report": (await secretary.api("/api/reports/tray?state=handedIn"))["items"][0]["reportId"],
        "thread": threads["items"][0]["threadId"],
        "away": away["items"][0]["registrationId"],
        "here": here["items"][0]["registrationId"],
    }


async def test_nothing_is_wrong_with_any_page(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    breach = await something_to_show(installation.base)
    people = {name: await Attendee.log_in(browser, installation.base, name) for name in PAGES}
    stands_for = {"breach": breach, **await found_in_the_demo(people["secretary"], people["member2"])}
    troubles: list[str] = []
    for name, person in people.items():
        watched = Watched(person.page, installation.base)
        for path in PAGES[name]:
            troubles += await watched.look_around(path.format(**stands_for), name)
    stranger = Watched(await (await browser.new_context(locale="zh-CN")).new_page(), installation.base)
    for path in OPEN_PAGES:
        troubles += await stranger.look_around(path.format(**stands_for), "anybody")
    await browser.close()
    assert not troubles, "\n".join(troubles)


async def test_nothing_is_wrong_with_the_room(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    chair = await Attendee.log_in(browser, installation.base, "secretary")
    member = await Attendee.log_in(browser, installation.base, "member1", viewport=PHONE, locale="en-GB")
    await member.speak("en")
    troubles = await the_room(chair, member)
    await browser.close()
    assert not troubles, "\n".join(troubles)
