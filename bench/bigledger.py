"""A large installation, written straight into the tables: members, branches, members away, meetings held with their facts.

Everything is in proportion to the members: a branch for twenty, three in ten away, four meetings a branch and year, fifty facts a member;
what lies around people (files, transfers, reports, threads, notifications, the log) is in `bigpapers`. Chains are not worked out (hashing
five million facts would be the benchmark); everything else is as the ledger writes it. Names are numbers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bench.bigpapers import BRANCH_SIZE, COMMITTEE_SIZE, DAY, TOLD, Papers, branch_of, branches_of
from ledger.demo import DEMO_PASSWORD
from ledger.mobility import DepartureReport, FloatingRegistration, FlowRange, FlowReason, OrgRelation, Place, RegistrationState
from ledger.model import Account, Member, MemberStatus, OrgKind, OrgUnit, RoleGrant, RoleKind, Stage, day_of
from ledger.passwords import hashed
from ledger.ports import Store
from ledger.rulebook import Rulebook
from ledger.store import tables, tables_mobility
from ledger.store.migrating import migrate
from ledger.store.opening import open_store
from ledger.store.registrationrows import write_registration
from ledger.store.sql import driver_url
from ledger.store.tables_notifications import notifications

AWAY_SHARE: Final = 0.3
MEETINGS: Final = 4  # of a branch
FACTS_OF_MEETING: Final = 250
PIECE: Final = 5_000
INDUSTRIES: Final = ("软件", "建筑", "餐饮", "教育", "物流", "制造", "医疗")
PROVINCES: Final = ("44", "33", "32", "31", "11", "35", "51", "42")
#: Log-ins with the password of the demo: whoever administers people from the top, and the three offices that stand apart.
ADMINISTRATOR, AUDITOR, RUNNER, GUARD = "bench-admin", "bench-auditor", "bench-runner", "bench-guard"
_OFFICES: Final = {
    ADMINISTRATOR: (RoleKind.ORG_ADMIN, "top"),
    AUDITOR: (RoleKind.AUDITOR, "top"),
    RUNNER: (RoleKind.SYSTEM_ADMIN, None),
    GUARD: (RoleKind.SECURITY_ADMIN, None),
}


def secretary_of(branch: int) -> str:
    """The user name."""
    return f"u{branch * BRANCH_SIZE}"


@asynccontextmanager
async def big_ledger(url: str, members: int, now: float) -> AsyncIterator[Store]:
    """Filled if it is not there yet: a database that is kept is filled once."""
    await migrate(url)
    store = open_store(url)
    engine = create_async_engine(driver_url(url))
    try:
        if not await _is_filled(engine):
            await _people(store, members, now)
            await _fill(engine, members, now)
        yield store
    finally:
        await engine.dispose()
        await store.close()


async def forget_nights(url: str) -> None:
    """What earlier nights told in a database that was kept, so that each night has as much to tell as the first."""
    engine, column = create_async_engine(driver_url(url)), notifications.c
    async with engine.begin() as connection:
        await connection.execute(delete(notifications).where(column.kind != TOLD))
    await engine.dispose()


async def _is_filled(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        done = await connection.scalar(select(tables.accounts.c.account_id).where(tables.accounts.c.account_id == GUARD))
    return done is not None


async def _fill(engine: AsyncEngine, members: int, now: float) -> None:
    password = await hashed(DEMO_PASSWORD)
    papers = Papers(members, now, password)
    for table, rows in (*_rows(members, now), *papers.rows()):
        for piece in _pieces(rows):
            async with engine.begin() as connection:
                await connection.execute(insert(table), piece)
    async with engine.begin() as connection:
        day = tables_mobility.life_days.c
        latest = select(day.member_id, func.max(day.on)).group_by(day.member_id)
        await connection.execute(insert(tables_mobility.last_life_days).from_select(["member_id", "on"], latest))
        await connection.execute(insert(tables.access_head), {"last_line": papers.last_line, "last_hash": "0" * 64})
        offices = [Account(name, name, password, None) for name in _OFFICES]
        await connection.execute(insert(tables.accounts), [_account_row(one) for one in offices])
        grants = [RoleGrant(name, role, org_id) for name, (role, org_id) in _OFFICES.items()]
        await connection.execute(
            insert(tables.role_grants), [{"account_id": one.account_id, "role": one.role.value, "org_id": one.org_id} for one in grants]
        )
    if engine.dialect.name == "postgresql":  # as the autovacuum of an installation that has grown has done long ago
        async with engine.connect() as plain:
            await (await plain.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


def _account_row(one: Account) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Account.__dataclass_fields__}


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
        piece = [_member(n, members) for n in range(begin, min(begin + PIECE, members))]
        async with store.writing() as uow:
            await uow.members.add(piece)
            await uow.relations.begin([OrgRelation(one.member_id, one.home_branch_id, now - 900 * DAY) for one in piece])


def _member(n: int, members: int) -> Member:
    stage = Stage.PROBATIONARY if n % 25 == 0 else Stage.FULL
    plain = Member(
        f"p{n}",
        f"P{n:07d}",
        f"党员{n}",
        stage,
        MemberStatus.ACTIVE,
        f"b{branch_of(n, members)}",
        sex="female" if n % 2 else "male",
        phone=f"1380{n:07d}",
        joined_on=date(1990 + n % 35, 7, 1),
        born_on=date(1955 + n % 50, 1 + n % 12, 1 + n % 28),
    )
    return replace(plain, host_branch_id=_host(n, members)) if n in _away(members) and _state(n) is RegistrationState.REPORTED_IN else plain


def _rows(members: int, now: float) -> Iterator[tuple[Any, Iterator[dict[str, Any]]]]:
    yield tables_mobility.floating_registrations, _registrations(members, now)
    yield tables_mobility.sharing_consents, _consents(members, now)
    yield tables_mobility.liaisons, _liaisons(members, now)
    yield tables_mobility.contact_entries, _contacts(members, now)
    yield tables.meetings, _meetings(members, now)
    yield tables.attendees, _attendees(members)
    yield tables_mobility.measured_meetings, _measured(members)
    yield tables_mobility.life_days, _life_days(members, now)
    yield tables.streams, _streams(members)
    yield tables.facts, _facts(members, now)


# --- members away ------------------------------------------------------------------------------------------------------------------------


def _away(members: int) -> range:
    return range(1, members, round(1 / AWAY_SHARE))


def _state(n: int) -> RegistrationState:
    states = (RegistrationState.AWAITING_REPORT_IN, RegistrationState.REPORTED_IN, RegistrationState.DEPARTED)
    return states[n // 3 % len(states)]


def _host(n: int, members: int) -> str | None:
    """Another branch than the own one, where there is another."""
    branches = branches_of(members)
    return f"b{(branch_of(n, members) + 1 + n % (branches - 1)) % branches}" if branches > 1 else None


def _registrations(members: int, now: float) -> Iterator[dict[str, Any]]:
    today = day_of(now)
    for n in _away(members):
        left = today - timedelta(days=30 + n % 700)
        place = Place("某市某区", f"{PROVINCES[n % len(PROVINCES)]}0305") if n % 40 else Place("Berlin", country="DE")
        reason = list(FlowReason)[n % len(FlowReason)]
        reach = FlowRange.OUT_OF_PROVINCE if place.country == "CN" else FlowRange.ABROAD
        report = DepartureReport(f"p{n}", reason, reach, place, left, "138", "某公司", INDUSTRIES[n % len(INDUSTRIES)])
        state, home = _state(n), f"b{branch_of(n, members)}"
        plain = FloatingRegistration(f"r{n}", f"p{n}", home, report, RegistrationState.DEPARTED, now - (30 + n % 700) * DAY, place)
        if state is not RegistrationState.DEPARTED:
            host, due = _host(n, members), left + timedelta(days=30)
            plain = replace(plain, state=state, host_org_id=host, host_branch_id=host, awaiting_since=left, report_in_due_on=due)
        if state is RegistrationState.REPORTED_IN:
            plain = replace(plain, reported_in_on=left + timedelta(days=10))
        yield write_registration(plain)


def _consents(members: int, now: float) -> Iterator[dict[str, Any]]:
    for n in _away(members):
        if _state(n) is not RegistrationState.DEPARTED:
            yield {
                "member_id": f"p{n}", "recipient_org_id": _host(n, members), "purpose": "hostManagement", "text_version": "bench",
                "recipient": "",
                "given_at": now - 30 * DAY, "withdrawn_at": None,
            }  # fmt: skip


def _liaisons(members: int, now: float) -> Iterator[dict[str, Any]]:
    """The secretary keeps in touch with two of three."""
    for n in _away(members):
        if n // 3 % 3:
            liaison = f"p{branch_of(n, members) * BRANCH_SIZE}"
            yield {
                "registration_id": f"r{n}", "liaison_member_id": liaison, "since": day_of(now) - timedelta(days=20), "until": None,
            }  # fmt: skip


def _contacts(members: int, now: float) -> Iterator[dict[str, Any]]:
    for n in _away(members):
        on = day_of(now) - timedelta(days=n % 200)
        yield {"entry_id": f"c{n}", "member_id": f"p{n}", "on": on, "means": "telephone", "reached": True, "learned": "", "author": "bench"}


# --- meetings and facts ------------------------------------------------------------------------------------------------------------------


def _held(members: int) -> Iterator[tuple[int, int]]:
    return ((branch, number) for branch in range(branches_of(members)) for number in range(MEETINGS))


def _start(branch: int, number: int, now: float) -> float:
    return now - (10 + 80 * number + branch % 20) * DAY


def _meetings(members: int, now: float) -> Iterator[dict[str, Any]]:
    forms = ("BRANCH_GENERAL_MEETING", "PARTY_LECTURE", "BRANCH_GENERAL_MEETING", "THEMED_PARTY_DAY")
    for branch, number in _held(members):
        start = _start(branch, number, now)
        yield {
            "meeting_id": f"m{branch}-{number}", "org_id": f"b{branch}", "form": forms[number], "title": "支部党员大会",
            "planned_start": start, "planned_end": start + 3600, "state": "ended", "created_by": "bench", "agenda": "", "lobby": False,
            "invite_token": f"t{branch}-{number}", "opened_at": start, "ended_at": start + 3600, "cancel_reason": None,
            "present_share": None, "late_entry": False, "all_host_members": False, "revision": 1,
        }  # fmt: skip


def _present(branch: int, number: int) -> list[int]:
    """Two of a branch are missing each time, some always."""
    return [n for n in range(branch * BRANCH_SIZE, (branch + 1) * BRANCH_SIZE) if n % 10 != 7 and (n + number) % BRANCH_SIZE]


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
        stream = f"meeting:m{branch}-{number}"
        yield {"stream": stream, "last_number": FACTS_OF_MEETING, "last_hash": "0" * 64, "anchored": FACTS_OF_MEETING}


def _facts(members: int, now: float) -> Iterator[dict[str, Any]]:
    """Opened; everybody present comes, speaks in turn and leaves; ended."""
    for branch, number in _held(members):
        stream, start, people = f"meeting:m{branch}-{number}", _start(branch, number, now), _present(branch, number)
        drafts: list[tuple[str, float, int | None, str]] = [("meetingOpened", start, None, "{}")]
        drafts += [("connectionJoined", start + 1, n, f'{{"connectionId":"c{n}","device":"phone","deviceId":"d{n}"}}') for n in people]
        for place in range(FACTS_OF_MEETING - 2 * len(people) - 2):
            n, at = people[place % len(people)], start + 60 + place * 12
            drafts.append(("speechSegment", at, n, f'{{"connectionId":"c{n}","end":{at + 8},"producerId":"v{n}","start":{at}}}'))
        drafts += [("connectionLeft", start + 3590, n, f'{{"connectionId":"c{n}","reason":"left"}}') for n in people]
        drafts.append(("meetingEnded", start + 3600, None, "{}"))
        for place, (kind, at, who, body) in enumerate(drafts, start=1):
            yield {
                "stream": stream, "number": place, "key": f"{stream}:{place}", "kind": kind, "at": at,
                "member_id": None if who is None else f"p{who}", "body": body, "author": "system", "reason": None,
                "recorded_at": at, "hash": "0" * 64,
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
