"""Clocks: each by the day before, the day itself and the day after; and a hundred thousand members in one pass."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.mobility import Side
from ledger.mobilityrules import DEFAULT
from ledger.rules.duties import AdviceKind, DutyKind, DutyRecord, DutyState, due_days, evaluate, lapse_clock
from ledger.rules.months import add_months, months_of, next_period_end, whole_months

LEFT = date(2026, 2, 10)
AWAY = DutyRecord("li", left_on=LEFT, last_life_on=LEFT)
K, A = DutyKind, AdviceKind
D = date


def due(one: DutyRecord) -> dict[DutyKind, date]:
    return dict(due_days(one, DEFAULT))


def advice(one: DutyRecord, today: date) -> list[tuple[AdviceKind, date, date]]:
    return [(a.kind, a.since, a.full_on) for a in evaluate([one], DEFAULT, today).advice]


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (D(2026, 8, 31), 6, D(2027, 2, 28)),
        (D(2027, 8, 31), 6, D(2028, 2, 29)),
        (D(2026, 12, 1), 1, D(2027, 1, 1)),
        (D(2026, 3, 10), 24, D(2028, 3, 10)),
    ],
)
def test_months_later(day: date, months: int, after: date) -> None:
    assert (add_months(day, months), whole_months(day, after), whole_months(after, day)) == (after, months, 0)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (D(2026, 1, 1), 3, D(2026, 6, 30)),
        (D(2026, 3, 31), 3, D(2026, 6, 30)),
        (D(2026, 12, 31), 3, D(2027, 3, 31)),
        (D(2026, 5, 1), 6, D(2026, 12, 31)),
        (D(2026, 5, 1), 12, D(2027, 12, 31)),
    ],
)
def test_done_in_one_period_due_by_the_end_of_the_next(day: date, months: int, end: date) -> None:
    assert next_period_end(day, months) == end


@pytest.mark.parametrize(("text", "months"), [("2026-05", 24317), ("2026-13", None), ("2026-00", None), ("2026-5", None), ("", None)])
def test_months_of_dues(text: str, months: int | None) -> None:
    assert months_of(text) == months


def test_a_floating_member_is_contacted_every_quarter_and_reports_every_year() -> None:
    assert due(AWAY) == {K.CONTACT: D(2026, 6, 30), K.YEARLY_REPORT: D(2027, 12, 31), K.THOUGHT_REPORT: D(2026, 12, 31)}
    met = replace(AWAY, last_contact_on=D(2026, 5, 2), last_report_on=D(2027, 1, 5), last_thought_report_on=D(2026, 7, 1))
    assert due(met) == {K.CONTACT: D(2026, 9, 30), K.YEARLY_REPORT: D(2028, 12, 31), K.THOUGHT_REPORT: D(2027, 6, 30)}


def test_abroad_it_is_every_half_year() -> None:
    assert due(replace(AWAY, abroad=True))[K.CONTACT] == D(2026, 12, 31)


def test_a_contact_before_leaving_meets_nothing_more_than_leaving_does() -> None:
    assert due(replace(AWAY, last_contact_on=D(2020, 1, 1)))[K.CONTACT] == due(AWAY)[K.CONTACT]


def test_a_certificate_is_checked_every_year() -> None:
    issued = replace(AWAY, certificate_issued_on=D(2026, 2, 1))
    assert due(issued)[K.ANNUAL_CHECK] == D(2027, 12, 31)
    assert due(replace(issued, certificate_checked_on=D(2027, 3, 1)))[K.ANNUAL_CHECK] == D(2028, 12, 31)


@pytest.mark.parametrize(
    ("probationary", "left", "expected"),
    [(False, None, None), (True, None, D(2026, 6, 30)), (False, LEFT, D(2026, 12, 31)), (True, LEFT, D(2026, 6, 30))],
)
def test_thought_reports_by_the_kind_of_member(probationary: bool, left: date | None, expected: date | None) -> None:
    one = DutyRecord("li", probationary=probationary, left_on=left, thought_reports_since=D(2026, 1, 15))
    assert due(one).get(K.THOUGHT_REPORT) == expected


@pytest.mark.parametrize(
    ("days_past", "state"),
    [(-15, None), (-14, DutyState.SOON), (0, DutyState.SOON), (1, DutyState.OVERDUE), (30, DutyState.OVERDUE), (31, DutyState.ESCALATED)],
)
def test_a_due_is_told_before_after_and_to_the_superior(days_past: int, state: DutyState | None) -> None:
    one = replace(AWAY, report_in_due_on=D(2026, 3, 12))
    found = [d.state for d in evaluate([one], DEFAULT, D(2026, 3, 12) + timedelta(days=days_past)).dues if d.kind is K.REPORT_IN]
    assert found == ([state] if state else [])


def test_both_sides_are_reminded_of_a_report_in_and_the_superior_in_the_end() -> None:
    found = evaluate([replace(AWAY, report_in_due_on=D(2026, 3, 12))], DEFAULT, D(2026, 5, 1))
    assert [d.audience for d in found.dues] == [(Side.MEMBER, Side.HOME, Side.HOST, Side.HOME_COMMITTEE)]
    assert found.counts() == {(K.REPORT_IN, DutyState.ESCALATED): 1}


@pytest.mark.parametrize(
    ("life", "dues", "excused", "since"),
    [
        (D(2026, 1, 5), None, None, D(2026, 1, 5)),
        (D(2026, 1, 5), D(2026, 3, 1), None, D(2026, 3, 1)),
        (D(2026, 4, 5), D(2026, 3, 1), None, D(2026, 4, 5)),
        (D(2026, 1, 5), None, D(2026, 5, 1), D(2026, 5, 1)),
        (None, None, None, D(2026, 2, 1)),
    ],
)
def test_the_six_month_clock_runs_from_the_later_of_life_and_dues(
    life: date | None, dues: date | None, excused: date | None, since: date
) -> None:
    one = DutyRecord("li", records_since=D(2026, 2, 1), last_life_on=life, last_dues_on=dues, excused_until=excused)
    assert lapse_clock(one, DEFAULT) == (since, add_months(since, 6))


def test_a_lapse_is_warned_of_before_and_said_on_the_day() -> None:
    one, since, full = DutyRecord("li", last_life_on=D(2026, 1, 5)), D(2026, 1, 5), D(2026, 7, 5)
    assert advice(one, D(2026, 6, 4)) == []
    assert advice(one, D(2026, 6, 5)) == [(A.LAPSE_NEAR, since, full)]
    assert advice(one, D(2026, 7, 4)) == [(A.LAPSE_NEAR, since, full)]
    assert advice(one, full) == [(A.LAPSE, since, full)]


def test_no_advice_about_the_exempt_and_the_unknown() -> None:
    assert advice(DutyRecord("li", exempt=True, last_life_on=D(2020, 1, 1)), D(2026, 1, 1)) == []
    assert advice(DutyRecord("li"), D(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("one", "kind", "full"),
    [
        (DutyRecord("li", search_began_on=D(2026, 1, 31)), A.SUSPENSION, D(2026, 7, 31)),
        (DutyRecord("li", search_began_on=D(2024, 1, 1), suspended_on=D(2024, 8, 1)), A.REMOVAL, D(2026, 8, 1)),
        (DutyRecord("li", graduated_on=D(2024, 7, 1)), A.GRADUATE, D(2026, 7, 1)),
        (DutyRecord("li", fixed_place_since=D(2026, 1, 1)), A.FIXED_PLACE, D(2026, 7, 1)),
    ],
)
def test_the_long_clocks_are_said_on_the_day_they_are_full(one: DutyRecord, kind: AdviceKind, full: date) -> None:
    assert advice(one, full - timedelta(days=1)) == []
    assert [(k, on) for k, _, on in advice(one, full)] == [(kind, full)]


@pytest.mark.parametrize("kind", list(A))
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_advice_names_its_days_and_its_basis(kind: AdviceKind, locale: str) -> None:
    one = replace(evaluate([DutyRecord("li", last_life_on=D(2026, 1, 5))], DEFAULT, D(2026, 8, 1)).advice[0], kind=kind)
    sentence = one.sentence(DEFAULT, locale)
    assert all(part in sentence for part in ("2026-01-05", "2026-07-05", one.clause(DEFAULT).basis(locale)))


def test_a_hundred_thousand_members_take_seconds() -> None:
    days = [D(2024, 1, 1) + timedelta(days=n) for n in range(900)]
    records = [
        DutyRecord(
            f"m{n}",
            probationary=n % 10 == 0,
            left_on=days[n % 900] if n % 3 == 0 else None,
            last_contact_on=days[n * 7 % 900],
            thought_reports_since=days[n % 900],
            last_life_on=days[n * 3 % 900],
        )
        for n in range(100_000)
    ]
    began = time.perf_counter()
    found = evaluate(records, DEFAULT, D(2026, 6, 20))
    assert time.perf_counter() - began < 6  # 60 s are allowed for the whole night, with its reading and writing
    assert len(found.advice) > 50_000
    assert len(found.dues) > 30_000
