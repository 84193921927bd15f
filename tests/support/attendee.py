"""A person at a browser in a meeting: what they click, and what they see and hear, told in short verbs."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.installation import DEMO_PASSWORD

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}

#: Not every browser counts the pictures of a live stream (Firefox: always 0), but each says at the next one how many it was.
REMOTE_FRAMES = """async () => {
  const shown = video => new Promise(done => {
    const counted = video.getVideoPlaybackQuality().totalVideoFrames;
    if (counted || video.readyState < 2) return done(counted);
    const patience = setTimeout(() => done(video.lastCounted ?? 0), 400);
    video.requestVideoFrameCallback((_, { presentedFrames }) => {
      clearTimeout(patience);
      done(video.lastCounted = presentedFrames);
    });
  });
  const tiles = [...document.querySelectorAll('[data-testid=tile]')];
  return Object.fromEntries(await Promise.all(tiles.map(async tile => {
    const video = tile.querySelector('video');
    return [tile.dataset.memberId, video ? await shown(video) : 0];
  })));
}"""

LOUDEST = """async (seconds) => {
  const context = new AudioContext();
  await context.resume();
  const taps = new Map();
  let loudest = 0;
  const samples = new Float32Array(2048);
  for (let i = 0; i < seconds * 10; i++) {
    for (const { srcObject } of document.querySelectorAll('audio')) {
      if (!srcObject || taps.has(srcObject)) continue;
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(srcObject).connect(analyser);
      taps.set(srcObject, analyser);
    }
    await new Promise(done => setTimeout(done, 100));
    for (const tap of taps.values()) {
      tap.getFloatTimeDomainData(samples);
      loudest = Math.max(loudest, ...samples.map(Math.abs));
    }
  }
  await context.close();
  return loudest;
}"""


class Attendee:
    def __init__(self, page: Page, context: BrowserContext, base: str, member_id: str, csrf: str) -> None:
        self.page = page
        self.context = context
        self.base = base
        self.member_id = member_id
        self._csrf = csrf

    @classmethod
    async def log_in(
        cls,
        browser: Browser,
        base: str,
        username: str,
        *,
        viewport: dict[str, int] | None = None,
        locale: str = "zh-CN",
        allowed: bool = True,
        password: str = DEMO_PASSWORD,
        sharp: bool = False,
    ) -> Attendee:
        """`allowed` False: the browser denies camera and microphone. `sharp`: three pixels where others have one, as phones have."""
        size = viewport or DESKTOP
        context = await browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale=locale,
            device_scale_factor=3 if sharp else 1,
            permissions=["camera", "microphone"] if allowed else [],
        )
        answer = await context.request.post(
            f"{base}/api/session", data={"username": username, "password": password}, headers={"Origin": base}
        )
        assert answer.ok, await answer.text()
        me = await answer.json()
        return cls(await context.new_page(), context, base, me["memberId"], me["csrfToken"])

    async def speak(self, locale: str) -> None:
        """Choose a language, as the switch in the page does it."""
        headers = {"Origin": self.base, "X-CSRF-Token": self._csrf}
        answer = await self.context.request.put(f"{self.base}/api/session/locale", data={"locale": locale}, headers=headers)
        assert answer.ok, await answer.text()

    def __getitem__(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def tile(self, of: Attendee) -> Locator:
        return self.page.locator(f'[data-testid=tile][data-member-id="{of.member_id}"]')

    async def prepare(self, meeting_id: str, mode: str = "video", *, microphone: bool = False) -> None:
        """The pre-join page: how to take part, and the microphone off unless wanted."""
        await self.page.goto(f"{self.base}/meet/{meeting_id}")
        await expect(self["preview"]).to_be_visible(timeout=15_000)
        await self[f"mode-{mode}"].click()
        if mode != "listen" and not microphone:
            await expect(self["preview"]).to_have_attribute("data-microphone", "true", timeout=10_000)
            await self["toggle-mic"].click()
            await expect(self["preview"]).to_have_attribute("data-microphone", "false")
        if await self["consent"].count():
            await self["consent"].check()

    async def join(self, meeting_id: str, mode: str = "video", *, microphone: bool = False) -> None:
        await self.prepare(meeting_id, mode, microphone=microphone)
        await self["join"].click()

    async def tap(self, testid: str) -> None:
        """Press a control, through the "more" menu where the screen is too narrow for it."""
        if not await self[testid].is_visible():
            await self["more"].click()
        await self[testid].click()

    async def inside(self) -> None:
        await expect(self["tile-area"]).to_be_visible(timeout=15_000)

    async def frames(self) -> dict[str, int]:
        """Member → video frames shown in the tile so far."""
        found: dict[str, int] = await self.page.evaluate(REMOTE_FRAMES)
        return found

    async def sheet_of(self, meeting_id: str) -> Any:
        """The sheet of a meeting that has ended: its facts leave through an outbox."""
        for _ in range(100):
            sheet = await self.api(f"/api/meetings/{meeting_id}/sheet")
            if sheet["state"] == "ended":
                return sheet
            await asyncio.sleep(0.1)
        raise AssertionError("the sheet does not know of the end")

    async def watches(self, other: Attendee, frames: int = 15) -> None:
        """Wait until so many more frames of somebody have been shown."""
        before = (await self.frames()).get(other.member_id, 0)
        for _ in range(80):
            await asyncio.sleep(0.25)
            if (await self.frames()).get(other.member_id, 0) - before >= frames:
                return
        raise AssertionError(f"{self.member_id} saw {await self.frames()}, {before} of {other.member_id} before")

    async def hears(self, seconds: float = 3.0) -> float:
        """The loudest sample heard from anybody within `seconds`, 0 to 1."""
        return float(await self.page.evaluate(LOUDEST, seconds))

    async def person_action(self, of: Attendee, action: str) -> None:
        """Through the people panel, as a moderator does it."""
        if not await self["people-list"].is_visible():
            await self["people"].click()
        person = self.page.locator(f'[data-testid=person][data-member-id="{of.member_id}"]')
        await person.get_by_test_id("person-actions").click()
        await self.page.get_by_test_id(f"person-{action}").first.click()

    async def api(self, path: str) -> Any:
        answer = await self.context.request.get(f"{self.base}{path}")
        assert answer.ok, await answer.text()
        return await answer.json()
