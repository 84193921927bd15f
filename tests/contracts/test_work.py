"""Assigned work in the three twins of the store, and what the clocks read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.assignedwork import AssignedWork, WorkOutcome
from ledger.model import day_of
from ledger.ports import Reach, Store
from ledger.refusals import Conflict
from ledger.workports import WorkFilter, WorkQuery
from tests.ledger.records import NOON, fill, member

TODAY = day_of(NOON)
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
        await uow.works.add([FIRST, SECOND, replace(DONE, outcome=None)])
        await uow.works.save(DONE)
    async with store.reading() as uow:
        assert await uow.works.of_member("m-a4") == [SECOND, FIRST, DONE]
        assert (await uow.works.get("w3"), await uow.works.get("gone"), await uow.works.of_member("m-a5")) == (DONE, None, [])
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.works.add([FIRST])


async def test_clocks_read_the_last_that_was_done_and_the_first_that_is_due(store: Store) -> None:
    await fill(store)
    declined = replace(SECOND, work_id="w4", outcome=WorkOutcome.DECLINED, due_on=date(2025, 12, 1))
    async with store.writing() as uow:
        await uow.works.add([FIRST, SECOND, DONE, declined, replace(DONE, work_id="w5", done_on=date(2025, 10, 1))])
    async with store.reading() as uow:
        rows = {row.member_id: (row.last_work_on, row.work_due_on) for row in await uow.clocks.rows("", 50)}
    assert (rows["m-a4"], rows["m-a5"]) == ((date(2025, 11, 30), date(2025, 12, 10)), (None, None))


async def test_it_is_forgotten_with_the_file(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.works.add([FIRST, SECOND, replace(DONE, member_id="m-a5")])
    async with store.writing() as uow:
        assert await uow.works.forget("m-a4") == 2
    async with store.reading() as uow:
        assert (await uow.works.of_member("m-a4"), len(await uow.works.of_member("m-a5"))) == ([], 1)


def work(key: str, member_id: str, org_id: str, due: int, **special: Any) -> AssignedWork:
    """Due on that day of December, assigned in the order of the days."""
    return replace(FIRST, work_id=key, member_id=member_id, org_id=org_id, due_on=date(2025, 12, due), assigned_at=NOON + due, **special)


def answer(outcome: WorkOutcome, hours: int) -> dict[str, Any]:
    return {"outcome": outcome, "answered_at": NOON + hours, "answered_by": "acc-a4", "reason": "理由"}


#: a8 is of A and floats at B, b2 the other way round. Two days of December have passed.
WORKS = [
    work("w1", "m-a4", "A", 20),
    work("w2", "m-a4", "A", 1),
    work("w3", "m-a5", "A", 3, **answer(WorkOutcome.DONE, 5), done_on=date(2025, 12, 2)),
    work("w4", "m-a5", "A", 4, **answer(WorkOutcome.DECLINED, 9)),
    work("w5", "m-a5", "A", 5, **answer(WorkOutcome.WITHDRAWN, 7)),
    work("w6", "m-a8", "B", 2),
    work("w7", "m-a8", "A", 30),
    work("w8", "m-b2", "A", 10, **answer(WorkOutcome.DONE, 6), done_on=date(2025, 12, 2)),
    work("w9", "m-b3", "A", 11),  # assigned before the member went to B
]
HERE = {
    "A": (Reach(org_ids=frozenset({"A"})), {"w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"}),
    "B": (Reach(org_ids=frozenset({"B"})), {"w6", "w8", "w9"}),
    "F": (Reach(org_ids=frozenset({"F"})), set[str]()),
    "below C": (Reach(paths=("/C/",)), {one.work_id for one in WORKS}),
    "everywhere": (Reach(everywhere=True), {one.work_id for one in WORKS}),
    "below A, and at B": (Reach(paths=("/C/A/",), org_ids=frozenset({"B"})), {one.work_id for one in WORKS}),
    "nowhere": (Reach(), set[str]()),
}
ORDERS = {
    WorkFilter.OPEN: ["w2", "w6", "w9", "w1", "w7"],
    WorkFilter.OVERDUE: ["w2"],
    WorkFilter.ANSWERED: ["w4", "w8", "w3"],
    WorkFilter.DONE: ["w8", "w3"],
    WorkFilter.DECLINED: ["w4"],
    WorkFilter.WITHDRAWN: ["w5"],
    WorkFilter.ALL: ["w7", "w1", "w9", "w8", "w5", "w4", "w3", "w6", "w2"],
}


async def test_the_list_is_asked_for_by_reach_state_and_text_in_pages(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.works.add(WORKS)
    async with store.reading() as uow:
        for name, (reach, here) in HERE.items():
            for wanted, order in ORDERS.items():
                found, counts = await uow.works.search(WorkQuery(reach, TODAY, wanted))
                assert [one.work_id for one in found] == [key for key in order if key in here], (name, wanted)
                assert counts == {one: len([key for key in keys if key in here]) for one, keys in ORDERS.items()}, name
        everything = WorkQuery(Reach(everywhere=True), TODAY, WorkFilter.ALL, page_size=4)
        pages = [[one.work_id for one in (await uow.works.search(replace(everything, page=page)))[0]] for page in (1, 2, 3, 4)]
        assert pages == [ORDERS[WorkFilter.ALL][:4], ORDERS[WorkFilter.ALL][4:8], ["w2"], []]
        for reach in (Reach(everywhere=True), Reach(org_ids=frozenset({"A"}))):
            by_name, counts = await uow.works.search(WorkQuery(reach, TODAY, WorkFilter.ALL, "员A5"))
            assert ([one.work_id for one in by_name], counts[WorkFilter.ALL]) == (["w5", "w4", "w3"], 3)
            by_number, _ = await uow.works.search(WorkQuery(reach, TODAY, WorkFilter.OPEN, "a8"))
            assert [one.work_id for one in by_number] == ["w6", "w7"]
        whole, _ = await uow.works.search(replace(everything, page_size=50_000))
        assert whole[0] == WORKS[6]


async def test_the_list_follows_what_is_answered_and_where_somebody_floats(store: Store) -> None:
    await fill(store)
    at_host = WorkQuery(Reach(org_ids=frozenset({"B"})), TODAY)
    async with store.writing() as uow:
        await uow.works.add(WORKS)
        await uow.works.save(replace(WORKS[5], outcome=WorkOutcome.DONE, answered_at=NOON))
        assert (await uow.works.search(at_host))[1][WorkFilter.OPEN] == 1
    async with store.writing() as uow:
        await uow.works.save(WORKS[5])
        await uow.members.save([member("a8", "A")])
    async with store.reading() as uow:
        assert [one.work_id for one in (await uow.works.search(at_host))[0]] == ["w9"]
