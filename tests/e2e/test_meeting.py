"""A branch general meeting in real browsers, from the first click to the attendance sheet.

Three members, each in a Chromium of its own, and a second device of one of them. Two of them speak from files of known length. What the
sheet says afterwards is held against what is known: presence within 2 s, speech within 5 % or 1 s, zero while muted, two devices one row,
the absent by name.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from server.live.reports import LINGER_SECONDS
from tests.support.attendee import PHONE, Attendee
from tests.support.browser import launch
from tests.support.installation import DEMO_PASSWORD, Installation, Wire
from tests.support.people import Person, schedule
from tests.support.speech import Recording, record

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def speech_tolerance(truth: float) -> float:
    return max(1.0, 0.05 * truth)


Moment = tuple[float, float]  # not before the first reading of the test's own clock, and not after the second


class Stopwatch:
    """When somebody was really inside: between the click and what was then to be seen, however slow the machine."""

    def __init__(self) -> None:
        self.marks: dict[str, list[Moment]] = {}

    def passed(self, name: str, since: float) -> Moment:
        """Somebody came in or went since then, and it is to be seen now."""
        moment = (since, time.time())
        self.marks.setdefault(name, []).append(moment)
        return moment

    def inside(self, name: str, end: Moment) -> Moment:
        """(least, most) seconds"""
        marks = [*self.marks[name], end] if len(self.marks[name]) % 2 else self.marks[name]
        spans = list(zip(marks[::2], marks[1::2], strict=True))
        return sum(leave[0] - enter[1] for enter, leave in spans), sum(leave[1] - enter[0] for enter, leave in spans)


def within_two_seconds(seconds: float, truth: Moment) -> bool:
    return truth[0] - 2 <= seconds <= truth[1] + 2


async def every_pair_sees_and_hears(people: dict[str, Attendee]) -> None:
    await asyncio.gather(*(person.watches(other) for person in people.values() for other in people.values()))


async def speaks(person: Attendee, recording: Recording, listeners: list[Attendee]) -> None:
    """Un-mute (the file begins), say it to the end, and be heard meanwhile."""
    await person["toggle-mic"].click()
    began = time.monotonic()
    heard = await asyncio.gather(*(listener.hears(4) for listener in listeners))
    assert all(loudest > 0.02 for loudest in heard), heard
    await asyncio.sleep(max(0.0, recording.seconds - (time.monotonic() - began)))


@pytest.fixture
async def chair_browser(playwright: Playwright) -> Any:
    browser = await launch(playwright)
    yield browser
    await browser.close()


async def test_a_branch_general_meeting(
    installation: Installation, wire: Wire, playwright: Playwright, chair_browser: Browser, tmp_path: Path
) -> None:
    first = record(tmp_path / "first.wav", count=3, pauses=6.0)
    second = record(tmp_path / "second.wav", count=1, voice="en+m3")
    async with Person(installation.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        meeting = await schedule(secretary, secretary.me["homeBranchId"], "第四季度支部党员大会")
    meeting_id, watch = str(meeting["meetingId"]), Stopwatch()
    browsers = [chair_browser, await launch(playwright, first.path), await launch(playwright, second.path)]

    chair = await Attendee.log_in(browsers[0], installation.base, "secretary")
    anna = await Attendee.log_in(browsers[1], wire.base, "member1")
    ben = await Attendee.log_in(browsers[2], installation.base, "member2", viewport=PHONE, locale="en-US")
    everybody = {"chair": chair, "anna": anna, "ben": ben}

    # A member who comes early waits and is let in when the meeting opens.
    await chair.join(meeting_id)
    await chair.inside()
    await anna.join(meeting_id)
    await expect(anna["waiting-room"]).to_be_visible(timeout=15_000)
    since = time.time()
    await chair["open-meeting"].click()
    await anna.inside()
    watch.passed("anna", since)
    watch.passed("chair", since)
    await ben.prepare(meeting_id)
    since = time.time()
    await ben["join"].click()
    await ben.inside()
    watch.passed("ben", since)
    for person in everybody.values():
        await expect(person["tile"]).to_have_count(3)
    await every_pair_sees_and_hears(everybody)

    # Hands, in one order for all; chat.
    await ben.tap("raise-hand")
    await expect(chair.tile(ben)).to_have_attribute("data-hand", "1")
    await anna["raise-hand"].click()
    for person in everybody.values():
        await expect(person.tile(anna)).to_have_attribute("data-hand", "2")
    await ben.tap("raise-hand")
    await expect(anna.tile(anna)).to_have_attribute("data-hand", "1")
    await anna["chat"].click()
    await anna["chat-input"].fill("同意 <b>以上</b>")
    await anna["chat-send"].click()
    await chair["chat"].click()
    await expect(chair["chat-message"]).to_contain_text("同意 <b>以上</b>")

    # Two people speak, overlapping; the first is muted before the last of three utterances, and un-mutes only when asked.
    speaking = asyncio.create_task(speaks(anna, first, [chair]))
    await asyncio.sleep(first.utterances[0][0])
    await speaks(ben, second, [chair])
    began_third = first.utterances[2][0]
    await asyncio.sleep(max(0.0, first.utterances[1][1] + 1.5 - (second.seconds + first.utterances[0][0])))
    await chair.person_action(anna, "mute")
    await expect(anna.tile(anna)).to_have_attribute("data-muted", "true")
    await speaking
    await chair.person_action(anna, "askUnmute")
    await anna["unmute-no"].click()
    await expect(anna.tile(anna)).to_have_attribute("data-muted", "true")
    truth = {"anna": sum(end - start for start, end in first.utterances if start < began_third), "ben": second.spoken}

    # A second device of the same member is the same person.
    phone = await Attendee.log_in(browsers[1], installation.base, "member1", viewport=PHONE)
    await phone.join(meeting_id, "listen")
    await phone.inside()
    await expect(chair["tile"]).to_have_count(3)

    # The network drops and returns: the same peer goes on.
    wire.sever()
    await expect(anna["reconnecting"]).to_be_visible(timeout=15_000)
    await asyncio.sleep(2)
    wire.mend()
    await expect(anna["reconnecting"]).to_be_hidden(timeout=20_000)
    await every_pair_sees_and_hears({"chair": chair, "anna": anna})

    # A removed member cannot come back unless admitted.
    await chair.person_action(ben, "remove")
    since = time.time()
    await chair["remove-confirm"].click()
    await expect(ben["meeting-over"]).to_be_visible()
    watch.passed("ben", since)
    await ben.join(meeting_id)
    await expect(ben["waiting-room"]).to_be_visible(timeout=15_000)
    since = time.time()
    await chair["admit"].click()
    await ben.inside()
    watch.passed("ben", since)
    await asyncio.sleep(3)

    # The end, for everybody.
    await chair["leave"].click()
    since = time.time()
    await chair["end-meeting"].click()
    for person in (*everybody.values(), phone):
        await expect(person["meeting-over"]).to_be_visible(timeout=10_000)
    ended = (since, time.time())
    for browser in browsers:
        await browser.close()

    await the_sheet_tells_the_truth(installation, meeting_id, everybody, watch, truth, ended)


async def whole_sheet(secretary: Person, meeting_id: str) -> dict[str, Any]:
    """Of a meeting that has ended, with the last words: facts leave through an outbox, and the media plane has a moment to end a speech."""
    known, since = -1, time.monotonic()
    while True:
        sheet: dict[str, Any] = await secretary.call("GET", f"/api/meetings/{meeting_id}/sheet")
        if sheet["state"] != "ended" or sheet["lastFactNumber"] != known:
            known, since = sheet["lastFactNumber"], time.monotonic()
        elif time.monotonic() - since > 2 * LINGER_SECONDS:
            return sheet
        await asyncio.sleep(0.1)


async def the_sheet_tells_the_truth(
    installation: Installation,
    meeting_id: str,
    people: dict[str, Attendee],
    watch: Stopwatch,
    spoken: dict[str, float],
    ended: Moment,
) -> None:
    async with Person(installation.base) as secretary:
        await secretary.log_in("secretary", DEMO_PASSWORD)
        sheet = await whole_sheet(secretary, meeting_id)
        exports = {kind: await secretary.fetch(f"/api/meetings/{meeting_id}/sheet.{kind}?lang=zh") for kind in ("csv", "xlsx", "pdf")}
        again = {kind: await secretary.fetch(f"/api/meetings/{meeting_id}/sheet.{kind}?lang=zh") for kind in ("csv", "xlsx", "pdf")}
    assert exports == again
    assert within_two_seconds(sheet["sessionSeconds"], watch.inside("chair", ended))
    rows = {row["memberId"]: row for row in sheet["rows"]}
    assert len(rows) == len(sheet["rows"])
    for name, person in people.items():
        row = rows[person.member_id]
        assert within_two_seconds(row["presentSeconds"], watch.inside(name, ended)), (name, watch.inside(name, ended), row)
        truth = spoken.get(name, 0.0)
        assert row["speakingSeconds"] == pytest.approx(truth, abs=speech_tolerance(truth) if truth else 0.01), (name, row)
    anna = rows[people["anna"].member_id]
    assert (anna["devices"], anna["connections"]) == (2, 2)
    assert anna["evidence"].get("mediaFlowing", 0) > 10
    absent = [row["name"] for row in sheet["rows"] if row["grade"] == "absent" and row["capacity"] == "expected"]
    assert sheet["absentNames"] == absent
    assert len(absent) >= 3
    assert sheet["complaints"] == []
