"""A member away, from the departure to the receipt of the transfer it leads to, on phones of 360 px: one story, seven people.

The member reads Chinese, those who look after the member English. News reach the open page by themselves and are followed from there. The
host branch reads the certificate from a photo of the member's screen; its meeting is held in real Chromiums and stands in both branches'
books; the thought report is begun with a network and finished without one. Whatever page the story passes, axe finds nothing serious on it,
nothing is wider than the screen, nothing is untranslated, and nobody else's server is asked.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, WebSocket, expect
from playwright.async_api import Error as PlaywrightError

from tests.e2e.test_pages import Watched
from tests.support.attendee import PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import PASSWORD, Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LONG = 20_000
CAMPUS_BRANCH = "demo-campus-first"
PICTURES = os.environ.get("BRANCHLINE_PICTURES")  # a folder: every stop of the story is also kept as a picture


class Phone:
    """Somebody with a phone in their hand. `troubles` is what was wrong with any page so far; `album` a folder for pictures."""

    def __init__(self, who: Attendee, troubles: list[str], album: Path | None) -> None:
        self.who = who
        self.page = who.page
        self.watched = Watched(who.page, who.base)
        self._troubles = troubles
        self._album = album
        self._lines: set[WebSocket] = set()  # on which the page is told
        who.page.on("websocket", self._called)
        who.page.on("domcontentloaded", lambda _: self._lines.clear())  # of a page that is left nothing is told any more

    def _called(self, line: WebSocket) -> None:
        line.on("framereceived", lambda frame: self._lines.add(line) if str(frame).startswith("40") else None)
        line.on("close", lambda _: self._lines.discard(line))

    async def listens(self) -> None:
        """What happens now will be told to this page at once."""
        for _ in range(200):
            if self._lines:
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.page.url} has no line")

    async def go(self, path: str) -> None:
        await self.watched.open(path)

    async def stop(self, where: str) -> None:
        """Look around here."""
        await self.watched.settled()
        self._troubles += await self.watched.troubles(where)
        if self._album is not None:
            language = str(await self.page.locator("html").get_attribute("lang"))[:2]
            await self.page.screenshot(path=self._album / f"{where.replace(' ', '-')}-phone-{language}.png", scale="css")

    async def wait_for_news(self, path: str) -> None:
        """Open a page, and wait until the line is there on which it is told."""
        await self.go(path)
        await self.listens()

    async def follow(self, news: str) -> None:
        """Tap the news that has just come in; it stays for some seconds, so nothing long may stand between what is told and this."""
        link = self.page.get_by_role("status").get_by_role("link", name=news)
        await expect(link.first).to_be_visible(timeout=LONG)
        await link.first.click()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def sees(self, text: str) -> None:
        await expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(timeout=LONG)

    async def step(self, name: str, **fields: str) -> None:
        """A step of a transfer: fill in what it asks for (label → value), and take it."""
        await self.page.locator(f"[data-test=step-{name}]").click()
        await self.watched.settled()
        for label, value in fields.items():
            await self.page.locator(".dialog").locator("input, textarea").and_(self.page.get_by_label(label)).fill(value)
        await self.stop(f"step {name}")
        await self.page.locator("[data-test=take-step]").click()
        await expect(self.page.locator("[data-test=take-step]")).to_have_count(0)


class Cast:
    """Everybody in it. `meeting_id`, `registration` and `transfer` (paths) are set as the story comes to them."""

    member: Phone
    home: Phone
    liaison: Phone
    committee: Phone
    host: Phone
    campus: Phone
    meeting_id = registration = transfer = ""

    def __init__(self, browser: Browser, base: str, album: Path | None) -> None:
        self.browser = browser
        self.base = base
        self.album = album
        self.troubles: list[str] = []
        self._phones: list[Phone] = []

    @property
    def seen(self) -> str:
        """What a story that broke off had to say until then."""
        return "\n".join([*self.troubles, *(f"{one.page.url}: {one.watched.errors}" for one in self._phones)])

    async def enter(self, username: str, locale: str = "en", password: str = DEMO_PASSWORD) -> Phone:
        who = await Attendee.log_in(
            self.browser, self.base, username, viewport=PHONE, locale=locale, password=password, sharp=username == "member1"
        )
        await who.speak(locale)
        self._phones.append(Phone(who, self.troubles, self.album))
        return self._phones[-1]


async def secretary_at_the_campus(base: str) -> str:
    """The demo's campus has nobody yet: its first branch gets a secretary. → the username"""
    async with Person(base) as admin:
        await admin.log_in("campus", DEMO_PASSWORD)
        body = {"number": "X0001", "name": "演示·高书记", "stage": "full", "homeBranchId": CAMPUS_BRANCH}
        member = await admin.call("POST", "/api/members", body)
        post = {"orgId": CAMPUS_BRANCH, "kind": "secretary", "since": "2025-01-01"}
        await admin.call("POST", f"/api/members/{member['memberId']}/posts", post)
        account = await admin.call("POST", f"/api/members/{member['memberId']}/account", {"username": "campus.secretary"})
    async with Person(base) as secretary:
        await secretary.log_in("campus.secretary", account["password"])
    return "campus.secretary"


async def departure(cast: Cast) -> None:
    """The member says whither; the home branch is told at once, names a liaison and issues the certificate."""
    home, member = cast.home, cast.member
    await home.wait_for_news("/floating")
    await member.wait_for_news("/away")
    await member.press("报告外出")
    await member.page.get_by_label("城市或区县").fill("演示大学城")
    await member.page.get_by_label("外出期间联系方式").fill("13800000003")
    await member.stop("departure")
    await member.press("提交报告")
    await expect(member.page.get_by_role("heading", name="演示大学城")).to_be_visible()
    await home.follow("A member has reported a departure")
    await member.press("我还在这里")  # a sign of life takes one tap
    await member.sees("已报告，谢谢")

    await expect(home.page.get_by_role("heading", name="演示·张晓梅")).to_be_visible()
    cast.registration = home.page.url.removeprefix(cast.base)
    await home.press("Name the liaison")
    await home.page.get_by_label("Choose a member").select_option(label="演示·王建国")
    await home.press("Save")
    await home.sees("演示·王建国")
    await home.stop("registration")
    await home.press("Issue")


async def report_in(cast: Cast) -> None:
    """The certificate on the member's screen is photographed at the host's door; a forged one is told; a yes on the phone reports in."""
    member, host = cast.member, cast.host
    await member.follow("您的流动党员活动证已签发")
    await expect(cast.home.page.get_by_role("link", name="Show")).to_be_visible()
    await member.page.get_by_role("link", name="出示活动证").click()
    square = member.page.get_by_role("img", name="由流入地支部扫码核验")
    await expect(square).to_be_visible()
    await member.stop("certificate")
    photo = await square.screenshot()

    await host.go("/certificates/check")
    code = (await member.who.api(f"/api{cast.registration}/certificate"))["code"]
    await host.page.get_by_label("Paste the code").fill(code[:-4] + ("AAAA" if code[-4:] != "AAAA" else "BBBB"))
    await host.press("Check")
    await host.sees("Not to be trusted")
    await host.page.locator("input[type=file]").set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": photo})
    await expect(host.page.get_by_text("Genuine", exact=True)).to_be_visible(timeout=LONG)
    await host.sees("Checked online")
    await member.listens()
    await host.press("Take in")
    await member.follow("请求查看")
    await host.sees("The member is asked for consent on the phone")
    await host.stop("door")
    await member.stop("consent")
    await member.press("同意")
    await member.sees("已报到")
    await member.stop("reported in")


async def meeting_at_the_host(cast: Cast) -> None:
    """Called by the host's secretary, heard of by the member, held in two browsers, and found in the books of both branches."""
    member, host, home = cast.member, cast.host, cast.home
    await member.wait_for_news("/")
    await host.go("/meetings/new")
    form = host.page.get_by_label("Form of organisational life")
    await form.select_option("THEMED_PARTY_DAY")
    await host.page.get_by_label("Title").fill("主题党日")
    soon = "() => new Date(Date.now() + 60000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16)"
    later = soon.replace("60000 -", "3660000 -")
    await host.page.get_by_label("Starts").fill(await host.page.evaluate(soon))
    await host.page.get_by_label("Ends").fill(await host.page.evaluate(later))
    await host.stop("meeting called")
    await host.press("Schedule")
    await host.page.wait_for_url(re.compile(r"/meetings/(?!new)[^/]+$"))
    cast.meeting_id = host.page.url.rsplit("/", 1)[1]

    await member.follow("演示大学城第一支部")
    await expect(member.page.get_by_role("link", name="进入会议")).to_be_visible()
    await member.who.join(cast.meeting_id)
    await expect(member.who["waiting-room"]).to_be_visible(timeout=LONG)
    await host.who.join(cast.meeting_id)
    await host.who.inside()
    await host.who["open-meeting"].click()
    await member.who.inside()
    await member.who.watches(host.who)
    await host.who.watches(member.who)
    await member.who.tap("raise-hand")
    await expect(host.who.tile(member.who)).to_have_attribute("data-hand", "1")
    await host.who["leave"].click()
    await host.who["end-meeting"].click()
    await expect(member.who["meeting-over"]).to_be_visible()

    row = next(one for one in (await host.who.sheet_of(cast.meeting_id))["rows"] if one["memberId"] == member.who.member_id)
    assert row["presentSeconds"] > 0, row
    await host.go(f"/meetings/{cast.meeting_id}/sheet")
    await host.sees("演示·张晓梅")
    await host.stop("sheet at the host")
    await home.go(f"/members/{member.who.member_id}")
    kept = home.page.get_by_role("listitem").filter(has_text="演示大学城第一支部")  # the member's line, not the host's sheet
    await expect(kept).to_contain_text("主题党日")
    await expect(kept.get_by_role("link")).to_have_count(0)
    await home.stop("records at home")


async def announcement(cast: Cast) -> None:
    """Far away, and still in the branch: an announcement is read, and the secretary sees by whom."""
    await cast.member.go("/branch")
    await cast.member.stop("branch")
    await cast.member.page.get_by_role("link", name="关于召开第四季度支部党员大会的通知").first.click()
    await cast.member.sees("请各位在会前阅读学习材料")
    await cast.home.go("/discussion?kind=announcement")
    await cast.home.page.get_by_role("link", name="关于召开第四季度支部党员大会的通知").first.click()
    await cast.home.press("Show")
    await expect(cast.home.page.locator("li", has_text="演示·张晓梅")).to_be_visible(timeout=LONG)
    await cast.home.stop("readers")


async def contact_and_report(cast: Cast) -> None:
    """The liaison logs a contact; the report is finished on a train, read and answered, and the answer reaches the open page."""
    member, liaison = cast.member, cast.liaison
    await liaison.wait_for_news("/floating?filter=mine")
    await liaison.page.get_by_role("link", name="演示·张晓梅").click()
    await liaison.press("Log a contact")
    await liaison.page.get_by_label("What was learned").fill("已安顿，参加了主题党日")
    await liaison.press("Save")
    await liaison.sees("已安顿，参加了主题党日")
    await liaison.stop("contact")

    await member.wait_for_news("/reports/new")
    text = member.page.get_by_label("内容", exact=False).first
    await member.page.get_by_label("标题").fill("在外地的体会")
    await text.fill("第一句，有网络。")
    await member.sees("已保存")
    await member.who.context.set_offline(True)
    await text.fill("第一句，有网络。第二句，在火车上，没有网络。")
    await member.sees("没有网络，已保存在本机")
    await expect(member.page.get_by_role("button", name="提交")).to_be_disabled()
    await member.page.get_by_text("没有网络，已保存在本机").scroll_into_view_if_needed()
    member.watched.errors.clear()  # the browser says that it has no network, and should
    await member.stop("on a train")
    await member.who.context.set_offline(False)
    await expect(member.page.get_by_text("已保存", exact=True)).to_be_visible(timeout=LONG)
    member.watched.errors.clear()
    await liaison.listens()
    await member.press("提交")
    await member.press("确认提交")
    await member.sees("提交后只有支部书记")

    await liaison.follow("演示·张晓梅")
    await expect(liaison.page.locator("article")).to_contain_text("在火车上，没有网络。")
    await liaison.page.get_by_label("Answer, or what to revise").fill("收到，注意安全，多联系。")
    await liaison.stop("report to answer")
    await member.listens()
    await liaison.press("Answer")
    await liaison.sees("Answered")
    await member.follow("思想汇报")
    await member.sees("收到，注意安全，多联系。")
    await member.stop("answered")


async def transfer(cast: Cast) -> None:
    """Where life is, there the relation goes: applied for from the registration, checked, approved, with its letter, to the receipt."""
    member, committee, campus = cast.member, cast.committee, cast.campus
    await member.wait_for_news("/away")
    await member.sees("已安顿，参加了主题党日")
    await member.page.get_by_role("link", name="申请转接组织关系").click()
    await member.sees("演示大学城党委")  # the host's committee and branch, from the registration
    await expect(member.page.locator(".chosen")).to_have_count(2)
    await member.page.get_by_label("我已阅读并单独同意").check()
    await member.stop("applying")
    await member.page.locator("[data-test=hand-in]").click()
    await member.sees("下一步：支部审核")
    cast.transfer = member.page.url.removeprefix(cast.base)

    await cast.home.go("/transfers")
    await cast.home.page.get_by_role("link", name="演示·张晓梅").click()
    month = (await member.page.evaluate("() => new Date().toISOString()"))[:7]
    await cast.home.step("PassHomeCheck", **{"Dues paid until": month})
    await committee.go(cast.transfer)
    for name in ("Approve", "IssueLetter", "Dispatch"):
        await committee.step(name)
    letter = (await committee.who.api(f"/api{cast.transfer}"))["letters"][0]
    await campus.go("/transfers")
    await campus.go(cast.transfer)
    await campus.step("PresentLetter", **{"Number of the letter": letter["number"]})
    await campus.step("AssignBranch")  # the branch wished for
    await member.listens()
    await campus.step("SendReceipt", **{"Signed by": "演示·受理员"})
    await campus.sees("Responsible today: 演示大学城第一支部")

    await member.follow("组织关系已转入")
    await member.sees("现由演示大学城第一支部负责管理")
    await member.stop("moved")
    assert (await member.who.api("/api/session"))["homeBranchName"] == "演示大学城第一支部"
    assert (await member.who.api("/api/away"))["registration"] is None  # closed by the receipt, in the same moment
    anybody = await cast.browser.new_context(viewport={"width": PHONE["width"], "height": PHONE["height"]}, locale="zh-CN")
    watched = Watched(await anybody.new_page(), cast.base)
    cast.troubles += await watched.look(f"/letters/{letter['code']}")
    await expect(watched.page.locator("[data-test=standing]")).to_contain_text("已经接收")


async def the_other_language(cast: Cast) -> None:
    """What matters, read again by who reads the other one."""
    await cast.member.who.speak("en")
    for path, words in (("/away", "You are not registered as away."), (cast.transfer, "Receipt given"), ("/reports", "Answered")):
        await cast.member.go(path)
        await cast.member.sees(words)
        await cast.member.stop(f"in English {path.split('/')[1]}")
    for who, path, words in (
        (cast.home, cast.registration, "已转接"),
        (cast.home, "/floating?filter=closed", "演示·张晓梅"),
        (cast.host, f"/meetings/{cast.meeting_id}/sheet", "主题党日"),
    ):
        await who.who.speak("zh")
        await who.go(path)
        await who.sees(words)
        await who.stop(f"in Chinese {path.split('/')[1].partition('?')[0]}")


async def play(browser: Browser, base: str, album: Path | None) -> list[str]:
    """The whole story. → what was wrong with its pages"""
    cast = Cast(browser, base, album)
    host = await secretary_at_the_campus(base)
    cast.member = await cast.enter("member1", "zh")
    cast.home, cast.liaison = await cast.enter("secretary"), await cast.enter("deputy")
    cast.committee, cast.campus = await cast.enter("admin"), await cast.enter("campus")
    cast.host = await cast.enter(host, password=PASSWORD)
    for chapter in (departure, report_in, meeting_at_the_host, announcement, contact_and_report, transfer, the_other_language):
        try:
            await chapter(cast)
        except (AssertionError, PlaywrightError) as broken:
            broken.add_note(cast.seen)
            raise
    return cast.troubles


async def test_a_member_away_from_departure_to_receipt(installation: Installation, playwright: Playwright) -> None:
    browser = await launch(playwright)
    troubles = await play(browser, installation.base, Path(PICTURES) if PICTURES else None)
    await browser.close()
    assert troubles == []
