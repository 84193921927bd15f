"""A member away, on a phone of 360 px: departure, the certificate at the host's door, consent, report-in, contact – and every page as it
should be in both languages: axe finds nothing, nothing too wide, nothing untranslated, nothing asked of another server.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Playwright, expect

from tests.e2e.test_pages import Watched
from tests.support.attendee import DESKTOP, PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def registration_of(someone: Attendee, number: str, which: str = "open") -> dict[str, Any]:
    page = await someone.api(f"/api/floating?filter={which}&q={number}")
    found: dict[str, Any] = page["items"][0]
    return found


async def test_from_departure_to_contact_on_a_phone(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    base = installation.base
    member = await Attendee.log_in(browser, base, "member2", viewport=PHONE)
    home = await Attendee.log_in(browser, base, "secretary", viewport=PHONE)
    host = await Attendee.log_in(browser, base, "admin", viewport=PHONE)
    troubles: list[str] = []

    # departure
    phone = Watched(member.page, base)
    troubles += await phone.look("/away")
    await member.page.get_by_role("button", name="报告外出").click()
    await member.page.get_by_label("城市或区县").fill("杭州市西湖区")
    await member.page.get_by_label("外出期间联系方式").fill("13800001234")
    troubles += await phone.troubles("the form")
    await member.page.get_by_role("button", name="提交报告").click()
    await expect(member.page.get_by_role("heading", name="杭州市西湖区")).to_be_visible()

    # a sign of life takes one tap
    await member.page.get_by_role("button", name="我还在这里").click()
    await expect(member.page.get_by_text("已报告，谢谢")).to_be_visible()

    # the home branch names a liaison and issues the certificate
    desk = Watched(home.page, base)
    troubles += await desk.look("/floating")
    await home.page.get_by_role("link", name="演示·刘志强").click()
    await home.page.get_by_role("button", name="确定联系人").click()
    await home.page.get_by_label("选择党员").select_option(label="演示·赵明月")
    await home.page.get_by_role("button", name="保存").click()
    await expect(home.page.get_by_text("演示·赵明月").first).to_be_visible()
    await home.page.get_by_role("button", name="签发活动证").click()
    await expect(home.page.get_by_role("link", name="出示")).to_be_visible()
    troubles += await desk.troubles("one registration")

    # the member shows it; the host reads the code without a camera, first alone and then online
    await member.page.reload()
    await member.page.get_by_role("link", name="出示活动证").click()
    await expect(member.page.get_by_role("img", name="由流入地支部扫码核验")).to_be_visible()
    troubles += await phone.troubles("the certificate")
    code = await certificate_code(home)
    door = Watched(host.page, base)
    troubles += await door.look("/certificates/check")
    await host.page.get_by_label("粘贴二维码内容").fill(code[:-4] + ("AAAA" if code[-4:] != "AAAA" else "BBBB"))
    await host.page.get_by_role("button", name="查验", exact=True).click()
    await expect(host.page.get_by_text("不可信").first).to_be_visible()
    await host.page.get_by_label("粘贴二维码内容").fill(code)
    await host.page.get_by_role("button", name="查验", exact=True).click()
    await expect(host.page.get_by_text("已联网核对")).to_be_visible()
    await host.page.get_by_label("在哪个支部报到").select_option(label="演示第二支部")
    await host.page.get_by_role("button", name="接收报到").first.click()
    await expect(host.page.get_by_text("已请本人在手机上确认是否同意")).to_be_visible()
    troubles += await door.troubles("the host's door")

    # consent on the phone reports the member in
    troubles += await phone.look("/away")
    await member.page.get_by_role("button", name="同意", exact=True).click()
    await expect(member.page.get_by_text("已报到").first).to_be_visible()

    # contact
    await home.page.reload()
    await home.page.get_by_role("button", name="记一次联系").click()
    await home.page.get_by_label("了解到的情况").fill("已安顿，参加了支部主题党日")
    await home.page.get_by_role("button", name="保存").click()
    await expect(home.page.get_by_text("已安顿，参加了支部主题党日")).to_be_visible()
    await member.page.reload()
    await expect(member.page.get_by_text("已安顿，参加了支部主题党日")).to_be_visible()
    assert (await registration_of(home, "D0004"))["state"] == "reportedIn"
    await browser.close()
    assert troubles == []


async def certificate_code(home: Attendee) -> str:
    one = await registration_of(home, "D0004")
    shown = await home.api(f"/api/floating/{one['registrationId']}/certificate")
    code: str = shown["code"]
    return code


async def test_the_pages_of_a_branch_in_english_on_a_desktop(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    secretary = await Attendee.log_in(browser, installation.base, "secretary", viewport=DESKTOP, locale="en-GB")
    await secretary.speak("en")
    guest = await Attendee.log_in(browser, installation.base, "guest", viewport=PHONE, locale="en-GB")
    await guest.speak("en")
    key = (await registration_of(secretary, "D0009"))["registrationId"]
    here = (await registration_of(secretary, "D0013", "here"))["registrationId"]
    watched, phone = Watched(secretary.page, installation.base), Watched(guest.page, installation.base)
    troubles: list[str] = []
    for path in ("/floating", "/floating?filter=contactOverdue", f"/floating/{key}", f"/floating/{here}", f"/floating/{key}/certificate"):
        troubles += await watched.look(path)
    for path in ("/away", "/floating?filter=mine", "/certificates/check"):
        troubles += await phone.look(path)
    await browser.close()
    assert troubles == []
