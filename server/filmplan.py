"""What a film is to say and mark: the plan that `media.compose` reads beside a recording's files.

It decides the words of the card at the beginning, in both languages, and who is named: those who have a file, and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger.actions import recordings
from ledger.model import CHINA
from ledger.ports import Store
from ledger.recordings import MeetingRecording

Json = dict[str, Any]
ABOVE = "会议录制 · Meeting recording"
FILES = frozenset({".webm", ".mkv"})


def source_and_member(name: str) -> tuple[str, str]:
    """Of a file called `<source>-<random>-<member>`."""
    source, _, rest = Path(name).stem.partition("-")
    return source, rest.partition("-")[2]


def members(names: Iterable[str]) -> set[str]:
    return {source_and_member(name)[1] for name in names if Path(name).suffix in FILES} - {""}


async def film_plan(store: Store, one: MeetingRecording, place: Path) -> Json:
    stopped = one.stopped_at if one.stopped_at is not None else one.started_at
    told = await recordings.billing(store, one, members(path.name for path in place.iterdir()))
    return {
        "seconds": stopped - one.started_at,
        "speech": [[who, round(start, 3), round(end, 3)] for who, start, end in await recordings.speech_of(store, one)],
        "names": told.names,
        "card": {"title": told.title, "above": ABOVE, "lines": [told.organisation, *spans(one.started_at, stopped)]},
    }


def spans(start: float, end: float) -> list[str]:
    """From when to when, in Chinese and in English, by the clock of China."""
    first, last = (datetime.fromtimestamp(at, CHINA) for at in (start, end))
    clock = f"{first:%H:%M}–{last:%H:%M}"
    return [f"{first.year}年{first.month}月{first.day}日 {clock}", f"{first.day} {first:%B} {first.year}, {clock} (UTC+8)"]
