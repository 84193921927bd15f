"""A member far away with a phone: an announcement read, a thought report written without a network, handed in and answered.

On the way every page of it is looked at with axe, in Chinese on the phone and in English on a desktop.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, expect

from tests.e2e.test_pages import Watched
from tests.support.attendee import DESKTOP, PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LONG = 20_000
PICTURES = os.environ.get("BRANCHLINE_PICTURES")  # a folder: every page looked at is also kept as a picture


async def keep(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def look_at(watched: Watched, paths: list[str], name: str) -> list[str]:
    found = []
    for path in paths:
        found += await watched.look(path)
        await keep(watched.page, f"{name}{path.partition('?')[0].replace('/', '-')}")
    return found


async def test_a_member_far_away(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    member = await Attendee.log_in(browser, installation.base, "member3", viewport=PHONE)
    secretary = await Attendee.log_in(browser, installation.base, "secretary", viewport=DESKTOP, locale="en-US")
    await secretary.speak("en")
    phone, desk = Watched(member.page, installation.base), Watched(secretary.page, installation.base)
    troubles = await look_at(phone, ["/branch", "/reports", "/notifications", "/notifications/settings", "/discussion"], "phone")
    page = member.page

    # the announcement
    await page.goto(f"{installation.base}/branch")
    await page.get_by_role("link", name="关于召开第四季度支部党员大会的通知").first.click()
    await expect(page.get_by_text("请各位在会前阅读学习材料")).to_be_visible(timeout=LONG)
    troubles += await phone.troubles("announcement")

    # written without a network
    await page.goto(f"{installation.base}/reports/new")
    await page.get_by_label("标题").fill("在外地的体会")
    await page.get_by_label("内容", exact=False).first.fill("第一句，有网络。")
    await expect(page.get_by_text("已保存")).to_be_visible(timeout=LONG)
    await member.context.set_offline(True)
    await page.get_by_label("内容", exact=False).first.fill("第一句，有网络。第二句，在火车上，没有网络。")
    await expect(page.get_by_text("没有网络，已保存在本机")).to_be_visible(timeout=LONG)
    await expect(page.get_by_role("button", name="提交")).to_be_disabled()
    troubles += await phone.troubles("offline")
    await keep(page, "phone-offline")
    await member.context.set_offline(False)
    await expect(page.get_by_text("已保存", exact=True)).to_be_visible(timeout=LONG)
    await page.get_by_role("button", name="提交").click()
    await page.get_by_role("button", name="确认提交").click()
    await expect(page.get_by_text("提交后只有支部书记")).to_be_visible(timeout=LONG)
    await expect(page.locator("article")).to_contain_text("在火车上，没有网络。")
    await page.wait_for_url(re.compile(r"/reports/[^?/]+$"))
    address = page.url

    # read and answered
    troubles += await look_at(desk, ["/branch", "/reports", "/reports/branch", "/notifications"], "desk")
    await desk.page.goto(address)
    await desk.page.get_by_label("Answer, or what to revise").fill("收到，注意安全，多联系。")
    await keep(desk.page, "desk-report")
    troubles += await desk.troubles("report to answer")
    await desk.page.get_by_role("button", name="Answer", exact=True).click()
    await expect(desk.page.get_by_text("收到，注意安全，多联系。")).to_be_visible(timeout=LONG)

    # the bell
    await page.goto(f"{installation.base}/notifications")
    await page.get_by_role("link", name="思想汇报已有答复").first.click()
    await expect(page.get_by_text("收到，注意安全，多联系。")).to_be_visible(timeout=LONG)
    await keep(page, "phone-answered")

    # who has read the announcement, and what an administrator sees
    await desk.page.goto(f"{installation.base}/discussion?kind=announcement")
    await desk.page.get_by_role("link", name="关于召开第四季度支部党员大会的通知").first.click()
    await desk.page.get_by_role("button", name="Show").click()
    await expect(desk.page.locator("li", has_text="演示·陈思远")).to_be_visible(timeout=LONG)
    troubles += await desk.troubles("readers")
    await keep(desk.page, "desk-announcement")
    admin = await Attendee.log_in(browser, installation.base, "admin", viewport=DESKTOP)
    troubles += await look_at(Watched(admin.page, installation.base), ["/webhooks"], "admin")
    system = await Attendee.log_in(browser, installation.base, "system", viewport=PHONE)
    troubles += await look_at(Watched(system.page, installation.base), ["/deliveries"], "phone-system")
    await browser.close()
    assert troubles == []
