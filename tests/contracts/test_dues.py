"""The book of dues in the three twins of the store, and what the clocks read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.dues import DuesEntry, DuesGroup, DuesStanding, DuesTerms
from ledger.duesports import DuesFilter, DuesQuery
from ledger.ports import Reach, Store
from ledger.refusals import Conflict
from tests.ledger.records import NOON, fill

DAY = date(2025, 11, 5)


def line(key: str, member: str = "m-a4", **special: Any) -> DuesEntry:
    return replace(DuesEntry(key, member, "2025-10", "2025-11", DAY, 5000, NOON, "acc-a1"), **special)


def stands(member: str, until: str, *, quarterly: bool = False) -> DuesStanding:
    return DuesStanding(member, until, DAY, quarterly, None)


async def test_lines_stay_and_a_line_is_corrected_once(store: Store) -> None:
    await fill(store)
    first, second = line("e2", entered_at=NOON + 1), line("e1", reason="金额", corrects="e2", entered_at=NOON + 2, amount_fen=None)
    async with store.writing() as uow:
        await uow.dues.add([first])
        await uow.dues.add([second, line("e3", "m-a5")])
    async with store.reading() as uow:
        assert await uow.dues.entries(["m-a4", "m-a1"]) == {"m-a4": [first, second]}
        assert (await uow.dues.entry("e1"), await uow.dues.entry("gone")) == (second, None)
    for twice in (line("e4", corrects="e2"), line("e1")):
        with pytest.raises(Conflict):
            async with store.writing() as uow:
                await uow.dues.add([twice])


async def test_terms_are_kept_as_they_were_set(store: Store) -> None:
    await fill(store)
    first = DuesTerms("t2", "m-a4", "2025-01", DuesGroup.EMPLOYED, 5000, False, NOON, "acc-a1")
    second = DuesTerms("t1", "m-a4", "2025-03", DuesGroup.NO_INCOME, None, True, NOON + 1, "acc-a1", "t2")
    async with store.writing() as uow:
        await uow.dues.set_terms(second)
        await uow.dues.set_terms(first)
        assert await uow.dues.terms(["m-a4", "m-a5"]) == {"m-a4": [first, second]}
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.dues.set_terms(replace(second, terms_id="t3"))


async def test_a_standing_is_one_for_each_member_and_what_clocks_read(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.dues.keep_standing("m-a4", stands("m-a4", "2025-09"))
        await uow.dues.keep_standing("m-a4", stands("m-a4", "2025-10"))
        await uow.dues.keep_standing("m-a5", stands("m-a5", "2025-10"))
        await uow.dues.keep_standing("m-a5", None)
    async with store.reading() as uow:
        assert await uow.dues.standings(["m-a4", "m-a5"]) == {"m-a4": stands("m-a4", "2025-10")}
        rows = {row.member_id: row.dues for row in await uow.clocks.rows("", 50)}
        assert (rows["m-a4"], rows["m-a5"]) == (stands("m-a4", "2025-10"), None)
        assert [row.dues for row in await uow.clocks.rows_of(["m-a4"])] == [stands("m-a4", "2025-10")]


async def test_members_are_found_by_how_they_stand(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        for member, until, quarterly in (
            ("m-a1", "2025-11", False),
            ("m-a2", "2025-08", False),
            ("m-a4", "2025-09", True),
            ("m-a5", "2025-10", False),
            ("m-a6", "2025-08", True),
            ("m-a7", "2024-01", False),  # suspended: owes nothing
            ("m-b3", "2025-08", False),
        ):
            await uow.dues.keep_standing(member, stands(member, until, quarterly=quarterly))
    branch = Reach(org_ids=frozenset({"A"}))
    plain = DuesQuery(branch, "2025-11", "2025-09")
    async with store.reading() as uow:
        for query, found in (
            (replace(plain, filter=DuesFilter.BEHIND), ["m-a2", "m-a6", "m-a5"]),
            (replace(plain, filter=DuesFilter.UNKNOWN), ["m-a3", "m-a8"]),
            (plain, ["m-a2", "m-a6", "m-a4", "m-a5", "m-a1", "m-a3", "m-a8"]),
            (replace(plain, filter=DuesFilter.BEHIND, reach=Reach(paths=("/C/",))), ["m-a2", "m-a6", "m-b3", "m-a5"]),
            (replace(plain, filter=DuesFilter.BEHIND, reach=Reach(everywhere=True), text="a5"), ["m-a5"]),
            (replace(plain, reach=Reach()), []),
        ):
            ids, counts = await uow.dues.search(query)
            assert (ids, counts[query.filter]) == (found, len(found)), query
        for page, found in ((2, ["m-a5", "m-a1", "m-a3"]), (3, ["m-a8"]), (4, [])):
            ids, counts = await uow.dues.search(replace(plain, page=page, page_size=3))
            assert (ids, counts) == (found, {DuesFilter.ALL: 7, DuesFilter.BEHIND: 3, DuesFilter.UNKNOWN: 2})


async def test_what_is_forgotten_is_gone_and_the_others_stay(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.dues.add([line("e1"), line("e2", "m-a5")])
        await uow.dues.set_terms(DuesTerms("t1", "m-a4", "2025-01", DuesGroup.EMPLOYED, 5000, False, NOON, "acc-a1"))
        await uow.dues.keep_standing("m-a4", stands("m-a4", "2025-11"))
        assert (await uow.dues.forget("m-a4"), await uow.dues.forget("m-a4")) == (2, 0)
    async with store.reading() as uow:
        assert await uow.dues.entries(["m-a4", "m-a5"]) == {"m-a5": [line("e2", "m-a5")]}
        assert (await uow.dues.terms(["m-a4"]), await uow.dues.standings(["m-a4"])) == ({}, {})
