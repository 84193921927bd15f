"""A transfer as people do it on their phones: applied for, checked, sent off with its letter, taken in elsewhere, followed to the end;
and the same from a departure on, whose registration the receipt closes.

Nothing serious is found by axe on any page it passes, nothing is wider than the screen, and no key of a missing translation shows.
"""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.e2e.test_pages import Watched
from tests.support.attendee import PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


class Desk:
    """Somebody with a phone and a transfer open on it."""

    def __init__(self, who: Attendee) -> None:
        self.who = who
        self.page = who.page
        self.watched = Watched(who.page, who.base)

    @classmethod
    async def of(cls, browser: Browser, installation: Installation, username: str, locale: str = "zh") -> Desk:
        who = await Attendee.log_in(browser, installation.base, username, viewport=PHONE)
        await who.speak(locale)
        return cls(who)

    async def look(self, path: str) -> list[str]:
        return await self.watched.look(path)

    async def step(self, name: str, **fields: str) -> list[str]:
        """Press the step, fill in what it asks for (label → value), and take it."""
        await self.page.locator(f"[data-test=step-{name}]").click()
        for label, value in fields.items():
            field = self.page.locator(".dialog").locator("input, select, textarea").and_(self.page.get_by_label(label))
            await field.fill(value)
            if await field.get_attribute("type") == "search":
                await self.page.locator(".dialog").get_by_role("radio", name=value).click()
        found = await self.watched.troubles(name)
        await self.page.locator("[data-test=take-step]").click()
        await expect(self.page.locator("[data-test=take-step]")).to_have_count(0)
        return found


async def applied(member: Desk) -> tuple[str, list[str]]:
    """The member asks to be moved to the campus. → the address of the transfer, and what is wrong with the pages"""
    troubles = await member.look("/transfers")
    await member.page.locator("[data-test=apply]").click()
    await member.page.get_by_label("Committee it goes to").fill("大学城")
    await member.page.get_by_role("radio", name="演示大学城党委").click()
    await member.page.get_by_label("Reason").fill("New work on the campus")
    await member.page.get_by_label("I have read this and consent").check()
    troubles += await member.watched.troubles("applying")
    await member.page.locator("[data-test=hand-in]").click()
    await expect(member.page.get_by_text("Next: Branch checks")).to_be_visible()
    return member.page.url.removeprefix(member.who.base), troubles + await member.watched.troubles("applied")


async def test_from_the_application_to_the_receipt_on_phones(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    member = await Desk.of(browser, installation, "member1", "en")
    address, troubles = await applied(member)

    secretary = await Desk.of(browser, installation, "secretary")
    troubles += await secretary.look("/transfers")
    await secretary.page.get_by_role("link", name="演示·张晓梅").click()
    troubles += await secretary.step("PassHomeCheck", 党费交至="2099-01")

    committee = await Desk.of(browser, installation, "admin")
    troubles += await committee.look(address)
    for name in ("Approve", "IssueLetter", "Dispatch"):
        troubles += await committee.step(name)
    transfer = await committee.who.api(f"/api{address}")
    letter = transfer["letters"][0]

    host = await Desk.of(browser, installation, "campus")
    troubles += await host.look("/transfers")
    troubles += await host.look(address)
    troubles += await host.step("PresentLetter", 介绍信编号=letter["number"])
    troubles += await host.step("AssignBranch", 编入支部="演示大学城第一支部")
    troubles += await host.step("SendReceipt", 经办人="演示·受理员")
    await expect(host.page.get_by_text("现由演示大学城第一支部负责管理")).to_be_visible()

    troubles += await member.look(address)
    await expect(member.page.get_by_text("Responsible today: 演示大学城第一支部")).to_be_visible()
    assert (await member.who.api("/api/session"))["homeBranchName"] == "演示大学城第一支部"

    anybody = await browser.new_context(viewport={"width": PHONE["width"], "height": PHONE["height"]}, locale="zh-CN")
    watched = Watched(await anybody.new_page(), installation.base)
    troubles += await watched.look(f"/letters/{letter['code']}")
    await expect(watched.page.locator("[data-test=standing]")).to_contain_text("已经接收")
    await browser.close()
    assert troubles == []


async def away_at_the_campus(browser: Browser, installation: Installation) -> Desk:
    """member1 reports to be away at the campus. The host's part has a story of its own."""
    member = await Desk.of(browser, installation, "member1")
    await member.look("/away")
    await member.page.get_by_role("button", name="报告外出").click()
    await member.page.get_by_label("城市或区县").fill("演示大学城")
    await member.page.get_by_label("外出期间联系方式").fill("13800000003")
    await member.page.get_by_role("button", name="提交报告").click()
    await expect(member.page.get_by_role("heading", name="演示大学城")).to_be_visible()
    return member


async def test_a_member_away_moves_the_relation_to_where_life_is(installation: Installation, playwright: Playwright) -> None:
    """Departure, then the transfer it leads on to, and its receipt: the registration is closed as transferred in the same moment."""
    browser = await launch(playwright)
    member = await away_at_the_campus(browser, installation)
    await member.page.get_by_role("link", name="转接组织关系").click()
    await member.page.get_by_label("转往的党委").fill("demo-x")
    await member.page.get_by_role("radio", name="演示大学城党委").click()
    await member.page.get_by_label("我已阅读并单独同意").check()
    troubles = await member.watched.troubles("from the registration")
    await member.page.locator("[data-test=hand-in]").click()
    await expect(member.page.get_by_text("下一步：支部审核")).to_be_visible()
    address = member.page.url.removeprefix(member.who.base)
    secretary, committee, host = [await Desk.of(browser, installation, name) for name in ("secretary", "admin", "campus")]
    await secretary.look(address)
    await secretary.step("PassHomeCheck", 党费交至="2099-01")
    await committee.look(address)
    for name in ("Approve", "IssueLetter", "Dispatch"):
        await committee.step(name)
    letter = (await committee.who.api(f"/api{address}"))["letters"][0]
    await host.look(address)
    await host.step("PresentLetter", 介绍信编号=letter["number"])
    await host.step("AssignBranch", 编入支部="演示大学城第一支部")
    away = (await secretary.who.api("/api/floating?filter=open&q=D0003"))["items"]
    assert len(away) == 1
    await host.step("SendReceipt", 经办人="演示·受理员")
    assert (await secretary.who.api("/api/floating?filter=open&q=D0003"))["items"] == []
    troubles += await member.look("/away")
    await browser.close()
    assert troubles == []
