"""Attachments and thought reports in the three twins of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.attachments import TEXT, attachment
from ledger.ports import Reach, Store
from ledger.refusals import Conflict
from ledger.reportports import ReportQuery
from ledger.reports import ReportState, ReportStep, ReportStepKind, ThoughtReport
from tests.ledger.records import NOON, fill

DRAFT, HANDED_IN, RETURNED, ANSWERED = ReportState


def report(key: str = "r1", member: str = "m-a4", **special: Any) -> ThoughtReport:
    plain = ThoughtReport(key, member, date(2025, 12, 31), DRAFT, "题目", "一段\n文字", NOON, NOON)
    return replace(plain, **special)


async def test_a_file_is_kept_apart_from_what_it_is_called(store: Store) -> None:
    first = attachment("f1", "report:r1", "笔记.txt", "内容".encode(), NOON, "acc-a4")
    second, other = replace(first, attachment_id="f0", added_at=NOON + 1), replace(first, attachment_id="f3", owner="report:r2")
    async with store.writing() as uow:
        for one in (second, first, other):
            await uow.attachments.add(one, b"\x00" + one.attachment_id.encode())
    async with store.reading() as uow:
        assert await uow.attachments.of_owner("report:r1") == [first, second]
        assert (await uow.attachments.of_owners(["report:r1", "report:r2", "none"])).keys() == {"report:r1", "report:r2"}
        assert (await uow.attachments.get("f1"), await uow.attachments.content("f1")) == (first, b"\x00f1")
        assert (await uow.attachments.get("gone"), await uow.attachments.content("gone")) == (None, None)
    async with store.writing() as uow:
        await uow.attachments.remove(["f1", "f0"])
        assert await uow.attachments.of_owner("report:r1") == []
        assert await uow.attachments.content("f1") is None
    assert first.media_type == TEXT
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.attachments.add(other, b"twice")


async def test_a_report_is_saved_only_by_who_saw_it_last(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.reports.add(report())
        saved = report(text="后来", revision=2, state=HANDED_IN, handed_in_at=NOON + 1)
        assert await uow.reports.save(saved, seen_revision=1) is True
        assert await uow.reports.save(report(text="更早", revision=2), seen_revision=1) is False
        assert await uow.reports.save(report("gone"), seen_revision=1) is False
    async with store.reading() as uow:
        assert await uow.reports.get("r1") == saved
        assert await uow.reports.get("gone") is None


async def test_reports_are_found_by_member_and_by_branch(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.reports.add(report("r1", state=HANDED_IN, handed_in_at=NOON + 9))
        await uow.reports.add(report("r2", "m-a5", created_at=NOON + 1, state=HANDED_IN, handed_in_at=NOON + 3))
        await uow.reports.add(report("r3", "m-b3", state=HANDED_IN, handed_in_at=NOON + 4))
        await uow.reports.add(report("r4", created_at=NOON + 2))
        await uow.reports.add(report("r5", created_at=NOON + 3, state=RETURNED, handed_in_at=NOON + 1))
    async with store.reading() as uow:
        assert [one.report_id for one in await uow.reports.of_member("m-a4")] == ["r5", "r4", "r1"]
        branch = Reach(org_ids=frozenset({"A"}))
        for query, keys in (
            (ReportQuery(branch), ["r2", "r1"]),
            (ReportQuery(branch, states=frozenset({HANDED_IN, RETURNED})), ["r5", "r2", "r1"]),
            (ReportQuery(Reach(), frozenset({"m-b3"})), ["r3"]),
            (ReportQuery(branch, frozenset({"m-b3"})), ["r2", "r3", "r1"]),
            (ReportQuery(Reach(everywhere=True), states=frozenset({ANSWERED})), []),
            (ReportQuery(Reach()), []),
        ):
            found, total = await uow.reports.search(query)
            assert ([one.report_id for one in found], total) == (keys, len(keys)), query
        found, total = await uow.reports.search(ReportQuery(branch, page=2, page_size=1))
        assert ([one.report_id for one in found], total) == (["r1"], 2)
        assert await uow.reports.last_handed_in(["m-a4", "m-a5", "m-a1"]) == {"m-a4": NOON + 9, "m-a5": NOON + 3}


async def test_the_history_of_a_report_is_numbered_and_goes_with_it(store: Store) -> None:
    await fill(store)
    first = ReportStep("r1", 1, ReportStepKind.HANDED_IN, NOON, "acc-a4", "", "题目", "文字")
    second = ReportStep("r1", 2, ReportStepKind.RETURNED, NOON + 1, "acc-a1", "请补充")
    async with store.writing() as uow:
        await uow.reports.add(report())
        await uow.reports.add_step(first)
        await uow.reports.add_step(second)
        assert await uow.reports.steps("r1") == [first, second]
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.reports.add_step(replace(second, note="两次"))
    async with store.writing() as uow:
        await uow.reports.remove("r1")
        assert (await uow.reports.get("r1"), await uow.reports.steps("r1")) == (None, [])


async def test_the_day_from_which_reports_are_owed_is_kept_per_member(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.reports.set_owed_since({"m-a4": date(2025, 1, 1), "m-a5": date(2025, 2, 1)})
        await uow.reports.set_owed_since({"m-a4": date(2025, 3, 1)})
        await uow.reports.set_owed_since({})
    async with store.reading() as uow:
        assert await uow.reports.owed_since(["m-a4", "m-a5", "m-a1"]) == {"m-a4": date(2025, 3, 1), "m-a5": date(2025, 2, 1)}
