"""A media worker is killed under a meeting of real Chromiums: how long until every page shows everybody again, by itself.

`python -m bench revive [--times 4] [--pages 3] [--json]`. Every page has a camera, shows all the others and is never reloaded. The worker
gets SIGKILL again and again. The clock of one page and one death runs from the signal to the first frame that is presented of the last
of the others after the break; p50 and the worst are over all pages and deaths. Afterwards the attendance sheet is compared with what
was: `wrong_lines` counts members with another number of connections than one, or a presence that is off by more than two seconds.
Limit: 5 s. One worker, so that nobody is spared. All browsers and the server share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from tests.support.attendee import Attendee
from tests.support.browser import browsers, launch
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.people import Person, schedule

Json = dict[str, Any]
LIMIT_SECONDS: Final = 5.0
PEOPLE: Final = ("secretary", "member1", "member2", "guest")
#: A break is told by its length: pictures of a fake camera come every 30 to 70 ms, also on a busy machine.
BREAK_SECONDS: Final = 0.3
PATIENCE_SECONDS: Final = 20.0
OFF_SECONDS: Final = 2.0
#: Notes when each frame of each other member is presented, by the clock that all processes of the machine share.
WATCH: Final = """own => {
  window.__shown = {};
  const watched = new WeakSet();
  setInterval(() => {
    for (const video of document.querySelectorAll('[data-testid=tile] video')) {
      const member = video.closest('[data-testid=tile]').dataset.memberId;
      if (watched.has(video) || member === own) continue;
      watched.add(video);
      const note = () => { (window.__shown[member] ??= []).push(Date.now() / 1000); video.requestVideoFrameCallback(note); };
      video.requestVideoFrameCallback(note);
    }
  }, 20);
}"""


def back_after(shown: Sequence[float], death: float) -> float | None:
    """Seconds from the death to the first frame behind the break it made; None: not yet."""
    before = [at for at in shown if at <= death][-1:]
    after = [at for at in shown if at > death]
    gaps = [(later - earlier, later) for earlier, later in pairwise([*before, *after])]
    length, end = max(gaps, default=(0.0, 0.0))
    return end - death if length >= BREAK_SECONDS else None


async def measure(times: int, pages: int) -> Json:
    folder = Path(tempfile.mkdtemp(prefix="bench-revive-"))
    installation = Installation(folder, BRANCHLINE_MEDIA_WORKERS="1")
    await installation.prepare()
    await installation.start()
    try:
        async with browsers() as playwright, Person(installation.base) as secretary:
            await secretary.log_in("secretary", DEMO_PASSWORD)
            meeting = str((await schedule(secretary, secretary.me["homeBranchId"], "Revival"))["meetingId"])
            browser = await launch(playwright)
            people, joined = await _gather(browser, installation.base, meeting, pages)
            seconds = [one for _ in range(times) for one in await _killed(installation, people)]
            wrong = await _wrong_lines(people, joined, meeting)
            await browser.close()
    finally:
        await installation.stop()
        shutil.rmtree(folder, ignore_errors=True)
    seconds.sort()
    return {
        "bench": "revive",
        "pages": pages,
        "deaths": times,
        "p50_s": round(seconds[len(seconds) // 2], 2),
        "worst_s": round(seconds[-1], 2),
        "limit_s": LIMIT_SECONDS,
        "wrong_lines": wrong,
    }


async def _gather(browser: Any, base: str, meeting: str, pages: int) -> tuple[list[Attendee], dict[str, float]]:
    """Everybody is in and sees everybody. → the people, and since when each is in."""
    people: list[Attendee] = []
    joined: dict[str, float] = {}
    for name in PEOPLE[:pages]:
        person = await Attendee.log_in(browser, base, name)
        await person.prepare(meeting)
        await person["join"].click()
        await person.inside()
        joined[person.member_id] = time.time()
        if not people:
            await person["open-meeting"].click()
            joined[person.member_id] = time.time()  # what is before the opening does not count
        await person.page.evaluate(WATCH, person.member_id)
        people.append(person)
    for person in people:
        for other in people:
            if other is not person:
                await person.watches(other)
    return people, joined


async def _killed(installation: Installation, people: Sequence[Attendee]) -> list[float]:
    """One death. → for each page the seconds until it shows all the others again."""
    death = time.time()
    os.kill(installation.workers()[0], signal.SIGKILL)
    found = await asyncio.gather(*(_back(person, len(people) - 1, death) for person in people))
    await asyncio.sleep(2.0)  # what comes back late would be counted to the next death
    return found


async def _back(person: Attendee, others: int, death: float) -> float:
    while time.time() - death < PATIENCE_SECONDS:
        await asyncio.sleep(0.2)
        shown: dict[str, list[float]] = await person.page.evaluate("() => window.__shown")
        known = [back_after(times, death) for times in shown.values()]
        if len(known) == others and None not in known:
            return max(one for one in known if one is not None)
    return PATIENCE_SECONDS


async def _wrong_lines(people: Sequence[Attendee], joined: dict[str, float], meeting: str) -> int:
    await people[0]["leave"].click()
    await people[0]["end-meeting"].click()
    ended = time.time()
    rows = {row["memberId"]: row for row in (await people[0].sheet_of(meeting))["rows"]}
    wrong = 0
    for member_id, since in joined.items():
        row = rows[member_id]
        wrong += row["connections"] != 1 or abs(row["presentSeconds"] - (ended - since)) > OFF_SECONDS
    return wrong


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench revive", description=__doc__)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--pages", type=int, default=3, choices=range(2, len(PEOPLE) + 1))
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = asyncio.run(measure(options.times, options.pages))
    if not options.json:
        print("revive: from the death of the worker to the first picture of everybody, in every page")
        for name, value in result.items():
            print(f"  {name:12} {value}")
    print(json.dumps(result))
    return 0
