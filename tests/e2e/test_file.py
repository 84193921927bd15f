"""A member's file on a telephone: a correction asked for, accepted and told; the ID number for a reason; one's data to take away."""

from __future__ import annotations

import zipfile

import pytest
from playwright.async_api import Playwright, expect

from tests.support.attendee import PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


async def test_a_correction_from_the_member_to_the_history(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    member = await Attendee.log_in(browser, installation.base, "member1", viewport=PHONE)
    page = member.page
    await page.goto(f"{installation.base}/file")
    await page.get_by_role("button", name="申请更正 · 联系方式").click()
    await page.get_by_label("居住地").fill("演示市南区")
    await page.get_by_label("理由").fill("搬家")
    await page.get_by_role("button", name="提交").click()
    requests = page.get_by_role("region", name="我的更正申请")
    await expect(requests).to_contain_text("待处理")

    secretary = await Attendee.log_in(browser, installation.base, "secretary", viewport=PHONE)
    theirs = secretary.page
    await theirs.goto(f"{installation.base}/file-requests")
    await expect(theirs.get_by_text("演示市南区")).to_be_visible()
    await theirs.get_by_role("button", name="同意并更新档案").click()
    await expect(theirs.get_by_text("没有待处理的更正申请。")).to_be_visible()
    await theirs.goto(f"{installation.base}/members/{member.member_id}/file")
    history = theirs.get_by_role("region", name="变更记录")
    await expect(history).to_contain_text("演示市南区")
    await expect(history).to_contain_text("本人申请")
    await theirs.get_by_role("button", name="查看", exact=True).click()
    dialog = theirs.get_by_role("dialog")
    await dialog.get_by_label("理由").fill("开具介绍信")
    await dialog.get_by_role("button", name="查看").click()
    await expect(theirs.get_by_role("region", name="身份", exact=True)).to_contain_text("0000001")

    await page.goto(f"{installation.base}/access")
    await expect(page.get_by_text("开具介绍信")).to_be_visible()
    await page.goto(f"{installation.base}/my-data")
    async with page.expect_download() as taken:
        await page.get_by_role("link", name="导出我的信息").click()
    with zipfile.ZipFile(await (await taken.value).path()) as archive:
        assert "演示市南区" in archive.read("index.html").decode()
    await browser.close()
