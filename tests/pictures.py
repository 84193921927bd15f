"""`python -m tests.pictures [folder]`: take the pictures of docs/ from a running installation, as people see it.

Demo members as silhouettes (no person's picture), in both languages, on a desktop and on a phone.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from playwright.async_api import Browser, async_playwright

from tests.e2e.test_mobile_member import play
from tests.support.attendee import DESKTOP, PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import Person, schedule

#: Of all stops of the story of a member away, those that stand in docs/, and what they are called there.
STOPS = {
    "departure-phone-zh": "departure-phone-zh",
    "door-phone-en": "door-phone-en",
    "consent-phone-zh": "consent-phone-zh",
    "branch-phone-zh": "branch-phone-zh",
    "readers-phone-en": "announcement-phone-en",
    "on-a-train-phone-zh": "report-offline-phone-zh",
    "report-to-answer-phone-en": "report-answer-phone-en",
    "moved-phone-zh": "moved-phone-zh",
}
WALLS = {
    "secretary": ("#d9cbb8", "#7a4a3a"),
    "member1": ("#b9c7cf", "#34495e"),
    "member2": ("#c9d2bd", "#4b5d3a"),
    "guest": ("#d6c3c9", "#5e3a52"),
}


def portrait(path: Path, wall: str, coat: str) -> None:
    """A calm room with somebody in it, as a film of still frames Chromium takes for a camera."""
    picture = Image.new("RGB", (640, 480), wall)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 210, 230), fill="#f4efe6")
    draw.rectangle((480, 60, 600, 300), fill="#8d7a66")
    for shelf in range(4):
        draw.rectangle((486, 70 + shelf * 58, 594, 118 + shelf * 58), fill="#efe6d6" if shelf % 2 else "#c7b59c")
    picture = picture.filter(ImageFilter.GaussianBlur(6))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((160, 330, 480, 720), fill=coat)
    draw.ellipse((240, 120, 400, 320), fill=coat)
    still = path.with_suffix(".png")
    picture.filter(ImageFilter.GaussianBlur(1)).save(still)
    command = ["ffmpeg", "-v", "error", "-y", "-loop", "1", "-i", str(still), "-t", "2", "-r", "15", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)


async def take(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary))
        await installation.prepare()
        await installation.start()
        try:
            await _tour(installation, Path(temporary), folder)
            await _walk(installation, Path(temporary), folder)
        finally:
            await installation.stop()


async def _tour(installation: Installation, films: Path, folder: Path) -> None:
    async with Person(installation.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        meeting = await schedule(secretary, secretary.me["homeBranchId"], "第四季度支部党员大会")
    meeting_id = str(meeting["meetingId"])
    async with async_playwright() as playwright:
        people: dict[str, Attendee] = {}
        for name, (wall, coat) in WALLS.items():
            film = films / f"{name}.mjpeg"
            portrait(film, wall, coat)
            browser = await launch(playwright, extra=(f"--use-file-for-fake-video-capture={film}",))
            viewport, locale = (PHONE, "en-US") if name == "member2" else (None, "zh-CN")
            people[name] = await Attendee.log_in(browser, installation.base, name, viewport=viewport, locale=locale)
        await people["member2"].speak("en")
        chair, phone = people["secretary"], people["member2"]
        await people["member1"].prepare(meeting_id)
        await _shoot(people["member1"], folder / "prejoin-desktop-zh.png")
        await phone.prepare(meeting_id)
        await _shoot(phone, folder / "prejoin-phone-en.png")
        await chair.join(meeting_id, microphone=True)
        await chair.inside()
        await chair["open-meeting"].click()
        for name in ("member1", "guest"):
            await people[name].join(meeting_id, microphone=name == "member1")
            await people[name].inside()
        await phone["join"].click()
        await phone.inside()
        await people["guest"]["raise-hand"].click()
        await people["member1"]["chat"].click()
        await people["member1"]["chat-input"].fill("同意，建议下月继续讨论。")
        await people["member1"]["chat-send"].click()
        await chair["people"].click()
        await asyncio.sleep(4)
        await _shoot(chair, folder / "meeting-desktop-zh.png")
        await _shoot(phone, folder / "meeting-phone-en.png")
        await chair["leave"].click()
        await chair["end-meeting"].click()
        await asyncio.sleep(1)
        await _pages(people, folder)


async def _walk(installation: Installation, album: Path, folder: Path) -> None:
    """The story of a member away; and what the branch sees of members away, on a desktop."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        office = await Attendee.log_in(browser, installation.base, "secretary", viewport=DESKTOP)
        await office.speak("zh")
        away = (await office.api("/api/floating?filter=open&q=D0009"))["items"][0]["registrationId"]
        await office.page.goto(f"{office.base}/floating/{away}")
        await _shoot(office, folder / "registration-desktop-zh.png")
        await office.speak("en")
        await office.page.goto(f"{office.base}/dashboard")
        await _shoot(office, folder / "dashboard-desktop-en.png")
        await office.page.set_viewport_size({"width": 360, "height": 740})
        await office.speak("zh")
        await office.page.goto(f"{office.base}/dashboard")
        await _shoot(office, folder / "dashboard-phone-zh.png")
        troubles = await play(browser, installation.base, album)
        assert troubles == [], troubles
    for stop, name in STOPS.items():
        _keep(album / f"{stop}.png", folder / f"{name}.png")


async def _pages(people: dict[str, Attendee], folder: Path) -> None:
    """The sheet of the demo's held meeting, and the start pages."""
    chair = people["secretary"]
    held = await chair.api("/api/meetings?state=ended&pageSize=5")
    meeting_id = held["items"][-1]["meetingId"]
    for path, name in ((f"/meetings/{meeting_id}/sheet", "sheet"), ("/", "start")):
        await chair.page.set_viewport_size({"width": 1280, "height": 800})
        await chair.page.goto(f"{chair.base}{path}")
        await _shoot(chair, folder / f"{name}-desktop-zh.png")
    await chair.page.goto(f"{chair.base}/transfers?box=all")
    await _shoot(chair, folder / "transfers-desktop-zh.png")
    phone = people["member2"]
    own = await phone.api("/api/transfers/own")
    await phone.page.goto(f"{phone.base}/transfers/{own['items'][0]['transferId']}")
    await _shoot(phone, folder / "transfer-phone-en.png")
    away = await Attendee.log_in(_browser(chair), chair.base, "guest", viewport=PHONE, locale="zh-CN")
    await away.page.goto(f"{away.base}/away")
    await _shoot(away, folder / "away-phone-zh.png")
    registration = (await away.api("/api/away"))["registration"]["registrationId"]
    await away.speak("en")
    await away.page.set_viewport_size({"width": 360, "height": 990})
    await away.page.goto(f"{away.base}/floating/{registration}/certificate")
    await _shoot(away, folder / "certificate-phone-en.png")
    english = await Attendee.log_in(_browser(chair), chair.base, "secretary", viewport=PHONE, locale="en-US")
    await english.speak("en")
    await english.page.goto(f"{english.base}/meetings/{meeting_id}/sheet")
    await _shoot(english, folder / "sheet-phone-en.png")


def _browser(person: Attendee) -> Browser:
    assert person.context.browser is not None
    return person.context.browser


async def _shoot(person: Attendee, path: Path) -> None:
    await person.page.wait_for_load_state("networkidle")
    await asyncio.sleep(0.5)
    await person.page.screenshot(path=path)
    _keep(path, path)


def _keep(taken: Path, path: Path) -> None:
    """Pages have few colours: a palette of 256 halves the file and is not seen."""
    with Image.open(taken) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(target))
