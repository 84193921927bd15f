"""One suite over the three twins: what is promised in `ledger.transferports`, kept by memory, SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.mobility import (
    IntroductionLetter,
    Newcomer,
    OrgRelationTransfer,
    Side,
    TransferReceipt,
    TransferState,
)
from ledger.ports import Reach, Store
from ledger.refusals import Conflict
from ledger.rules.transfer import TransferChange
from ledger.transferports import Letterhead, Part, TransferLine, TransferQuery
from tests.ledger.records import DAY, NOON, fill

S = TransferState
TODAY = date(2025, 12, 2)
ALL = Reach(everywhere=True)
LETTER = IntroductionLetter("C-2025-0001", TODAY, 30, "2025-11", "ABCD-EFGH")


def transfer(key: str = "t1", member: str = "m-a4", **special: Any) -> OrgRelationTransfer:
    return replace(OrgRelationTransfer(key, member, "A", "C", "C", "工作调动", S.APPLIED, NOON, NOON, "B"), **special)


def line(one: OrgRelationTransfer, before: TransferState | None = None, step: str = "Apply", author: str = "acc-a4") -> TransferLine:
    return TransferLine(TransferChange(one.transfer_id, before, one.state, step, Side.MEMBER, one.state_since, one.answer), author)


async def add(store: Store, *transfers: OrgRelationTransfer) -> None:
    async with store.writing() as uow:
        for one in transfers:
            await uow.transfers.add(one, [line(one)])


async def ids(store: Store, *parts: Part, **more: Any) -> list[str]:
    async with store.reading() as uow:
        found, total = await uow.transfers.search(TransferQuery(parts, **more))
        assert total >= len(found)
        return [one.transfer_id for one in found]


async def test_a_transfer_comes_back_as_it_went_in_with_letters_and_receipt(store: Store) -> None:
    await fill(store)
    receipt = TransferReceipt(LETTER.number, "B", NOON + 5, "王书记")
    old = replace(LETTER, number="C-2025-0000", verification_code="OLD", void=True)
    full = transfer(
        state=S.RECEIPTED, letters=(old, LETTER), receipt=receipt, dues_paid_until="2025-11", national_reference="GJ-7", revision=8
    )
    newcomer = Newcomer("N-1", "新来", "probationary", "female", date(2024, 7, 1), "13800000000")
    arriving = transfer("t2", "m-new", from_branch_id="", from_committee_id="", outside="外省某县委", newcomer=newcomer)
    leaving = transfer("t3", "m-a5", to_committee_id="", to_branch_id=None, outside="某大学党委", outside_branch="某支部")
    await add(store, full, arriving, leaving)
    async with store.reading() as uow:
        for one in (full, arriving, leaving):
            assert await uow.transfers.get(one.transfer_id) == one
        assert await uow.transfers.get("nobody") is None
        assert await uow.transfers.by_code("OLD") == full
        assert await uow.transfers.by_code("ABCD-EFGH") == full
        assert await uow.transfers.by_code("") is None


async def test_a_step_is_saved_once_and_the_slower_of_two_is_told(store: Store) -> None:
    await fill(store)
    before = transfer()
    await add(store, before)
    after = replace(before, state=S.HOME_CHECKED, state_since=NOON + 60, letters=(LETTER,), revision=2)
    async with store.writing() as uow:
        assert await uow.transfers.save(after, 1, line(after, S.APPLIED, "PassHomeCheck"))
        assert not await uow.transfers.save(replace(after, answer="late"), 1, line(after, S.APPLIED, "Refuse"))
    async with store.reading() as uow:
        assert await uow.transfers.get("t1") == after
        history = await uow.transfers.history("t1")
    assert [(one.change.step, one.change.before, one.change.after) for one in history] == [
        ("Apply", None, S.APPLIED),
        ("PassHomeCheck", S.APPLIED, S.HOME_CHECKED),
    ]
    assert history[0] == line(before)


async def test_a_member_has_one_open_transfer_and_any_number_of_ended_ones(store: Store) -> None:
    await fill(store)
    ended = [transfer(f"e{n}", state=state, applied_at=NOON - n) for n, state in enumerate((S.WITHDRAWN, S.ARCHIVED, S.CLOSED), start=1)]
    await add(store, *ended, transfer())
    with pytest.raises(Conflict):
        await add(store, transfer("t2"))
    async with store.reading() as uow:
        assert [one.transfer_id for one in await uow.transfers.of_member("m-a4")] == ["e3", "e2", "e1", "t1"]
        assert await uow.transfers.open_of(["m-a4", "m-a5"]) == {"m-a4": transfer()}


async def test_numbers_are_unique_within_a_committee_and_codes_everywhere(store: Store) -> None:
    await fill(store)
    await add(store, transfer(letters=(LETTER,)))
    for letter in (replace(LETTER, verification_code="OTHER"), replace(LETTER, number="C-2025-0002")):
        with pytest.raises(Conflict):
            await add(store, transfer("t2", "m-a5", letters=(letter,)))
    from_outside = {"from_branch_id": "", "from_committee_id": "", "outside": "外省某县委"}
    same_number = replace(LETTER, verification_code="")
    await add(
        store,
        transfer("t3", "m-a5", letters=(same_number,), **from_outside),
        transfer("t4", "m-a6", letters=(same_number,), **from_outside),
    )
    async with store.reading() as uow:
        assert await uow.transfers.numbers_of("C", "C-2025-") == ["C-2025-0001"]
        assert await uow.transfers.numbers_of("C", "C-2026-") == []
        assert await uow.transfers.numbers_from("外省某县委") == ["C-2025-0001", "C-2025-0001"]


async def test_lists_are_by_side_and_reach_latest_step_first(store: Store) -> None:
    await fill(store)
    first = transfer("t1", state_since=NOON)
    second = transfer("t2", "m-b3", from_branch_id="B", to_branch_id="A", state=S.IN_TRANSIT, state_since=NOON + 1, letters=(LETTER,))
    out = transfer("t3", "m-a5", to_committee_id="", to_branch_id=None, outside="某大学党委", state_since=NOON + 2)
    await add(store, first, second, out)
    at_a, at_c = Reach(org_ids=frozenset({"A"})), Reach(paths=("/C/",))
    assert await ids(store, Part(Side.HOME, at_a)) == ["t3", "t1"]
    assert await ids(store, Part(Side.HOST, at_a)) == ["t2"]
    assert await ids(store, Part(Side.HOME_COMMITTEE, at_c), oldest_first=True) == ["t1", "t2", "t3"]
    assert await ids(store, Part(Side.HOST_COMMITTEE, at_c)) == ["t2", "t1"]
    assert await ids(store, Part(Side.HOST_COMMITTEE, ALL)) == ["t2", "t1"]
    assert await ids(store, Part(Side.HOST_COMMITTEE, at_c, lettered=True)) == ["t2"]
    assert await ids(store, Part(Side.HOST, at_a), Part(Side.HOME, at_a, frozenset({S.APPLIED}))) == ["t3", "t2", "t1"]
    assert await ids(store) == []
    assert await ids(store, Part(Side.HOME, ALL), page=2, page_size=2) == ["t1"]


async def test_lists_narrow_to_who_is_named_waits_long_or_ends_soon(store: Store) -> None:
    await fill(store)
    newcomer = Newcomer("N-1", "新来者", "full")
    await add(
        store,
        transfer("t1", letters=(LETTER,), state=S.IN_TRANSIT, state_since=NOON - 3 * DAY),
        transfer("t2", "m-a5", letters=(replace(LETTER, number="C-2", verification_code="X", void=True),), state_since=NOON),
        transfer("t3", "m-new", from_branch_id="", from_committee_id="", outside="外省某县委", newcomer=newcomer, state_since=NOON - 9),
    )
    everyone = (Part(Side.HOME, ALL), Part(Side.HOST_COMMITTEE, ALL))
    named = {text: await ids(store, *everyone, text=text) for text in ("党员A4", "a5", "c-2025", "新来", "某县", "100%")}
    assert named == {"党员A4": ["t1"], "a5": ["t2"], "c-2025": ["t1"], "新来": ["t3"], "某县": ["t3"], "100%": []}
    assert await ids(store, *everyone, waiting_since=NOON - 10) == ["t1"]
    assert await ids(store, *everyone, letter_until=date(2025, 12, 31)) == []
    assert await ids(store, *everyone, letter_until=date(2026, 1, 1)) == ["t1"]


async def test_several_lists_are_counted_in_one_pass(store: Store) -> None:
    await fill(store)
    lettered = transfer("t2", "m-b3", from_branch_id="B", to_branch_id="A", state=S.IN_TRANSIT, letters=(LETTER,))
    await add(store, transfer("t1"), lettered, transfer("t3", "m-a5", state=S.ARCHIVED))
    queries = [
        TransferQuery((Part(Side.HOME, ALL),)),
        TransferQuery((Part(Side.HOME, ALL, frozenset({S.APPLIED})), Part(Side.HOST, ALL, frozenset({S.IN_TRANSIT})))),
        TransferQuery((Part(Side.HOME, ALL, frozenset({S.IN_TRANSIT})),), letter_until=date(2025, 12, 31)),
        TransferQuery(()),
    ]
    async with store.reading() as uow:
        assert await uow.transfers.counts(queries) == [3, 2, 0, 0]
        assert await uow.transfers.counts([]) == []


async def test_all_of_some_states_are_gone_through_in_pieces(store: Store) -> None:
    await fill(store)
    await add(store, *(transfer(f"t{n}", f"m-a{n}") for n in range(1, 6)), transfer("t0", "m-b1", state=S.ARCHIVED))
    async with store.reading() as uow:
        first = await uow.transfers.in_states({S.APPLIED, S.APPROVED}, limit=3)
        rest = await uow.transfers.in_states({S.APPLIED, S.APPROVED}, after=first[-1].transfer_id, limit=3)
    assert [one.transfer_id for one in (*first, *rest)] == ["t1", "t2", "t3", "t4", "t5"]


async def test_a_letterhead_is_replaced(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.transfers.save_letterhead(Letterhead("C", "演示路 1 号"))
        await uow.transfers.save_letterhead(Letterhead("C", "演示路 2 号", "010-1", "010-2", "100000"))
    async with store.reading() as uow:
        assert await uow.transfers.letterhead("C") == Letterhead("C", "演示路 2 号", "010-1", "010-2", "100000")
        assert await uow.transfers.letterhead("A") is None
