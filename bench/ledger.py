"""The ledger: how fast a roster comes in and facts are appended, beside the bare database doing the least that could be done.

`python -m bench ledger [--rows 10000] [--facts 20000] [--postgres] [--json]`. Facts go in by 500, as the outbox delivers them, each batch a
synced transaction. The limit in the same run is sqlite3 without any layer: the same rows hashed, inserted and synced by 500.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from ledger.access import OPERATOR
from ledger.actions.attendance import append_facts, meeting_sheet
from ledger.actions.meetings import ScheduleMeeting, mark_ended, mark_opened, schedule_meeting
from ledger.actions.rosters import ImportReport, ImportRoster, import_roster
from ledger.facts import GENESIS, Fact, FactKind, canonical, chain_hash, meeting_stream
from ledger.model import MeetingForm, OrgKind, OrgUnit
from ledger.ports import Reach, Store
from ledger.roster import RosterRow, write_roster_csv, write_roster_xlsx
from ledger.store.migrating import migrate
from ledger.store.opening import open_store
from tests.support.postgres import cluster

NOW = 1_764_648_000.0
BATCH = 500
BRANCH_SIZE = 50
ROWS_LIMIT_SECONDS, FACTS_AIM = 20.0, 2000


def roster_rows(count: int) -> list[RosterRow]:
    return [
        RosterRow(line=n + 2, number=f"P{n:06d}", name=f"党员{n}", branch_code=f"B{n // BRANCH_SIZE}", phone=f"138{n:08d}")
        for n in range(count)
    ]


def meeting_facts(count: int, stream: str, members: list[str] | None = None) -> list[Fact]:
    """Speech segments of fifty people, the most frequent fact of a meeting; of known members: who joined before."""
    ids = members or [f"member-{n}" for n in range(50)]
    joined = [_joined(stream, member_id, n) for n, member_id in enumerate(members or [])]
    return joined + [
        Fact(
            key=f"{stream}:bench:{n}",
            stream=stream,
            kind=FactKind.SPEECH_SEGMENT,
            at=NOW + n,
            member_id=ids[n % 50],
            body={"connectionId": f"c{n % 50}", "producerId": f"p{n % 50}", "start": NOW + n, "end": NOW + n + 0.8},
        )
        for n in range(count)
    ]


def _joined(stream: str, member_id: str, n: int) -> Fact:
    body = {"connectionId": f"c{n}", "deviceId": f"d{n}", "device": "phone"}
    return Fact(f"{stream}:bench:joined:{n}", stream, FactKind.CONNECTION_JOINED, NOW, member_id, body)


@asynccontextmanager
async def fresh(url: str, branches: int) -> AsyncIterator[Store]:
    await migrate(url)
    store = open_store(url)
    try:
        async with store.writing() as uow:
            top = OrgUnit("top", None, OrgKind.COMMITTEE, "党委", "TOP", "/top/")
            kinds = [OrgUnit(f"b{n}", "top", OrgKind.BRANCH, f"支部{n}", f"B{n}", f"/top/b{n}/") for n in range(branches)]
            await uow.organisations.add([top, *kinds])
        yield store
    finally:
        await store.close()


async def timed_import(store: Store, content: bytes, name: str, *, accounts: bool = False) -> tuple[float, ImportReport]:
    start = time.perf_counter()
    command = ImportRoster(content, name, dry_run=False, create_accounts=accounts)
    report = await import_roster(store, OPERATOR, command, NOW)
    assert report.applied, report.complaints[:3]
    return time.perf_counter() - start, report


async def facts_per_second(store: Store, count: int, stream: str) -> float:
    facts = meeting_facts(count, stream)
    start = time.perf_counter()
    for begin in range(0, count, BATCH):
        await append_facts(store, facts[begin : begin + BATCH], NOW)
    return count / (time.perf_counter() - start)


def bare_facts_per_second(folder: Path, count: int) -> float:
    """sqlite3 alone: chain, insert, sync."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE facts (stream, number, key UNIQUE, body, hash, PRIMARY KEY (stream, number))")
    facts, previous = meeting_facts(count, "meeting:bare"), GENESIS
    start = time.perf_counter()
    for begin in range(0, count, BATCH):
        connection.execute("BEGIN IMMEDIATE")
        for number, fact in enumerate(facts[begin : begin + BATCH], start=begin + 1):
            previous = chain_hash(previous, fact, number)
            row = (fact.stream, number, fact.key, canonical(fact, number), previous)
            connection.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", row)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    return count / seconds


async def sheet_milliseconds(store: Store) -> float:
    """The sheet of a branch of fifty after a meeting of 5,000 facts: fetched, measured and joined."""
    plan = ScheduleMeeting("b0", MeetingForm.BRANCH_GENERAL_MEETING, "大会", NOW, NOW + 3600)
    one = await schedule_meeting(store, OPERATOR, plan, NOW)
    await mark_opened(store, OPERATOR, one.meeting_id, NOW)
    async with store.reading() as uow:
        members = [member.member_id for member in await uow.members.within(Reach(org_ids=frozenset({"b0"})))]
    stream = meeting_stream(one.meeting_id)
    opened = Fact(f"{stream}:opened", stream, FactKind.MEETING_OPENED, NOW)
    await append_facts(store, [opened, *meeting_facts(5000, stream, members)], NOW)
    await mark_ended(store, OPERATOR, one.meeting_id, NOW + 3600)
    start = time.perf_counter()
    await meeting_sheet(store, OPERATOR, one.meeting_id, NOW + 3600)
    return (time.perf_counter() - start) * 1000


async def measure(url: str, rows: int, facts: int, prefix: str) -> dict[str, float]:
    people = roster_rows(rows)
    branches = rows // BRANCH_SIZE + 1
    async with fresh(url, branches) as store:
        first, _ = await timed_import(store, write_roster_csv(people), "r.csv")
        again, report = await timed_import(store, write_roster_csv(people), "r.csv")
        assert report.unchanged == rows
        log_ins, report = await timed_import(store, write_roster_xlsx(people), "r.xlsx", accounts=True)
        assert len(report.accounts) == rows
        return {
            f"{prefix}_import_seconds": round(first, 2),
            f"{prefix}_import_again_seconds": round(again, 2),
            f"{prefix}_import_xlsx_with_accounts_seconds": round(log_ins, 2),
            f"{prefix}_facts_per_second": round(await facts_per_second(store, facts, "meeting:bench")),
            f"{prefix}_sheet_ms": round(await sheet_milliseconds(store), 1),
        }


def arguments_of(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench ledger")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--facts", type=int, default=20_000)
    parser.add_argument("--postgres", action="store_true", help="also in a throw-away PostgreSQL cluster")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    options = arguments_of(argv)
    folder = Path(tempfile.mkdtemp(prefix="branchline-bench-"))
    try:
        figures: dict[str, float] = {"rows": options.rows, "facts": options.facts, "import_limit_seconds": ROWS_LIMIT_SECONDS}
        figures |= asyncio.run(measure(f"sqlite:///{folder}/ledger.db", options.rows, options.facts, "sqlite"))
        figures["bare_sqlite_facts_per_second"] = round(bare_facts_per_second(folder, options.facts))
        with cluster() if options.postgres else nullcontext() as url:
            if url is not None:
                figures |= asyncio.run(measure(url, options.rows, options.facts, "postgresql"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.json:
        for name, value in figures.items():
            print(f"{name:<45} {value:>12,}")
    print(json.dumps(figures))
    met = figures["sqlite_import_seconds"] <= ROWS_LIMIT_SECONDS and figures["sqlite_facts_per_second"] >= FACTS_AIM
    return 0 if met else 1
