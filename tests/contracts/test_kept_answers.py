"""What a process keeps of the database between transactions is never older than the transaction that asks, in however many processes.

Two stores over one database are two processes: neither tells the other anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, false, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.actions.figures import cuts_of
from ledger.assignedwork import AssignedWork, WorkOutcome
from ledger.delivery import Channel, Delivery, DeliveryState
from ledger.deliveryports import DeliveryQuery
from ledger.dualmanagement import LifeDay, Measured
from ledger.dues import DuesStanding
from ledger.duesports import DuesFilter, DuesQuery
from ledger.figures import Behind, LineQuery
from ledger.mobility import ContactEntry, ContactMeans, RegistrationState, SeparateConsent, SharingPurpose
from ledger.mobilityports import ContactDue, RegistrationQuery
from ledger.model import MemberStatus, OrgKind, day_of
from ledger.ports import MeetingQuery, MemberQuery, OrgQuery, Reach, Store, UnitOfWork
from ledger.store.marks import WATCHED, marks
from ledger.store.sql import SqlStore
from ledger.workports import WorkFilter, WorkQuery
from tests.contracts.test_mobility_stores import AT_HOST, LEFT, registration
from tests.ledger.records import DAY, NOON, UNITS, fill, meeting, member
from tests.support.stores import lent_database

ALL = Reach(everywhere=True)
BELOW_C = Reach(paths=("/C/",))
TODAY = day_of(NOON)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, store_folder: Path) -> AsyncIterator[str]:
    cluster = request.getfixturevalue("cluster_url") if request.param == "postgresql" else None
    async with lent_database(request.param, store_folder, cluster) as url:
        yield url


@pytest.fixture
async def here(database: str) -> AsyncIterator[SqlStore]:
    async with opened(database) as store:
        await fill(store)
        yield store


@pytest.fixture
async def there(here: SqlStore, database: str) -> AsyncIterator[SqlStore]:
    async with opened(database) as store:
        yield store


@asynccontextmanager
async def opened(database: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(database)
    yield store
    await store.close()


async def everything(uow: UnitOfWork) -> dict[str, Any]:
    """Every answer that is kept."""
    registrations = [
        RegistrationQuery(BELOW_C, BELOW_C, NOON + DAY),
        RegistrationQuery(Reach(), BELOW_C, NOON + DAY),
        RegistrationQuery(BELOW_C, Reach(), NOON + DAY, contact_due=ContactDue(TODAY, TODAY)),
        RegistrationQuery(BELOW_C, Reach(), NOON + DAY, text="党员"),
    ]
    dues = DuesQuery(BELOW_C, "2025-11", "2025-09")
    return {
        "tree": [unit.name for unit in await uow.organisations.all()],
        "one": await uow.organisations.get("A"),
        "found": await uow.organisations.search(OrgQuery(frozenset(OrgKind), ALL, "支部")),
        "roll": await uow.organisations.member_counts(ALL),
        "below": await uow.organisations.members_below("/C/"),
        "mark": await uow.organisations.mark(),
        "members": (await uow.members.search(MemberQuery(BELOW_C, "党员", page_size=1)))[1],
        "meetings": (await uow.meetings.search(MeetingQuery(BELOW_C, page_size=1)))[1],
        "registrations": await uow.registrations.counts(registrations),
        "works": [await uow.works.search(WorkQuery(BELOW_C, TODAY, one)) for one in WorkFilter],
        "dues": [await uow.dues.search(replace(dues, filter=one)) for one in DuesFilter],
        "lines": [await uow.figures.lines(LineQuery(one, "/C/", year=2025, quarter=4), cuts_of(TODAY)) for one in Behind],
        "deliveries": (await uow.deliveries.counts(), (await uow.deliveries.search(DeliveryQuery()))[1]),
    }


async def seen_by(store: Store) -> dict[str, Any]:
    async with store.reading() as uow:
        return await everything(uow)


async def rename(uow: UnitOfWork) -> None:
    await uow.organisations.save(replace(UNITS[1], name="丙支部"))


async def add_a_member(uow: UnitOfWork) -> None:
    await uow.members.add([member("n1", "B")])


async def take_off_the_roll(uow: UnitOfWork) -> None:
    await uow.members.save([member("a4", "A", status=MemberStatus.LEFT)])


async def call_a_meeting(uow: UnitOfWork) -> None:
    await uow.meetings.add(meeting("N", "B"))


async def register(uow: UnitOfWork) -> None:
    await uow.registrations.add(registration(**AT_HOST))


async def consent(uow: UnitOfWork) -> None:
    await uow.sharing_consents.save(SeparateConsent("m-a4", "B", SharingPurpose.HOST_MANAGEMENT, "1", NOON))


async def reach_by_telephone(uow: UnitOfWork) -> None:
    await uow.contacts.add(ContactEntry("e1", "m-a4", TODAY, ContactMeans.TELEPHONE, True, "", "acc-a1"))


async def come_home(uow: UnitOfWork) -> None:
    back = registration(**AT_HOST | {"state": RegistrationState.RETURNED, "closed_at": NOON, "returned_on": LEFT, "revision": 2})
    assert await uow.registrations.save(back, 1)


async def take_part(uow: UnitOfWork) -> None:
    """So long ago that nobody would count it among those who are still active."""
    await uow.clocks.keep_days(Measured("N", 1, "r"), [LifeDay("N", "m-b1", "B", TODAY - timedelta(days=200), False)])


async def pay(uow: UnitOfWork) -> None:
    await uow.dues.keep_standing("m-b2", DuesStanding("m-b2", "2025-11", TODAY, False, 100))


async def assign(uow: UnitOfWork) -> None:
    await uow.works.add([AssignedWork("w1", "m-a4", "A", "走访", TODAY, NOON, "acc-a1")])


async def say_that_it_is_done(uow: UnitOfWork) -> None:
    work = AssignedWork("w1", "m-a4", "A", "走访", TODAY, NOON, "acc-a1", "", WorkOutcome.DONE, TODAY, NOON, "acc-a4")
    await uow.works.save(work)


async def send(uow: UnitOfWork) -> None:
    await uow.deliveries.add([Delivery("d1", Channel.EMAIL, "m-a4", "s", ("n1",), "", NOON, NOON, DeliveryState.WAITING)])


Step = Callable[[UnitOfWork], Awaitable[None]]
STEPS: tuple[Step, ...] = (
    rename,
    add_a_member,
    take_off_the_roll,
    call_a_meeting,
    register,
    consent,
    reach_by_telephone,
    come_home,
    take_part,
    pay,
    assign,
    say_that_it_is_done,
    send,
)


async def test_what_one_process_changes_every_other_one_shows_at_once(here: SqlStore, there: SqlStore, database: str) -> None:
    before = await seen_by(there)
    for step in STEPS:
        async with here.writing() as uow:
            await step(uow)
        async with opened(database) as fresh:
            now = await seen_by(fresh)
        assert await seen_by(there) == now != before, step
        assert await seen_by(here) == now
        before = now


async def test_who_changes_something_sees_it_before_anybody_else_and_nobody_if_it_is_taken_back(here: SqlStore, there: SqlStore) -> None:
    before = await seen_by(there)
    for step in STEPS[:4]:
        with pytest.raises(TakenBack):
            await begin_and_take_back(here, there, step, before)
        assert await seen_by(here) == await seen_by(there) == before


class TakenBack(Exception):
    """What is being written is not wanted after all."""


async def begin_and_take_back(here: SqlStore, there: SqlStore, step: Step, before: dict[str, Any]) -> None:
    async with here.writing() as uow:
        await step(uow)
        assert await everything(uow) != before
        assert await seen_by(there) == before
        raise TakenBack


async def test_a_reader_keeps_what_it_began_with_and_keeps_it_from_nobody(here: SqlStore, there: SqlStore) -> None:
    """A page that is asked for while somebody writes is of before; it must not leave what it saw to those who come after."""
    async with there.reading() as uow:
        assert await uow.organisations.member_counts(ALL) == {"A": 8, "B": 3}
        async with here.writing() as other:
            await add_a_member(other)
        assert (await uow.members.search(MemberQuery(BELOW_C)))[1] == 11
    async with there.reading() as uow:
        assert (await uow.members.search(MemberQuery(BELOW_C)))[1] == 12
        assert await uow.organisations.member_counts(ALL) == {"A": 8, "B": 4}


@pytest.mark.parametrize("table", sorted(WATCHED, key=str), ids=str)
async def test_whatever_statement_changes_a_watched_table_renews_its_mark_and_no_other(here: SqlStore, table: Table) -> None:
    before = await marks_of(here)
    assert before.keys() == {str(one) for one in WATCHED}
    async with here.writing() as uow:
        await connection_of(uow).execute(delete(table).where(false()))
    after = await marks_of(here)
    assert {name for name in after if after[name] != before[name]} == {str(table)}


async def test_what_only_reads_can_change_nothing_of_which_answers_are_kept(here: SqlStore) -> None:
    async with here.writing() as uow:  # over the same connection
        await rename(uow)
    with pytest.raises(KeyError):
        async with here.reading() as uow:
            await add_a_member(uow)


async def test_one_phone_number_more_makes_no_other_tree(here: SqlStore) -> None:
    before = (await seen_by(here))["mark"]
    async with here.writing() as uow:
        await uow.members.save([member("b1", "B", phone="13800000000")])
    assert (await seen_by(here))["mark"] == before


async def marks_of(store: Store) -> dict[str, str]:
    async with store.reading() as uow:
        return {row[0]: row[1] for row in await connection_of(uow).execute(select(marks))}


def connection_of(uow: UnitOfWork) -> AsyncConnection:
    connection = uow.organisations._connection  # type: ignore[attr-defined]
    assert isinstance(connection, AsyncConnection)
    return connection
