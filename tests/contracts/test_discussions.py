"""Threads, contributions and read marks in the three twins of the store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.discussionports import ThreadQuery
from ledger.discussions import Contribution, ContributionVersion, ReadMark, Thread, ThreadKind
from ledger.ports import Store
from ledger.refusals import Conflict
from tests.ledger.records import NOON, fill


def thread(key: str = "t1", org_id: str = "A", **special: Any) -> Thread:
    return replace(Thread(key, org_id, ThreadKind.DISCUSSION, "题目", "acc-a4", "m-a4", NOON, NOON), **special)


def said(key: str = "c1", number: int = 1, **special: Any) -> Contribution:
    return replace(Contribution(key, "t1", number, "acc-a4", "m-a4", "一段\n话", NOON), **special)


async def test_threads_are_found_by_place_latest_first(store: Store) -> None:
    await fill(store)
    announced = thread("t2", "C", kind=ThreadKind.ANNOUNCEMENT, author="admin", author_member_id=None, last_at=NOON + 5)
    async with store.writing() as uow:
        for one in (thread(), announced, thread("t3", "B", last_at=NOON + 9)):
            await uow.discussions.add(one)
        closed = thread(last_at=NOON + 7, entries=2, closed_at=NOON + 8, close_reason="已有结论")
        await uow.discussions.save(closed)
        here = frozenset({"A", "C"})
        for query, keys in (
            (ThreadQuery(here), ["t1", "t2"]),
            (ThreadQuery(here, ThreadKind.ANNOUNCEMENT), ["t2"]),
            (ThreadQuery(here, page=2, page_size=1), ["t2"]),
            (ThreadQuery(frozenset({"C"}), paths=("/C/A/",)), ["t1", "t2"]),
            (ThreadQuery(frozenset(), paths=("/C/B/",)), ["t3"]),
            (ThreadQuery(frozenset()), []),
        ):
            assert [one.thread_id for one in (await uow.discussions.search(query))[0]] == keys
        assert (await uow.discussions.search(ThreadQuery(here, page_size=1)))[1] == 2
    async with store.reading() as uow:
        assert (await uow.discussions.get("t1"), await uow.discussions.get("t2")) == (closed, announced)
        assert await uow.discussions.get("none") is None


async def test_contributions_are_numbered_once_and_keep_what_was_hidden(store: Store) -> None:
    await fill(store)
    hidden = said("c2", 2, hidden_at=NOON + 1, hidden_by="acc-a1", hide_reason="无关")
    async with store.writing() as uow:
        await uow.discussions.add(thread())
        await uow.discussions.add_entry(said("c2", 2))
        await uow.discussions.add_entry(said())
        await uow.discussions.save_entry(hidden)
        assert await uow.discussions.entries("t1") == [said(), hidden]
        assert await uow.discussions.entry("c2") == hidden
        assert await uow.discussions.entry("none") is None
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.discussions.add_entry(said("c3", 2))


async def test_a_mark_says_how_far_somebody_has_read(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.discussions.add(thread())
        await uow.discussions.mark(ReadMark("t1", "m-a4", 1, NOON))
        await uow.discussions.mark(ReadMark("t1", "m-a4", 3, NOON))
        await uow.discussions.mark(ReadMark("t1", "m-a5", 2, NOON + 1))
    async with store.reading() as uow:
        mine = ReadMark("t1", "m-a4", 3, NOON)
        assert await uow.discussions.marks_of("m-a4", ["t1", "t2"]) == {"t1": mine}
        assert await uow.discussions.marks_of("m-a4", []) == {}
        assert await uow.discussions.readers("t1") == {"m-a4": mine, "m-a5": ReadMark("t1", "m-a5", 2, NOON + 1)}


async def test_what_was_said_before_is_kept_in_order_until_it_is_dropped(store: Store) -> None:
    await fill(store)
    changed = said(text="又一段话", edited_at=NOON + 9, edits=2)
    before = [ContributionVersion("c1", 1, "一段\n话", NOON), ContributionVersion("c1", 2, "一段话", NOON + 5)]
    async with store.writing() as uow:
        await uow.discussions.add(thread())
        await uow.discussions.add_entry(said())
        for version in reversed(before):
            await uow.discussions.keep_version(version)
        await uow.discussions.save_entry(changed)
    async with store.writing() as uow:
        assert await uow.discussions.entry("c1") == changed
        assert await uow.discussions.versions("c1") == before
        await uow.discussions.drop_versions("c1")
        assert await uow.discussions.versions("c1") == []


async def test_what_somebody_has_said_and_read_is_found_by_the_member(store: Store) -> None:
    await fill(store)
    marks = [ReadMark("t1", "m-a4", 1, NOON), ReadMark("t2", "m-a4", 1, NOON + 3), ReadMark("t1", "m-a5", 1, NOON + 1)]
    async with store.writing() as uow:
        for key in ("t1", "t2"):
            await uow.discussions.add(thread(key))
        await uow.discussions.add_entry(said("c2", 2, at=NOON + 2, author="acc-a5", author_member_id="m-a5"))
        await uow.discussions.add_entry(said("c3", 1, thread_id="t2", at=NOON + 4))
        await uow.discussions.add_entry(said())
        for mark in marks:
            await uow.discussions.mark(mark)
    async with store.writing() as uow:
        assert [one.entry_id for one in await uow.discussions.by_member("m-a4")] == ["c1", "c3"]
        assert await uow.discussions.read_by("m-a4") == marks[:2]
        assert await uow.discussions.many(["t2", "t1", "none"]) == {"t1": thread("t1"), "t2": thread("t2")}
        await uow.discussions.unread("t1", "m-a5")
        assert await uow.discussions.readers("t1") == {"m-a5": marks[2]}
        await uow.discussions.unread("t1", None)
        assert await uow.discussions.readers("t1") == {}


async def test_threads_nobody_writes_in_any_more_go_with_all_that_belongs_to_them(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        for key, last in (("t1", NOON), ("t2", NOON + 9)):
            await uow.discussions.add(thread(key, last_at=last))
            await uow.discussions.add_entry(said(f"of-{key}", thread_id=key))
            await uow.discussions.keep_version(ContributionVersion(f"of-{key}", 1, "旧话", NOON))
            await uow.discussions.mark(ReadMark(key, "m-a4", 1, NOON))
    async with store.writing() as uow:
        assert await uow.discussions.remove_before(NOON + 5, 10) == ["of-t1"]
        assert await uow.discussions.remove_before(NOON + 5, 10) == []
    async with store.reading() as uow:
        assert (await uow.discussions.get("t1"), await uow.discussions.entry("of-t1"), await uow.discussions.versions("of-t1")) == (
            None,
            None,
            [],
        )
        assert [one.entry_id for one in await uow.discussions.entries("t2")] == ["of-t2"]
        assert list(await uow.discussions.readers("t2")) == ["m-a4"]
