"""One suite over the three twins, of what is promised in `ledger.figureports`: numbers of a small tree, and the lists behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.actions.figures import children_of, cuts_of, summed
from ledger.dualmanagement import LifeDay, Measured
from ledger.figures import Behind, BranchFigures, Flow, FlowCount, FlowKey, HeldCount, Line, LineQuery
from ledger.mobility import ContactEntry, ContactMeans, ContactStatus, OrgRelation, Place, RegistrationState
from ledger.model import MeetingForm, MeetingState, day_of
from ledger.ports import Store
from tests.contracts.test_mobility_stores import registration
from tests.ledger.records import DAY, NOON, fill, meeting

TODAY = day_of(NOON)  # 2025-12-02
CUTS = cuts_of(TODAY)
LONG_AGO = NOON - 400 * DAY


async def fill_figures(store: Store) -> None:
    """a1 was there lately, a2 200 days ago, a3 never since records began; a4, b1 and b2 are away, b2 abroad and out of contact."""
    await fill(store)
    async with store.writing() as uow:
        await uow.relations.begin([OrgRelation(f"m-{key}", home, LONG_AGO) for key, home in (("a1", "A"), ("a2", "A"), ("a3", "A"))])
        for key, on, who in (("M1", date(2025, 11, 20), "m-a1"), ("M2", date(2025, 5, 16), "m-a2")):
            ended = NOON - (TODAY - on).days * DAY
            held = meeting(key, planned_start=ended, planned_end=ended, opened_at=ended, ended_at=ended, state=MeetingState.ENDED)
            await uow.meetings.add(held)
            await uow.clocks.keep_days(Measured(key, 1, "h"), [LifeDay(key, who, "A", on, False)])
        for number in range(3):
            start = NOON - number * DAY
            committee = meeting(f"K{number}", form=MeetingForm.BRANCH_COMMITTEE_MEETING, planned_start=start, state=MeetingState.ENDED)
            await uow.meetings.add(replace(committee, org_id="B"))
        late: dict[str, Any] = {"state": RegistrationState.AWAITING_REPORT_IN, "report_in_due_on": date(2025, 10, 1)}
        await uow.registrations.add(registration("r1", "a4", **late))
        await uow.registrations.add(registration("r2", "b1", home_branch_id="B", host_org_id="A", host_branch_id="A"))
        lost: dict[str, Any] = {"contact_status": ContactStatus.OUT_OF_CONTACT, "lost_on": date(2025, 9, 9)}
        await uow.registrations.add(registration("r3", "b2", home_branch_id="B", destination=Place("Berlin", country="DE"), **lost))
        await uow.registrations.add(registration("r0", "b2", home_branch_id="B", closed_at=NOON, state=RegistrationState.RETURNED))
        await uow.contacts.add(ContactEntry("c1", "m-b1", date(2025, 11, 1), ContactMeans.TELEPHONE, True, "", "acc-b1"))


async def test_branches_are_counted_apart_and_summed_up_the_tree(store: Store) -> None:
    await fill_figures(store)
    async with store.reading() as uow:
        found = await uow.figures.of_branches("/C/", CUTS)
        units = await uow.organisations.all()
        alone = await uow.figures.of_branches("/C/A/", CUTS)
    by = {one.org_id: one for one in found}
    assert (by["A"].away, by["A"].awaiting, by["A"].late, by["A"].contact_overdue, by["A"].out_of_contact) == (1, 1, 1, 0, 0)
    assert (by["B"].away, by["B"].awaiting, by["B"].late, by["B"].contact_overdue, by["B"].out_of_contact) == (2, 0, 0, 0, 1)
    assert by["A"].idle == (2, 2, 2, 2)
    assert alone == [by["A"]]
    top = next(unit for unit in units if unit.org_id == "C")
    children = children_of(top, units, found)
    assert [one.org_id for one in children] == [one.org_id for one in units if one.org_id in by]
    assert summed("C", found).members == sum(one.members for one in children) == sum(one.members for one in found)


async def test_contact_is_overdue_once_a_period_has_passed_without_any(store: Store) -> None:
    await fill_figures(store)
    later = cuts_of(date(2026, 7, 1))
    async with store.reading() as uow:
        found = {one.org_id: one.contact_overdue for one in await uow.figures.of_branches("/C/", later)}
        lines, total = await uow.figures.lines(LineQuery(Behind.CONTACT_OVERDUE, "/C/B/"), later)
    assert (found["A"], found["B"]) == (1, 2)
    assert ([line.subject for line in lines], total) == (["r2", "r3"], 2)


async def test_flows_are_told_apart_by_place_reason_industry_and_range(store: Store) -> None:
    await fill_figures(store)
    async with store.reading() as uow:
        of_all = await uow.figures.flows("/C/")
        of_a = await uow.figures.flows("/C/A/")
        lines, total = await uow.figures.lines(LineQuery(Behind.AWAY, "/C/", FlowKey.PLACE, "abroad:DE"), CUTS)
    out = [one for one in of_all if one.key is FlowKey.PLACE]
    assert out == [FlowCount(Flow.OUT, FlowKey.PLACE, "44", 2), FlowCount(Flow.OUT, FlowKey.PLACE, "abroad:DE", 1)]
    assert [one for one in of_a if one.flow is Flow.IN and one.key is FlowKey.INDUSTRY] == [FlowCount(Flow.IN, FlowKey.INDUSTRY, "软件", 1)]
    assert (lines, total) == ([Line("B", "m-b2", date(2025, 9, 1), "r3", "Berlin")], 1)


async def test_meetings_required_in_a_quarter_are_counted_by_branch(store: Store) -> None:
    await fill_figures(store)
    async with store.reading() as uow:
        held = await uow.figures.held("/C/", 2025)
        count = await uow.figures.branches("/C/")
        general = LineQuery(Behind.NOT_HELD, "/C/", form=MeetingForm.BRANCH_GENERAL_MEETING, year=2025, quarter=4)
        missing, total = await uow.figures.lines(general, CUTS)
    enough = [one for one in held if one.held]
    assert enough == [
        HeldCount(MeetingForm.BRANCH_GENERAL_MEETING, 2, 1),
        HeldCount(MeetingForm.BRANCH_GENERAL_MEETING, 4, 1),
        HeldCount(MeetingForm.BRANCH_COMMITTEE_MEETING, 4, 1),
    ]
    assert (count, total, [line.org_id for line in missing]) == (3, 2, ["B", "F"])
    assert missing[0] == Line("B", None, None, "B", "0")


@pytest.mark.parametrize(("days", "expected"), [(30, ["m-a3", "m-a2"]), (180, ["m-a3", "m-a2"])])
async def test_who_was_at_no_meeting_for_long_is_listed_the_longest_first(store: Store, days: int, expected: list[str]) -> None:
    await fill_figures(store)
    async with store.reading() as uow:
        lines, total = await uow.figures.lines(LineQuery(Behind.IDLE, "/C/", days=days), CUTS)
        second, _ = await uow.figures.lines(LineQuery(Behind.IDLE, "/C/", days=days, page=2, page_size=1), CUTS)
    assert [line.member_id for line in lines] == expected
    assert [line.since for line in lines] == [None, date(2025, 5, 16)]
    assert (total, [line.member_id for line in second]) == (2, expected[1:])


async def test_late_and_lost_ones_are_listed_with_the_day_it_is_about(store: Store) -> None:
    await fill_figures(store)
    async with store.reading() as uow:
        late, _ = await uow.figures.lines(LineQuery(Behind.LATE, "/C/"), CUTS)
        lost, _ = await uow.figures.lines(LineQuery(Behind.OUT_OF_CONTACT, "/C/"), CUTS)
        elsewhere, none = await uow.figures.lines(LineQuery(Behind.LATE, "/C/B/"), CUTS)
    assert late == [Line("A", "m-a4", date(2025, 10, 1), "r1", "深圳市南山区")]
    assert lost == [Line("B", "m-b2", date(2025, 9, 9), "r3", "Berlin")]
    assert (elsewhere, none) == ([], 0)


def test_sums_add_up() -> None:
    one = BranchFigures("A", 3, 1, 2, 1, 1, 0, 0, (1, 1, 0, 0))
    assert one.plus(one) == BranchFigures("A", 6, 2, 4, 2, 2, 0, 0, (2, 2, 0, 0))
