"""A large installation: how long pages, a file, the dashboard of the top and the nightly evaluation take, and how fast facts go in.

`python -m bench scale [--members 10000] [--postgres] [--json]`. The whole size is `--members 100000` (5,000 branches, 30,000 away, 5
million facts); a tenth of it first shows that cost does not grow with the number of other branches. Pages are asked for over HTTP from one
web process by twenty people at once, each with half a second between two pages. Limits: list page 200 ms p95, file 100 ms, dashboard 1 s,
night 60 s, 2,000 facts a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench.bigledger import ADMINISTRATOR, SECRETARY, big_ledger, branches_of
from bench.ledger import facts_per_second
from ledger.actions.nightly import evaluate_ledger
from ledger.demo import DEMO_PASSWORD
from tests.support.installation import Installation
from tests.support.postgres import cluster

Json = dict[str, Any]
PEOPLE: Final = 20
PAUSE_SECONDS: Final = 0.5
ROUNDS: Final = 12
LIMITS: Final = {"list_p95_ms": 200, "file_p95_ms": 100, "dashboard_top_ms": 1000, "night_seconds": 60, "facts_per_second": 2000}
#: What is asked for by whoever administers everything, and by the secretary of one branch.
TOP_PAGES: Final = (
    "/api/members?page=3",
    "/api/members?q=党员77",
    "/api/meetings",
    "/api/transfers",
    "/api/figures/top/lines?behind=contactOverdue",
)
BRANCH_PAGES: Final = ("/api/members", "/api/meetings", "/api/transfers", "/api/figures/b0/lines?behind=idle&days=90", "/api/figures/b0")


class Reader:
    """One logged-in person."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def ask(self, path: str) -> float:
        """→ milliseconds until the answer was there."""
        begun = time.perf_counter()
        async with self._session.get(path) as answer:
            content = await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        return (time.perf_counter() - begun) * 1e3


async def logged_in(base: str, username: str) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(base, cookie_jar=aiohttp.CookieJar(unsafe=True))
    (await session.post("/api/session", json={"username": username, "password": DEMO_PASSWORD})).raise_for_status()
    return session


def p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))], 1)


async def read_pages(base: str, members: int) -> Json:
    admin, secretary = [Reader(await logged_in(base, name)) for name in (ADMINISTRATOR, SECRETARY)]
    for reader, paths in ((admin, TOP_PAGES), (secretary, BRANCH_PAGES)):  # what is asked for first fills the caches
        for path in paths:
            await reader.ask(path)
    took: dict[str, list[float]] = {}

    async def person(number: int) -> None:
        await asyncio.sleep(PAUSE_SECONDS * number / PEOPLE)
        reader, paths, whose = (admin, TOP_PAGES, "top") if number % 4 == 0 else (secretary, BRANCH_PAGES, "branch")
        for turn in range(ROUNDS):
            path = paths[(turn + number) % len(paths)]
            took.setdefault(f"{whose} {path}", []).append(await reader.ask(path))
            await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(person(number) for number in range(PEOPLE)))
    files = [await admin.ask(f"/api/members/p{n}/file") for n in range(1, members, max(1, members // 30))]
    board = sorted([await admin.ask("/api/figures/top") for _ in range(5)])
    pages = {path: p95(values) for path, values in sorted(took.items())}
    for reader in (admin, secretary):
        await reader._session.close()
    return {
        "list_p95_ms": p95([value for values in took.values() for value in values]),
        "file_p95_ms": p95(files),
        "dashboard_top_ms": round(board[2], 1),
        "pages_p95_ms": pages,
    }


async def measure(url: str, members: int, folder: Path) -> Json:
    now = time.time()
    begun = time.perf_counter()
    async with big_ledger(url, members, now) as store:
        filled = time.perf_counter() - begun
        installation = Installation(folder, DATABASE_URL=url)
        await installation.start()
        try:
            pages = await read_pages(installation.base, members)
        finally:
            await installation.stop()
        begun = time.perf_counter()
        night = await evaluate_ledger(store, now)
        seconds = time.perf_counter() - begun
        rate = await facts_per_second(store, 10_000, "meeting:bench")
    return pages | {
        "night_seconds": round(seconds, 1),
        "night_reminders": night.reminders,
        "facts_per_second": round(rate),
        "members": members,
        "branches": branches_of(members),
        "filled_seconds": round(filled, 1),
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench scale", description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true", help="in a throw-away PostgreSQL cluster instead of SQLite")
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="bench-scale-"))
    try:
        with cluster() if options.postgres else nullcontext(f"sqlite:///{folder}/ledger.db") as url:
            result = asyncio.run(measure(url, options.members, folder)) | {"limits": LIMITS}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.json:
        print("scale: a large installation, one web process, twenty people at once")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0
