"""Dues: how far they are paid, what is behind by which day, and what the rates make of a base."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.dues import DuesEntry, DuesGroup, DuesStanding, DuesTerms
from ledger.duesrules import DEFAULT, DUES_RULES
from ledger.rules.declined import Declined
from ledger.rules.dues import (
    DuesState,
    count_of,
    in_force,
    month_at,
    months_between,
    next_due,
    owed_before,
    paid_late,
    reckoned,
    standing,
    wrong_entry,
)

D = date
TODAY, PAID = D(2026, 5, 20), D(2026, 5, 1)


def line(key: str, first: str, last: str | None = None, on: date = PAID, **special: Any) -> DuesEntry:
    return replace(DuesEntry(key, "li", first, last or first, on, None, 1.0, "acc"), **special)


def terms(key: str, since: str, set_at: float = 1.0, *, quarterly: bool = False, **special: Any) -> DuesTerms:
    return replace(DuesTerms(key, "li", since, DuesGroup.EMPLOYED, 5000, quarterly, set_at, "acc"), **special)


def until(entries: list[DuesEntry], agreed: list[DuesTerms] | None = None) -> str | None:
    found = standing("li", agreed or [], entries)
    return found.paid_until if found else None


def test_months_are_counted_over_the_year_and_back() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [month_at(count_of(month)) for month in ("2026-01", "2026-12")] == ["2026-01", "2026-12"]


@pytest.mark.parametrize(
    ("entries", "agreed", "paid"),
    [
        ([], [], None),
        ([line("a", "2026-01", "2026-03")], [], "2026-03"),
        ([line("a", "2026-01"), line("b", "2026-03")], [], "2026-01"),  # a gap: what lies after it does not help
        ([line("b", "2026-03"), line("a", "2026-01", "2026-02")], [], "2026-03"),
        ([], [terms("t", "2026-02")], "2026-01"),  # owed from the terms on
        ([line("a", "2026-04")], [terms("t", "2026-02")], "2026-01"),
        ([line("a", "2025-12", "2026-02")], [terms("t", "2026-02")], "2026-02"),
        ([line("a", "2026-01"), line("b", "2026-02", corrects="a")], [], "2026-02"),
        ([line("a", "2026-01"), line("b", "2026-01", corrects="a", withdrawn=True)], [], None),
        ([], [terms("t", "2020-01"), terms("u", "2026-05", 2.0, corrects="t")], "2026-04"),
    ],
)
def test_paid_until_is_the_month_before_the_first_one_missing(entries: list[DuesEntry], agreed: list[DuesTerms], paid: str | None) -> None:
    assert until(entries, agreed) == paid


def test_the_latest_payment_and_the_latest_terms_are_kept_with_it() -> None:
    entries = [line("a", "2026-01", on=D(2026, 1, 9)), line("b", "2026-02", on=D(2026, 2, 3)), line("c", "2026-02", corrects="b")]
    found = standing("li", [terms("t", "2026-01"), terms("u", "2026-02", 2.0, quarterly=True, monthly_fen=7000)], entries)
    assert found == DuesStanding("li", "2026-02", D(2026, 5, 1), True, 7000)
    assert [one.entry_id for one in in_force(entries)] == ["a", "c"]


@pytest.mark.parametrize(
    ("paid_until", "quarterly", "today", "due"),
    [
        ("2026-04", False, D(2026, 5, 1), ("2026-05", D(2026, 5, 31), DuesState.PAID, 0)),
        ("2026-04", False, D(2026, 5, 24), ("2026-05", D(2026, 5, 31), DuesState.SOON, 0)),
        ("2026-04", False, D(2026, 5, 31), ("2026-05", D(2026, 5, 31), DuesState.SOON, 0)),
        ("2026-04", False, D(2026, 6, 1), ("2026-05", D(2026, 5, 31), DuesState.BEHIND, 1)),
        ("2025-11", False, D(2026, 2, 1), ("2025-12", D(2025, 12, 31), DuesState.BEHIND, 2)),
        ("2026-03", True, D(2026, 6, 20), ("2026-04", D(2026, 6, 30), DuesState.PAID, 0)),
        ("2026-03", True, D(2026, 6, 30), ("2026-04", D(2026, 6, 30), DuesState.SOON, 0)),
        ("2026-03", True, D(2026, 7, 1), ("2026-04", D(2026, 6, 30), DuesState.BEHIND, 3)),
        ("2026-09", False, D(2026, 5, 31), ("2026-10", D(2026, 10, 31), DuesState.PAID, 0)),  # paid ahead
    ],
)
def test_a_month_is_due_by_its_last_day_and_a_quarter_by_its_own(
    paid_until: str, quarterly: bool, today: date, due: tuple[str, date, DuesState, int]
) -> None:
    found = next_due(DuesStanding("li", paid_until, None, quarterly, None), DEFAULT, today)
    assert (found.month, found.due_on, found.state, found.behind) == due


@pytest.mark.parametrize(
    ("today", "month", "quarter"),
    [(D(2026, 1, 1), "2026-01", "2026-01"), (D(2026, 5, 31), "2026-05", "2026-04"), (D(2026, 12, 1), "2026-12", "2026-10")],
)
def test_nobody_is_behind_with_the_month_or_quarter_that_runs(today: date, month: str, quarter: str) -> None:
    assert (owed_before(today, quarterly=False), owed_before(today, quarterly=True)) == (month, quarter)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (line("n", "2026-03", "2026-04"), None),
        (line("n", "2027-05"), None),  # a year ahead
        (line("n", "2027-06"), "duesMonthsWrong"),
        (line("n", "2026-04", "2026-03"), "duesMonthsWrong"),
        (line("n", "2024-03", "2026-03"), "duesMonthsWrong"),  # 25 months
        (line("n", "1949-12"), "duesMonthsWrong"),
        (line("n", "2026-13"), "duesMonthsWrong"),
        (line("n", "2026-03", on=D(2026, 5, 21)), "duesDayWrong"),
        (line("n", "2025-12", "2026-01"), "duesMonthPaid"),
    ],
)
def test_what_cannot_be_entered(entry: DuesEntry, code: str | None) -> None:
    found = wrong_entry(entry, "0001", [line("a", "2026-01", "2026-02")], TODAY)
    assert (found.code if isinstance(found, Declined) else None) == code


def test_a_month_taken_back_can_be_entered_again() -> None:
    others = [line("a", "2026-01"), line("b", "2026-01", corrects="a", withdrawn=True)]
    assert wrong_entry(line("n", "2026-01"), "0001", others, TODAY) is None


def test_arrears_of_more_than_half_a_year_are_marked() -> None:
    assert [paid_late(line("a", month), DEFAULT) for month in ("2025-11", "2025-10")] == [False, True]


@pytest.mark.parametrize(
    ("group", "base", "monthly"),
    [
        (DuesGroup.EMPLOYED, 3000, 15.0),
        (DuesGroup.EMPLOYED, 3000.01, 30.0),
        (DuesGroup.EMPLOYED, 5000, 50.0),
        (DuesGroup.EMPLOYED, 10_000, 150.0),
        (DuesGroup.EMPLOYED, 10_000.01, 200.0),
        (DuesGroup.PENSIONER, 5000, 25.0),
        (DuesGroup.PENSIONER, 6000, 60.0),
        (DuesGroup.NO_INCOME, 0, 0.2),
    ],
)
def test_the_rate_of_the_bracket_goes_for_the_whole_base(group: DuesGroup, base: float, monthly: float) -> None:
    assert reckoned(group, round(base * 100), DEFAULT) == round(monthly * 100)


def test_the_page_people_read_says_what_the_rates_are() -> None:
    page = (Path(__file__).parents[3] / "docs" / "rulebook.md").read_text(encoding="utf-8")
    lines = [f"| `{c.key}` | {c.value} | {c.title_zh} | {c.basis_zh} |" for c in DEFAULT.clauses("zh")]
    lines += [f"| `{c.key}` | {c.value} | {c.title_en} | {c.basis_en} |" for c in DEFAULT.clauses("en")]
    assert [text for text in lines if text not in page] == []
    assert DUES_RULES[DEFAULT.version] is DEFAULT
