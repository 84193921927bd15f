"""Assigned work in the three twins of the store, and what the clocks read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.assignedwork import AssignedWork, WorkOutcome
from ledger.ports import Store
from ledger.refusals import Conflict
from tests.ledger.records import NOON, fill

FIRST = AssignedWork("w1", "m-a4", "A", "走访困难党员", date(2025, 12, 20), NOON, "acc-a1")
SECOND = replace(FIRST, work_id="w2", due_on=date(2025, 12, 10), assigned_at=NOON + 1, detail="两户")
DONE = replace(
    FIRST,
    work_id="w3",
    assigned_at=NOON - 1,
    outcome=WorkOutcome.DONE,
    done_on=date(2025, 11, 30),
    answered_at=NOON,
    answered_by="acc-a4",
    reason="完成",
)


async def test_work_is_kept_as_it_was_last_saved_newest_first(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        for one in (FIRST, SECOND, replace(DONE, outcome=None)):
            await uow.works.add(one)
        await uow.works.save(DONE)
    async with store.reading() as uow:
        assert await uow.works.of_member("m-a4") == [SECOND, FIRST, DONE]
        assert (await uow.works.get("w3"), await uow.works.get("gone"), await uow.works.of_member("m-a5")) == (DONE, None, [])
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.works.add(FIRST)


async def test_clocks_read_the_last_that_was_done_and_the_first_that_is_due(store: Store) -> None:
    await fill(store)
    declined = replace(SECOND, work_id="w4", outcome=WorkOutcome.DECLINED, due_on=date(2025, 12, 1))
    async with store.writing() as uow:
        for one in (FIRST, SECOND, DONE, declined, replace(DONE, work_id="w5", done_on=date(2025, 10, 1))):
            await uow.works.add(one)
    async with store.reading() as uow:
        rows = {row.member_id: (row.last_work_on, row.work_due_on) for row in await uow.clocks.rows("", 50)}
    assert (rows["m-a4"], rows["m-a5"]) == ((date(2025, 11, 30), date(2025, 12, 10)), (None, None))


async def test_it_is_forgotten_with_the_file(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        for one in (FIRST, SECOND, replace(DONE, member_id="m-a5")):
            await uow.works.add(one)
    async with store.writing() as uow:
        assert await uow.works.forget("m-a4") == 2
    async with store.reading() as uow:
        assert (await uow.works.of_member("m-a4"), len(await uow.works.of_member("m-a5"))) == ([], 1)
