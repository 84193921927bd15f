"""A large installation, written straight into the tables: members, branches, members away, meetings held with their facts.

Everything is in proportion to the members: a branch for twenty, three in ten away, four meetings a branch and year, fifty facts a member.
Facts carry no true chain (hashing five million would be the benchmark); everything else is as the ledger writes it. Names are numbers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.demo import load_demo
from ledger.mobility import DepartureReport, FloatingRegistration, FlowRange, FlowReason, OrgRelation, Place, RegistrationState
from ledger.model import Account, Member, MemberStatus, OrgKind, OrgUnit, Post, PostKind, RoleGrant, RoleKind, Stage, day_of
from ledger.ports import Store
from ledger.rulebook import Rulebook
from ledger.store import tables, tables_mobility
from ledger.store.migrating import migrate
from ledger.store.opening import open_store
from ledger.store.registrationrows import write_registration
from ledger.store.sql import driver_url

BRANCH_SIZE: Final = 20
COMMITTEE_SIZE: Final = 100  # branches
AWAY_SHARE: Final = 0.3
MEETINGS: Final = 4  # of a branch
FACTS_OF_MEETING: Final = 250
PIECE: Final = 5_000
DAY: Final = 86_400.0
INDUSTRIES: Final = ("软件", "建筑", "餐饮", "教育", "物流", "制造", "医疗")
PROVINCES: Final = ("44", "33", "32", "31", "11", "35", "51", "42")
#: Two log-ins with the password of the demo: whoever administers everything, and one secretary.
ADMINISTRATOR, SECRETARY = "bench-admin", "bench-secretary"


@asynccontextmanager
async def big_ledger(url: str, members: int, now: float) -> AsyncIterator[Store]:
    await migrate(url)
    store = open_store(url)
    try:
        await load_demo(store, now)
        await _people(store, members, now)
        engine = create_async_engine(driver_url(url))
        try:
            for table, rows in _rows(members, now):
                async with engine.begin() as connection:
                    for piece in _pieces(rows):
                        await connection.execute(insert(table), piece)
        finally:
            await engine.dispose()
        yield store
    finally:
        await store.close()


def branches_of(members: int) -> int:
    return max(1, members // BRANCH_SIZE)


async def _people(store: Store, members: int, now: float) -> None:
    units = [OrgUnit("top", None, OrgKind.COMMITTEE, "大党委", "TOP", "/top/")]
    for n in range(-(-branches_of(members) // COMMITTEE_SIZE)):
        units.append(OrgUnit(f"k{n}", "top", OrgKind.COMMITTEE, f"党委{n}", f"K{n:04d}", f"/top/k{n}/"))
    for n in range(branches_of(members)):
        committee = f"k{n // COMMITTEE_SIZE}"
        units.append(OrgUnit(f"b{n}", committee, OrgKind.BRANCH, f"支部{n}", f"B{n:05d}", f"/top/{committee}/b{n}/"))
    async with store.writing() as uow:
        await uow.organisations.add(units)
    for begin in range(0, members, PIECE):
        piece = [
            Member(
                f"p{n}",
                f"P{n:07d}",
                f"党员{n}",
                Stage.PROBATIONARY if n % 25 == 0 else Stage.FULL,
                MemberStatus.ACTIVE,
                f"b{n // BRANCH_SIZE}",
            )
            for n in range(begin, min(begin + PIECE, members))
            if n // BRANCH_SIZE < branches_of(members)
        ]
        async with store.writing() as uow:
            await uow.members.add(piece)
            await uow.relations.begin([OrgRelation(one.member_id, one.home_branch_id, now - 900 * DAY) for one in piece])
    async with store.writing() as uow:
        model = await uow.accounts.get("demo-secretary")
        assert model is not None
        await uow.accounts.add(
            [Account(ADMINISTRATOR, ADMINISTRATOR, model.password_hash, None), Account(SECRETARY, SECRETARY, model.password_hash, "p0")]
        )
        await uow.accounts.grant([RoleGrant(ADMINISTRATOR, RoleKind.ORG_ADMIN, "top")])
        for n in range(branches_of(members)):
            await uow.posts.add(Post(f"post{n}", f"p{n * BRANCH_SIZE}", f"b{n}", PostKind.SECRETARY, date(2024, 1, 1)))


def _member(n: int) -> Member:
    stage = Stage.PROBATIONARY if n % 25 == 0 else Stage.FULL
    return Member(f"p{n}", f"P{n:07d}", f"党员{n}", stage, MemberStatus.ACTIVE, f"b{n // BRANCH_SIZE}")


def _rows(members: int, now: float) -> Iterator[tuple[Any, Iterator[dict[str, Any]]]]:
    yield tables_mobility.floating_registrations, _registrations(members, now)
    yield tables_mobility.contact_entries, _contacts(members, now)
    yield tables.meetings, _meetings(members, now)
    yield tables.attendees, _attendees(members)
    yield tables_mobility.measured_meetings, _measured(members)
    yield tables_mobility.life_days, _life_days(members, now)
    yield tables.streams, _streams(members)
    yield tables.facts, _facts(members, now)


def _away(members: int) -> range:
    return range(1, members, round(1 / AWAY_SHARE))


def _registrations(members: int, now: float) -> Iterator[dict[str, Any]]:
    today = day_of(now)
    for n in _away(members):
        left = today - timedelta(days=30 + n % 700)
        place = Place("某市某区", f"{PROVINCES[n % len(PROVINCES)]}0305") if n % 40 else Place("Berlin", country="DE")
        reason = list(FlowReason)[n % len(FlowReason)]
        reach = FlowRange.OUT_OF_PROVINCE if place.country == "CN" else FlowRange.ABROAD
        report = DepartureReport(f"p{n}", reason, reach, place, left, "138", "某公司", INDUSTRIES[n % len(INDUSTRIES)])
        plain = FloatingRegistration(f"r{n}", f"p{n}", f"b{n // BRANCH_SIZE}", report, RegistrationState.DEPARTED, now - 30 * DAY, place)
        if n % 3 == 0:
            due = left + timedelta(days=30)
            plain = replace(plain, state=RegistrationState.AWAITING_REPORT_IN, awaiting_since=left, report_in_due_on=due)
        yield write_registration(plain)


def _contacts(members: int, now: float) -> Iterator[dict[str, Any]]:
    for n in _away(members):
        on = day_of(now) - timedelta(days=n % 200)
        yield {"entry_id": f"c{n}", "member_id": f"p{n}", "on": on, "means": "telephone", "reached": True, "learned": "", "author": "bench"}


def _held(members: int) -> Iterator[tuple[int, int]]:
    return ((branch, number) for branch in range(branches_of(members)) for number in range(MEETINGS))


def _start(branch: int, number: int, now: float) -> float:
    return now - (10 + 80 * number + branch % 20) * DAY


def _meetings(members: int, now: float) -> Iterator[dict[str, Any]]:
    for branch, number in _held(members):
        start = _start(branch, number, now)
        yield {
            "meeting_id": f"m{branch}-{number}", "org_id": f"b{branch}", "form": "BRANCH_GENERAL_MEETING", "title": "支部党员大会",
            "planned_start": start, "planned_end": start + 3600, "state": "ended", "created_by": "bench", "agenda": "", "lobby": False,
            "invite_token": f"t{branch}-{number}", "opened_at": start, "ended_at": start + 3600, "cancel_reason": None,
            "present_share": None, "late_entry": False, "all_host_members": False, "revision": 1,
        }  # fmt: skip


def _present(branch: int, number: int) -> Iterator[int]:
    """Two of a branch are missing each time, some always."""
    return (n for n in range(branch * BRANCH_SIZE, (branch + 1) * BRANCH_SIZE) if n % 10 != 7 and (n + number) % BRANCH_SIZE)


def _attendees(members: int) -> Iterator[dict[str, Any]]:
    for branch, number in _held(members):
        for place in range(BRANCH_SIZE):
            who = f"p{branch * BRANCH_SIZE + place}"
            yield {"meeting_id": f"m{branch}-{number}", "member_id": who, "place": place, "capacity": "expected", "exempt": False}


def _measured(members: int) -> Iterator[dict[str, Any]]:
    rules = Rulebook().content_hash()
    for branch, number in _held(members):
        yield {"meeting_id": f"m{branch}-{number}", "last_number": FACTS_OF_MEETING, "rules_hash": rules}


def _life_days(members: int, now: float) -> Iterator[dict[str, Any]]:
    for branch, number in _held(members):
        on = day_of(_start(branch, number, now))
        for n in _present(branch, number):
            yield {"meeting_id": f"m{branch}-{number}", "member_id": f"p{n}", "org_id": f"b{branch}", "on": on, "remote": n % 3 == 1}


def _streams(members: int) -> Iterator[dict[str, Any]]:
    for branch, number in _held(members):
        yield {"stream": f"meeting:m{branch}-{number}", "last_number": FACTS_OF_MEETING, "last_hash": "0" * 64}


def _facts(members: int, now: float) -> Iterator[dict[str, Any]]:
    for branch, number in _held(members):
        stream, start = f"meeting:m{branch}-{number}", _start(branch, number, now)
        for place in range(1, FACTS_OF_MEETING + 1):
            at = start + place
            yield {
                "stream": stream, "number": place, "key": f"{stream}:{place}", "kind": "speechSegment", "at": at,
                "member_id": f"p{branch * BRANCH_SIZE + place % BRANCH_SIZE}", "body": f'{{"start":{at},"end":{at + 0.8}}}',
                "author": "", "reason": None, "recorded_at": at, "hash": "0" * 64,
            }  # fmt: skip


def _pieces(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    piece: list[dict[str, Any]] = []
    for row in rows:
        piece.append(row)
        if len(piece) == PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
