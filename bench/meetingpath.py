"""A meeting of two real Chromiums over a path that can be made bad: what the benchmarks of bad networks share.

A whole installation whose media port is reached only through `bench.relay`; a chair and a viewer with cameras and voices that hardly pause.
Figures come from the browsers' own statistics (W3C webrtc-stats).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.attendee import Attendee
from tests.support.browser import browsers, launch
from tests.support.installation import DEMO_PASSWORD, Installation, free_port
from tests.support.people import Person, schedule
from tests.support.speech import record

Json = dict[str, Any]
INSIDE, OUTSIDE = "127.0.0.2", "127.0.0.1"  # the worker's own address, and the one that is announced
KEEP_PEERS: Final = """window.__peers = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.__peers.push(this); }
};"""
#: Sums over everything received: video by its frames and freezes, audio by its samples.
RECEIVED: Final = """async () => {
  const sum = { frames: 0, height: 0, freezes: 0, frozen: 0, lost: 0, samples: 0, concealed: 0, events: 0, fec: 0, voiceLost: 0 };
  for (const peer of window.__peers) {
    if (peer.connectionState === 'closed') continue;
    for (const stat of (await peer.getStats()).values()) {
      if (stat.type !== 'inbound-rtp') continue;
      if (stat.kind === 'video') {
        sum.frames += stat.framesDecoded ?? 0; sum.height = Math.max(sum.height, stat.frameHeight ?? 0);
        sum.freezes += stat.freezeCount ?? 0; sum.frozen += stat.totalFreezesDuration ?? 0; sum.lost += stat.packetsLost ?? 0;
      } else {
        sum.samples += stat.totalSamplesReceived ?? 0;
        sum.concealed += (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0);
        sum.events += stat.concealmentEvents ?? 0; sum.fec += stat.fecPacketsReceived ?? 0; sum.voiceLost += stat.packetsLost ?? 0;
      }
    }
  }
  return sum;
}"""

#: The longest time between two decoded pictures within so many milliseconds, looked at as often as statistics are made anew.
PAUSE: Final = """async (milliseconds) => {
  const decoded = async () => {
    let frames = 0;
    for (const peer of window.__peers) {
      if (peer.connectionState === 'closed') continue;
      for (const stat of (await peer.getStats()).values()) {
        if (stat.type === 'inbound-rtp' && stat.kind === 'video') frames += stat.framesDecoded ?? 0;
      }
    }
    return frames;
  };
  const begun = performance.now();
  let [frames, at, longest] = [await decoded(), begun, 0];
  while (performance.now() - begun < milliseconds) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [more, now] = [await decoded(), performance.now()];
    longest = Math.max(longest, now - at);
    if (more !== frames) [frames, at] = [more, now];
  }
  return longest;
}"""


class Line:
    """The relay's end in this process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def set(self, **wanted: Any) -> Json:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write((json.dumps(wanted) + "\n").encode())
        answer: Json = json.loads(await self._process.stdout.readline())
        return answer


class MeetingPath:
    def __init__(self, chair: Attendee, viewer: Attendee, path: Line, installation: Installation, meeting_id: str) -> None:
        self.chair, self.viewer, self.path = chair, viewer, path
        self.installation, self.meeting_id = installation, meeting_id

    async def received(self, who: Attendee | None = None) -> Json:
        found: Json = await (who or self.viewer).page.evaluate(RECEIVED)
        return found | {"at": time.monotonic()}

    async def longest_pause(self, seconds: float) -> float:
        """Of what the viewer sees, in seconds; a picture that does not come back pauses for all of them."""
        return float(await self.viewer.page.evaluate(PAUSE, seconds * 1000)) / 1000

    async def until_frames(self, least: int, begun: float, seconds: float = 20.0) -> float:
        """Seconds since `begun` when the viewer has decoded so many pictures."""
        while (await self.received())["frames"] < least:
            if time.monotonic() - begun > seconds:
                break
            await asyncio.sleep(0.02)
        return round(time.monotonic() - begun, 2)

    async def until_height(self, least: int, seconds: float) -> float | None:
        """Seconds until a picture of so many lines is decoded by the viewer; None if not in time."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            if (await self.received())["height"] >= least:
                return round(time.monotonic() - begun, 1)
            await asyncio.sleep(0.2)
        return None


@asynccontextmanager
async def relayed(port: int, seed: int) -> AsyncIterator[Line]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.relay", OUTSIDE, INSIDE, str(port), str(seed), stdin=pipe, stdout=pipe
    )
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield Line(process)
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def meeting_path(seed: int = 1) -> AsyncIterator[MeetingPath]:
    """The two are in, see and hear each other over a good path."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-path-"))
        stack.callback(shutil.rmtree, folder, True)
        port = free_port(socket.SOCK_DGRAM)
        settings = {"BRANCHLINE_MEDIA_HOST": INSIDE, "BRANCHLINE_MEDIA_PORT": str(port), "BRANCHLINE_MEDIA_ADDRESSES": f"{OUTSIDE}/udp"}
        settings["BRANCHLINE_MEDIA_WORKERS"] = "1"  # the relay stands before one port
        installation = Installation(folder, **settings)
        await installation.prepare()
        await installation.start()
        stack.push_async_callback(installation.stop)
        path = await stack.enter_async_context(relayed(port, seed))
        playwright = await stack.enter_async_context(browsers())
        async with Person(installation.base) as secretary:
            await secretary.log_in("secretary", DEMO_PASSWORD)
            meeting = str((await schedule(secretary, secretary.me["homeBranchId"], "Path"))["meetingId"])
        people = []
        for number, name in enumerate(("secretary", "member1")):
            voice = record(folder / f"{name}.wav", lead=0.2, count=40, pauses=0.3, voice=("en+f2", "en+m3")[number])
            browser = await launch(playwright, voice.path)
            stack.push_async_callback(browser.close)
            person = await Attendee.log_in(browser, installation.base, name)
            await person.page.add_init_script(KEEP_PEERS)
            await person.join(meeting, microphone=True)
            await person.inside()
            if not number:
                await person["open-meeting"].click()
            people.append(person)
        found = MeetingPath(people[0], people[1], path, installation, meeting)
        await found.until_frames(30, time.monotonic())
        yield found
