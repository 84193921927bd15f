"""The same rules twice: computed for one member, and said as a day that a database compares with."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.clocks import contact_due, home_life
from ledger.dualmanagement import LifeDay
from ledger.mobilityrules import DEFAULT
from ledger.rules.duties import DutyKind, DutyRecord, due_days
from ledger.rules.floating import HomeLife

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(left=days, reached=days, today=days, abroad=st.booleans())
def test_the_day_the_database_looks_for_is_the_day_the_rule_gives(left: date, reached: date, today: date, abroad: bool) -> None:
    record = DutyRecord("m", left_on=left, abroad=abroad, last_contact_on=reached)
    due_on = dict(due_days(record, DEFAULT))[DutyKind.CONTACT]
    limits = contact_due(DEFAULT, today)
    since = limits.abroad_since if abroad else limits.inland_since
    assert (due_on < today) == (left < since and reached < since)


def test_only_the_home_branch_and_its_groups_are_home_life() -> None:
    day = date(2026, 3, 1)
    kept = [LifeDay("m1", "li", "A", day, True), LifeDay("m2", "li", "B", day + timedelta(1), False), LifeDay("m3", "li", "G", day, False)]
    assert home_life(kept, frozenset({"A", "G"})) == [HomeLife(day, True), HomeLife(day, False)]
