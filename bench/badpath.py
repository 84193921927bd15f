"""What a member sees and hears over a bad network, in real Chromium: loss with delay, a downlink that is cut, an address that changes.

`python -m bench badpath [--seconds 16] [--loss 0.05] [--json]`. Limits: at 5 % loss and 100 ms each way at most 2 % of the time frozen (aim
0.5) and 1 % of the voice concealed, over what both people see and hear; after a cut to 300 kb/s the lowest layer within 3 s, at most 1 s
frozen afterwards, the voice untouched; after a change of address media within 2 s (aim 0.5) and one interval of presence. Two Chromiums,
their encoders and the relay share the machine with the server. Loss comes first and the cut last: estimates that another trouble has just
brought down are not the loss's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any, Final

from bench.meetingpath import MeetingPath, meeting_path

Json = dict[str, Any]
LEAST_HEIGHT: Final = 180
CUT_BITS: Final = 300_000
CUT_SECONDS: Final = 12.0
ADDRESS_SECONDS: Final = 3.5
LIMITS: Final = {
    "frozen_percent": 2.0,
    "concealed_percent": 1.0,
    "lowest_layer_after_s": 3.0,
    "frozen_after_lowest_s": 1.0,
    "media_back_s": 2.0,
}


def shares(before: Json, after: Json) -> tuple[float, float]:
    """(per cent of the time frozen, per cent of the voice concealed) between two readings."""
    seconds, samples = after["at"] - before["at"], max(1, after["samples"] - before["samples"])
    return (
        round((after["frozen"] - before["frozen"]) / seconds * 100, 2),
        round((after["concealed"] - before["concealed"]) / samples * 100, 2),
    )


async def loss(meeting: MeetingPath, share: float, delay: float, seconds: float) -> Json:
    """What both see and hear: a run is short, and one picture that comes late is much of what one of them sees in it."""
    await meeting.path.set(delay=delay)
    await asyncio.sleep(4.0)  # browsers take the longer way for a queue, and send less for a moment
    await meeting.path.set(loss=share)
    await asyncio.sleep(2.0)
    both = (meeting.viewer, meeting.chair)
    before = [await meeting.received(who) for who in both]
    await asyncio.sleep(seconds)
    after = [await meeting.received(who) for who in both]
    await meeting.path.set(loss=0.0, delay=0.0)
    each = [shares(*readings) for readings in zip(before, after, strict=True)]
    frames = [(end["frames"] - begin["frames"]) / (end["at"] - begin["at"]) for begin, end in zip(before, after, strict=True)]
    return {
        "frozen_percent": round(sum([frozen for frozen, _ in each]) / 2, 2),
        "frozen_percent_each": [frozen for frozen, _ in each],
        "concealed_percent": round(sum([concealed for _, concealed in each]) / 2, 2),
        "frames_per_second": [round(rate, 1) for rate in frames],
        "height": [end["height"] for end in after],
    }


async def cut(meeting: MeetingPath) -> Json:
    """The downlink of both narrows to 300 kb/s and opens again."""
    await asyncio.sleep(3.0)
    high = (await meeting.received())["height"]
    begun = await meeting.received()
    await meeting.path.set(down=CUT_BITS)
    lowest = None
    while time.monotonic() - begun["at"] < CUT_SECONDS:
        await asyncio.sleep(0.2)
        now = await meeting.received()
        if lowest is None and now["height"] <= LEAST_HEIGHT:
            lowest, settled = round(now["at"] - begun["at"], 1), now
    end = await meeting.received()
    await meeting.path.set(down=0)
    back = await meeting.until_height(high, 20.0)
    found = {"height_before": high, "lowest_layer_after_s": lowest, "height_back_after_s": back, "concealed_percent": shares(begun, end)[1]}
    if lowest is not None:
        found["frozen_after_lowest_s"] = round(end["frozen"] - settled["frozen"], 2)
        found["concealed_after_lowest_percent"] = shares(settled, end)[1]
    return found


async def address(meeting: MeetingPath) -> Json:
    """Both get another address at once: how long no picture of the other is decoded."""
    await asyncio.sleep(3.0)
    before = await meeting.received()
    pause = asyncio.create_task(meeting.longest_pause(ADDRESS_SECONDS))
    await asyncio.sleep(0.5)
    await meeting.path.set(rebind=True)
    seconds = await pause
    return {"media_back_s": round(seconds, 2), "frozen_s": round((await meeting.received())["frozen"] - before["frozen"], 2)}


async def presence(meeting: MeetingPath) -> int:
    """How many connections the viewer's line on the sheet has."""
    sheet = await meeting.chair.api(f"/api/meetings/{meeting.meeting_id}/sheet")
    row = next(row for row in sheet["rows"] if row["memberId"] == meeting.viewer.member_id)
    return int(row["connections"])


async def measure(seconds: float, share: float) -> Json:
    async with meeting_path() as meeting:
        await meeting.until_height(360, 15.0)
        lossy = await loss(meeting, share, 0.1, seconds)
        moved = await address(meeting)
        connections = await presence(meeting)
        narrow = await cut(meeting)
    return {"loss": lossy, "cut": narrow, "address": moved | {"connections": connections}, "limits": LIMITS}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench badpath", description=__doc__)
    parser.add_argument("--seconds", type=float, default=16.0, help="of random loss")
    parser.add_argument("--loss", type=float, default=0.05)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = asyncio.run(measure(options.seconds, options.loss))
    if not options.json:
        print("badpath: what a member sees and hears over a bad network")
        for name, value in result.items():
            print(f"  {name:10} {value}")
    print(json.dumps(result))
    return 0
