"""Impact assessments and breaches in the three twins of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.ports import Store
from ledger.protection import Assessment, Breach, BreachLine, BreachLineKind, Conclusion, Occasion
from ledger.refusals import Conflict
from ledger.retention import Kind
from tests.ledger.records import NOON


def assessment(key: str = "a1", **special: Any) -> Assessment:
    kinds = (Kind.ATTENDANCE, Kind.REPORTS)
    days = (date(2025, 1, 1), date(2026, 1, 1))
    plain = Assessment(key, "考勤", Occasion.SENSITIVE, kinds, "必要", "影响", "措施", Conclusion.WITH_MEASURES, *days, NOON, "security")
    return replace(plain, **special)


def breach(key: str = "b1", **special: Any) -> Breach:
    plain = Breach(key, "误发", NOON, (Kind.CONTACT,), 3, "经过", "危害", "措施", "建议", "联系", NOON, "security")
    return replace(plain, **special)


async def test_assessments_follow_one_another(store: Store) -> None:
    first, second = assessment(), assessment("a2", assessed_on=date(2025, 6, 1), follows="a1")
    async with store.writing() as uow:
        await uow.protection.add_assessment(first)
        await uow.protection.add_assessment(second)
    async with store.reading() as uow:
        assert await uow.protection.assessments() == [second, first]
        assert (await uow.protection.assessment("a1"), await uow.protection.assessment("gone")) == (first, None)
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.protection.add_assessment(assessment("a3", follows="a1"))


async def test_a_breach_is_saved_only_by_who_saw_it_last(store: Store) -> None:
    later = breach("b2", found_at=NOON + 5)
    async with store.writing() as uow:
        await uow.protection.add_breach(breach())
        await uow.protection.add_breach(later)
        saved = breach(people=4, told_at=NOON + 1, told=2, revision=2)
        assert await uow.protection.save_breach(saved, seen_revision=1) is True
        assert await uow.protection.save_breach(breach(revision=2), seen_revision=1) is False
    async with store.reading() as uow:
        assert await uow.protection.breaches() == [later, saved]
        assert (await uow.protection.breach("b1"), await uow.protection.breach("gone")) == (saved, None)


async def test_lines_of_a_breach_are_numbered(store: Store) -> None:
    first = BreachLine("b1", 1, BreachLineKind.ENTERED, NOON, "security", "")
    second = BreachLine("b1", 2, BreachLineKind.AUTHORITY_TOLD, NOON + 1, "security", "网信部门")
    async with store.writing() as uow:
        await uow.protection.add_breach(breach())
        await uow.protection.add_line(first)
        await uow.protection.add_line(second)
    async with store.reading() as uow:
        assert (await uow.protection.lines("b1"), await uow.protection.lines("gone")) == ([first, second], [])
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.protection.add_line(second)
