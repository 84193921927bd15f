"""A large installation: how long pages, a file, the dashboard of the top and the nightly evaluation take, and how fast facts go in.

`python -m bench scale [--members 10000] [--postgres] [--seconds 40] [--pause 1] [--keep FOLDER] [--json]`. The whole size is
`--members 100000` (5,000 branches, 30,000 away, 5 million facts); a tenth of it first shows that cost does not grow with the number of
other branches. With `--keep` the database stays in the folder, is filled once and measured as often as wanted.

Every list there is (`scalepages`) is asked for over HTTP from one web process, a process of its own: first by one person alone, then by
twenty people at once, each logged in with a second between two pages, while somebody changes something every few seconds: what a process
keeps between transactions lapses as it does where people work. Limits: any list page 200 ms p95, file 100 ms, dashboard 1 s, night 60 s,
2,000 facts a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import aiohttp

from bench.bigledger import ADMINISTRATOR, big_ledger, forget_nights
from bench.bigpapers import branches_of
from bench.ledger import facts_per_second
from bench.scalepages import Person, people
from ledger.actions.nightly import evaluate_ledger
from ledger.demo import DEMO_PASSWORD
from ledger.model import CHINA
from tests.support.installation import Installation
from tests.support.postgres import cluster

Json = dict[str, Any]
Took = dict[str, list[float]]
PEOPLE: Final = 20
PAUSE_SECONDS: Final = 1.0
CHANGE_SECONDS: Final = 4.0  # more than a hundred thousand members change: some thirty lines of contact and some thirty records in an hour
FILES: Final = 30
SETTLING_SECONDS: Final = 30
IDLE_MS: Final = 80.0  # of a second
LIMITS: Final = {"worst_page_p95_ms": 200, "file_p95_ms": 100, "dashboard_top_ms": 1000, "night_seconds": 60, "facts_per_second": 2000}


class Reader:
    """One logged-in person."""

    def __init__(self, session: aiohttp.ClientSession, person: Person) -> None:
        self._session = session
        self.person = person

    async def ask(self, path: str) -> float:
        """→ milliseconds until the answer was there."""
        begun = time.perf_counter()
        async with self._session.get(path) as answer:
            content = await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{self.person.username} {path}: {answer.status} {content[:200]!r}")
        return (time.perf_counter() - begun) * 1e3

    async def change(self, number: int) -> None:
        """A telephone number, a line of contact, in turns; every tenth time the name of a branch, which everything else hangs on."""
        token = (await (await self._session.get("/api/session")).json())["csrfToken"]
        member = 20 * (number + 1) + 1
        found = await (await self._session.get(f"/api/members/p{member}")).json()
        day = datetime.now(CHINA).date().isoformat()
        method, path, body = (
            ("POST", f"/api/floating/{(await self._away(number))}/contacts", {"on": day, "means": "telephone", "reached": True})
            if number % 2
            else ("PATCH", f"/api/members/p{member}", {"revision": found["revision"], "phone": f"138{number:08}"})
        )
        if number % 10 == 9:
            method, path, body = "PATCH", f"/api/organisations/b{number}", {"name": f"支部{number}"}
        async with self._session.request(method, path, json=body, headers={"X-CSRF-Token": token}) as answer:
            if answer.status != 200:
                raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")

    async def _away(self, number: int) -> str:
        """One of the first pages, another each time."""
        async with self._session.get("/api/floating", params={"page": str(number % 20 + 1)}) as answer:
            return str((await answer.json())["items"][0]["registrationId"])

    async def close(self) -> None:
        await self._session.close()


async def logged_in(base: str, person: Person) -> Reader:
    session = aiohttp.ClientSession(base, cookie_jar=aiohttp.CookieJar(unsafe=True))
    (await session.post("/api/session", json={"username": person.username, "password": DEMO_PASSWORD})).raise_for_status()
    return Reader(session, person)


def p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))], 1)


def cpu_ms(pid: int) -> float:
    """What all threads of a process have computed, finer than the hundredths of a second of its usual figures."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e6


async def settled(pid: int) -> None:
    """A server that has just started does its hourly round first: of every hour some four seconds, and none of these pages."""
    for _ in range(SETTLING_SECONDS):
        before = cpu_ms(pid)
        await asyncio.sleep(1.0)
        if cpu_ms(pid) - before < IDLE_MS:
            return


async def alone(readers: Sequence[Reader], wanted: str, pid: int) -> dict[str, tuple[float, float, float]]:
    """Every page by one person of each sort, three times after a first. → page: (ms of the first, when nothing is kept; ms of the others;
    ms the server computed for them)"""
    found: dict[str, tuple[float, float, float]] = {}
    for reader in {one.person.whose: one for one in readers}.values():
        for page, address in reader.person.addresses():
            if wanted in page:
                first = await reader.ask(address)
                before = cpu_ms(pid)
                took = median([await reader.ask(address) for _ in range(3)])
                found[page] = round(first, 1), round(took, 1), round((cpu_ms(pid) - before) / 3, 1)
    return found


async def together(readers: Sequence[Reader], wanted: str, seconds: float, pause: float) -> Took:
    """Everybody goes round the own pages, each from another one on. → page: milliseconds"""
    took: Took = {}

    async def reads(reader: Reader, number: int, until: float) -> None:
        await asyncio.sleep(pause * number / PEOPLE)
        pages = [one for one in reader.person.addresses() if wanted in one[0]]
        turn = number * max(1, len(pages) // PEOPLE)
        while pages and time.perf_counter() < until:
            page, address = pages[turn % len(pages)]
            took.setdefault(page, []).append(await reader.ask(address))
            turn += 1
            await asyncio.sleep(pause)

    async def changes(reader: Reader, until: float) -> None:
        number = 0
        while time.perf_counter() < until - CHANGE_SECONDS:
            await asyncio.sleep(CHANGE_SECONDS)
            await reader.change(number)
            number += 1

    end = time.perf_counter() + seconds
    writer = next(one for one in readers if one.person.username == ADMINISTRATOR)
    await asyncio.gather(*(reads(reader, number, end) for number, reader in enumerate(readers)), changes(writer, end))
    return took


async def read_pages(base: str, pid: int, options: argparse.Namespace) -> Json:
    members, wanted = options.members, options.pages
    async with AsyncExitStack() as stack:
        readers = []
        for person in people(members, PEOPLE):
            readers.append(await logged_in(base, person))
            stack.push_async_callback(readers[-1].close)
        admin = next(one for one in readers if one.person.username == ADMINISTRATOR)
        await settled(pid)
        by_one = await alone(readers, wanted, pid)
        took = await together(readers, wanted, options.seconds, options.pause)
        files = [await admin.ask(f"/api/members/p{n}/file") for n in range(1, members, max(1, members // FILES))]
        board = [await admin.ask("/api/figures/top") for _ in range(5)]
    by_all = {page: p95(values) for page, values in sorted(took.items())}
    return {
        "worst_page_p95_ms": max(by_all.values(), default=None),
        "all_pages_p95_ms": p95([value for values in took.values() for value in values]) if took else None,
        "requests": sum(map(len, took.values())),
        "file_p95_ms": p95(files),
        "dashboard_top_ms": round(median(board), 1),
        "pages_over": sum(value > LIMITS["worst_page_p95_ms"] for value in by_all.values()),
        "pages": {
            page: {"first_ms": first, "alone_ms": ms, "cpu_ms": cpu, "p95_ms": by_all.get(page)}
            for page, (first, ms, cpu) in by_one.items()
        },
    }


async def served(url: str, folder: Path, options: argparse.Namespace) -> Json:
    installation = Installation(folder, DATABASE_URL=url, BRANCHLINE_NIGHTLY_HOUR="-1")
    await installation.start()
    try:
        return await read_pages(installation.base, installation.pid, options)
    finally:
        await installation.stop()


async def measure(url: str, folder: Path, options: argparse.Namespace) -> Json:
    now, members = time.time(), options.members
    begun = time.perf_counter()
    async with big_ledger(url, members, now) as store:
        filled = time.perf_counter() - begun
        if options.fill:
            return {"members": members, "filled_seconds": round(filled, 1)}
        await forget_nights(url)  # what they told would be on its way out while pages are measured
        pages = {} if options.night else await served(url, folder, options)
        if options.pages:
            return pages
        begun = time.perf_counter()
        night = await evaluate_ledger(store, now)
        seconds = time.perf_counter() - begun
        rate = await facts_per_second(store, 10_000, f"meeting:bench-{int(now)}")
    return pages | {
        "night_seconds": round(seconds, 1),
        "night_reminders": night.reminders,
        "facts_per_second": round(rate),
        "members": members,
        "branches": branches_of(members),
        "filled_seconds": round(filled, 1),
    }


@contextmanager
def kept(folder: Path | None) -> Iterator[Path]:
    """The folder itself where it is to stay, else one that goes."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    made = Path(tempfile.mkdtemp(prefix="bench-scale-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def arguments_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench scale", description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL cluster of its own instead of SQLite")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long twenty people read")
    parser.add_argument("--pause", type=float, default=PAUSE_SECONDS, help="seconds between two pages of one person")
    parser.add_argument("--keep", type=Path, help="keep the database in this folder and use it again")
    parser.add_argument("--fill", action="store_true", help="only fill the database")
    parser.add_argument("--night", action="store_true", help="only the night and the facts")
    parser.add_argument("--pages", default="", help="only pages whose address contains this, and nothing else")
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    options = arguments_of(arguments)
    with kept(options.keep) as folder:
        place = folder / "postgresql" if options.keep else None
        if options.postgres:
            with cluster(place) as url:
                result = asyncio.run(measure(url, folder, options))
        else:
            result = asyncio.run(measure(f"sqlite:///{folder}/ledger.db", folder, options))
    result["limits"] = LIMITS
    if not options.json:
        show(result)
    print(json.dumps(result))
    return 0


def show(result: Json) -> None:
    print("scale: a large installation, one web process, twenty people at once")
    for page, took in result.get("pages", {}).items():
        figures = f"first {took['first_ms']:>7}  alone {took['alone_ms']:>7}  computed {took['cpu_ms']:>7}"
        print(f"  {page:64} {figures}  at once p95 {took['p95_ms'] or '–':>7}  ms")
    for name, value in result.items():
        if name != "pages":
            print(f"  {name:24} {value}")
