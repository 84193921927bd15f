"""Work a branch assigns to a member: told, answered once, given back, taken back, and the third leg of the clock of six months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.actions import work, worklists
from ledger.actions.audit import who_looked
from ledger.actions.holdings import Asked, holdings
from ledger.actions.nightly import evaluate_ledger
from ledger.actions.worklists import SearchWorks
from ledger.assignedwork import AssignedWork, WorkOutcome
from ledger.clocks import duty_record
from ledger.exports.worklines import work_lines_csv, work_lines_xlsx
from ledger.mobility import OrgRelation
from ledger.mobilityrules import DEFAULT as RULES
from ledger.model import day_of
from ledger.ports import AccessQuery, Reach, Store
from ledger.refusals import Forbidden, NotFound, ReasonMissing, Refusal
from ledger.retention import Kind
from ledger.rules.duties import AdviceKind, evaluate
from ledger.rules.work import WorkAnswer
from ledger.workports import WorkFilter
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, NOON, member

DONE, DECLINED = WorkOutcome.DONE, WorkOutcome.DECLINED
PLAN = work.AssignWork("m-a4", "  走访困难党员 ", date(2025, 12, 20), "两户")


async def assigned(store: Store, who: Who) -> AssignedWork:
    return await work.assign_work(store, await who("a1"), PLAN, NOON)


async def told(store: Store, member_id: str) -> list[str]:
    async with store.reading() as uow:
        found, _ = await uow.notifications.of_member(member_id, page_size=50)
    return [one.notification.kind for one in reversed(found)]


async def test_a_branch_assigns_and_the_member_says_that_it_is_done(store: Store, who: Who) -> None:
    one = await assigned(store, who)
    mine = await work.work_file(store, await who("a4"), "m-a4", NOON)
    assert (mine.works, mine.may_assign, mine.may_answer, mine.may_keep) == ([one], False, frozenset({one.work_id}), frozenset())
    assert (one.title, one.org_id, one.outcome) == ("走访困难党员", "A", None)
    answer = WorkAnswer(DONE, " 已走访 ", date(2025, 12, 4))
    done = await work.answer_work(store, await who("a4"), one.work_id, answer, NOON + 3 * DAY)
    assert (done.outcome, done.done_on, done.answered_by, done.reason) == (DONE, date(2025, 12, 4), "acc-a4", "已走访")
    assert [await told(store, key) for key in ("m-a4", "m-a1", "m-a2", "m-b1")] == [
        ["workAssigned"],
        ["workAnswered"],
        ["workAnswered"],
        [],
    ]
    seen = await work.work_file(store, await who("a1"), "m-a4", NOON + 4 * DAY)
    assert (seen.works, seen.may_assign, seen.names["acc-a4"]) == ([done], True, "党员a4")
    looks = [line.action for line in (await who_looked(store, await who("a4"))).lines]
    assert looks == ["seeWork", "answerWork", "assignWork"]


async def test_an_answer_can_be_given_back_once_there_is_one_and_given_again(store: Store, who: Who) -> None:
    one, secretary = await assigned(store, who), await who("a1")
    no = await work.answer_work(store, await who("a4"), one.work_id, WorkAnswer(DECLINED, "出差在外"), NOON + DAY)
    assert (no.outcome, no.done_on, no.reason) == (DECLINED, None, "出差在外")
    again = await work.give_work_back(store, secretary, one.work_id, "回来后再走访", NOON + 2 * DAY)
    assert (again.outcome, again.reason, again.answered_by) == (None, "回来后再走访", "acc-a1")
    assert await told(store, "m-a4") == ["workAssigned", "workGivenBack"]
    done = await work.answer_work(store, secretary, one.work_id, WorkAnswer(DONE), NOON + 3 * DAY)
    assert (done.done_on, done.answered_by) == (day_of(NOON + 3 * DAY), "acc-a1")


async def test_what_is_refused(store: Store, who: Who) -> None:
    one, secretary, me = await assigned(store, who), await who("a1"), await who("a4")
    taken = await assigned(store, who)
    await work.withdraw_work(store, secretary, taken.work_id, "另有安排", NOON)
    tries = {
        "no title": work.assign_work(store, secretary, replace(PLAN, title="  "), NOON),
        "due yesterday": work.assign_work(store, secretary, replace(PLAN, due_on=date(2025, 12, 1)), NOON),
        "to who is suspended": work.assign_work(store, secretary, replace(PLAN, member_id="m-a7"), NOON),
        "done before it was assigned": work.answer_work(store, me, one.work_id, WorkAnswer(DONE, on=date(2025, 12, 1)), NOON),
        "done tomorrow": work.answer_work(store, me, one.work_id, WorkAnswer(DONE, on=date(2025, 12, 3)), NOON),
        "declined without a word": work.answer_work(store, me, one.work_id, WorkAnswer(DECLINED, " "), NOON),
        "given back unanswered": work.give_work_back(store, secretary, one.work_id, "理由", NOON),
        "given back after it was taken back": work.give_work_back(store, secretary, taken.work_id, "理由", NOON),
        "answered after it was taken back": work.answer_work(store, me, taken.work_id, WorkAnswer(DONE), NOON),
        "taken back twice": work.withdraw_work(store, secretary, taken.work_id, "理由", NOON),
        "taken back without a word": work.withdraw_work(store, secretary, one.work_id, "", NOON),
        "what there is not": work.answer_work(store, me, "none", WorkAnswer(DONE), NOON),
    }
    refused = {}
    for name, attempt in tries.items():
        with pytest.raises(Refusal) as why:
            await attempt
        refused[name] = why.value.code
    assert refused == {
        "no title": "workTitleMissing",
        "due yesterday": "workDuePast",
        "to who is suspended": "workNotAssignable",
        "done before it was assigned": "dayOutOfOrder",
        "done tomorrow": "dayOutOfOrder",
        "declined without a word": ReasonMissing.code,
        "given back unanswered": "workOpen",
        "given back after it was taken back": "workOpen",
        "answered after it was taken back": "workAnswered",
        "taken back twice": "workAnswered",
        "taken back without a word": ReasonMissing.code,
        "what there is not": NotFound.code,
    }
    async with store.reading() as uow:
        assert await uow.works.get(one.work_id) == one


async def test_nobody_else_sees_it_and_the_member_does_not_assign(store: Store, who: Who) -> None:
    one = await assigned(store, who)
    for name, refusal in (("b1", NotFound), ("a5", NotFound), ("a3", Forbidden), ("system", NotFound)):
        with pytest.raises(refusal):
            await work.work_file(store, await who(name), "m-a4", NOON)
        with pytest.raises((NotFound, Forbidden)):
            await work.answer_work(store, await who(name), one.work_id, WorkAnswer(DONE), NOON)
    for attempt in (
        work.assign_work(store, await who("a4"), PLAN, NOON),
        work.withdraw_work(store, await who("a4"), one.work_id, "不想做", NOON),
        work.answer_work(store, await who("auditor"), one.work_id, WorkAnswer(DONE), NOON),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert (await work.work_file(store, await who("auditor"), "m-a4", NOON)).works == [one]


async def home_and_host(store: Store, who: Who) -> tuple[AssignedWork, AssignedWork]:
    """Of a8, whose home is A and who floats at B: a piece of work of each."""
    plan = replace(PLAN, member_id="m-a8")
    return await work.assign_work(store, await who("a1"), plan, NOON), await work.assign_work(store, await who("b1"), plan, NOON + 1)


async def test_a_host_assigns_to_whom_it_hosts_and_the_home_branch_sees_it(store: Store, who: Who) -> None:
    ours, theirs = await home_and_host(store, who)
    assert (ours.org_id, theirs.org_id) == ("A", "B")
    mine = await work.work_file(store, await who("a8"), "m-a8", NOON)
    assert [(one.org_id, mine.orgs[one.org_id].name) for one in mine.works] == [("B", "乙支部"), ("A", "甲支部")]
    assert (mine.may_answer, mine.may_keep, mine.may_assign) == (frozenset({ours.work_id, theirs.work_id}), frozenset(), False)
    home = await work.work_file(store, await who("a1"), "m-a8", NOON)
    assert (home.works, home.may_answer, home.may_keep) == ([theirs, ours], frozenset({ours.work_id}), frozenset({ours.work_id}))
    host = await work.work_file(store, await who("b1"), "m-a8", NOON)
    assert (host.works, host.may_assign) == ([theirs], True)
    assert host.may_answer == host.may_keep == frozenset({theirs.work_id})
    async with store.reading() as uow:
        found, _ = await uow.notifications.of_member("m-a8", page_size=50)
    assert [one.notification.params["org"] for one in found] == ["乙支部", "甲支部"]
    await work.answer_work(store, await who("a8"), theirs.work_id, WorkAnswer(DONE), NOON + DAY)
    assert [await told(store, key) for key in ("m-b1", "m-a1", "m-a2")] == [["workAnswered"], [], []]
    again = await work.give_work_back(store, await who("b1"), theirs.work_id, "还有一户", NOON + 2 * DAY)
    assert (again.outcome, again.reason) == (None, "还有一户")


async def test_work_of_home_and_host_is_left_to_who_assigned_it(store: Store, who: Who) -> None:
    ours, theirs = await home_and_host(store, who)
    me = await who("a8")
    for name, one, refusal in (
        ("a1", theirs, Forbidden),  # seen, and the host's
        ("branchadmin", theirs, Forbidden),
        ("b1", ours, NotFound),  # a host is not shown what the home branch assigned
        ("a5", theirs, NotFound),
        ("a4", theirs, NotFound),
        ("system", theirs, NotFound),
        ("auditor", theirs, Forbidden),
    ):
        for attempt in (
            work.withdraw_work(store, await who(name), one.work_id, "理由", NOON),
            work.answer_work(store, await who(name), one.work_id, WorkAnswer(DONE), NOON),
        ):
            with pytest.raises(refusal):
                await attempt
    for one in (ours, theirs):
        with pytest.raises(Forbidden):
            await work.withdraw_work(store, me, one.work_id, "不想做", NOON)
    with pytest.raises(Forbidden):
        await work.assign_work(store, me, replace(PLAN, member_id="m-a8"), NOON)
    with pytest.raises(NotFound):  # the host of somebody else
        await work.assign_work(store, await who("b1"), PLAN, NOON)
    assert (await work.assign_work(store, await who("admin"), replace(PLAN, member_id="m-a8"), NOON)).org_id == "A"
    assert (await work.withdraw_work(store, await who("admin"), theirs.work_id, "理由", NOON)).outcome is WorkOutcome.WITHDRAWN


async def test_when_the_member_floats_there_no_more_the_host_sees_nothing_and_the_home_branch_takes_over(store: Store, who: Who) -> None:
    _, theirs = await home_and_host(store, who)
    async with store.writing() as uow:
        await uow.members.save([member("a8", "A")])
    host = await who("b1")
    for attempt in (
        work.work_file(store, host, "m-a8", NOON),
        work.assign_work(store, host, replace(PLAN, member_id="m-a8"), NOON),
        work.answer_work(store, host, theirs.work_id, WorkAnswer(DONE), NOON),
        work.withdraw_work(store, host, theirs.work_id, "理由", NOON),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert (await worklists.search_works(store, host, SearchWorks(WorkFilter.ALL), NOON)).lines == []
    await work.answer_work(store, await who("a8"), theirs.work_id, WorkAnswer(DECLINED, "已离开"), NOON + DAY)
    assert [await told(store, key) for key in ("m-b1", "m-a1")] == [[], ["workAnswered"]]
    assert (await work.give_work_back(store, await who("a1"), theirs.work_id, "改在本支部完成", NOON + DAY)).outcome is None


async def test_the_list_has_everything_of_ones_members_and_what_one_assigned_to_guests(store: Store, who: Who) -> None:
    ours, theirs = await home_and_host(store, who)
    done = await assigned(store, who)
    await work.answer_work(store, await who("a4"), done.work_id, WorkAnswer(DONE, "已走访"), NOON + DAY)
    late = NOON + 30 * DAY

    async def seen(name: str, **special: Any) -> list[tuple[str, str, str]]:
        page = await worklists.search_works(store, await who(name), SearchWorks(**special), late)
        return [(one.work.work_id, one.home.name, one.org.name) for one in page.lines]

    of_home, of_host, of_a4 = (ours.work_id, "甲支部", "甲支部"), (theirs.work_id, "甲支部", "乙支部"), (done.work_id, "甲支部", "甲支部")
    assert sorted(await seen("a1")) == sorted([of_home, of_host])
    assert await seen("a1", filter=WorkFilter.ANSWERED) == [of_a4]
    assert await seen("b1", filter=WorkFilter.ALL) == [of_host]
    assert sorted(await seen("auditor", filter=WorkFilter.ALL)) == sorted([of_home, of_host, of_a4])
    assert [await seen(name, filter=WorkFilter.ALL) for name in ("a4", "a8", "a3", "system", "security")] == [[]] * 5
    page = await worklists.search_works(store, await who("a2"), SearchWorks(WorkFilter.ALL, "党员a4"), late)
    assert ([one.work.work_id for one in page.lines], page.total, page.may_assign) == ([done.work_id], 1, True)
    assert (page.counts[WorkFilter.OVERDUE], page.counts[WorkFilter.DONE], page.lines[0].answered_by) == (2, 1, "党员a4")


async def test_taking_the_list_away_is_logged_and_for_those_who_have_charge(store: Store, who: Who) -> None:
    done = await assigned(store, who)
    await work.answer_work(store, await who("a4"), done.work_id, WorkAnswer(DONE, "=已走访"), NOON + DAY)
    rows = await worklists.export_works(store, await who("a1"), SearchWorks(WorkFilter.ALL), NOON + DAY)
    today = day_of(NOON + DAY)
    text = work_lines_csv(rows, today, "zh").decode("utf-8-sig").splitlines()
    assert text[1].startswith("a4,党员a4,甲支部,A,走访困难党员,两户,甲支部,2025-12-02,2025-12-20,已完成,2025-12-03,2025-12-03,党员a4,")
    assert "'=已走访" in text[1]  # no spreadsheet reckons with it
    page = load_workbook(BytesIO(work_lines_xlsx(rows, today, "en"))).worksheets[0]
    assert (page.title, page["J2"].value, page["N2"].value) == ("Assigned work", "done", "=已走访")
    async with store.reading() as uow:
        logged, _ = await uow.access_log.search(AccessQuery(Reach(everywhere=True)))
    assert [(one.account_id, one.subject, one.path, one.detail) for one in logged if one.action == "exportWork"] == [
        ("acc-a1", "org:A", "/C/A/", {"filter": "all", "rows": "1"})
    ]
    for name in ("a4", "a3", "system"):
        with pytest.raises(Forbidden):
            await worklists.export_works(store, await who(name), SearchWorks(), NOON)


async def test_the_same_is_assigned_to_several_or_to_none(store: Store, who: Who) -> None:
    several = [replace(PLAN, member_id=key) for key in ("m-a4", "m-a5", "m-b2")]  # the last a guest from B
    works = await work.assign_works(store, await who("a1"), several, NOON)
    assert [(one.member_id, one.org_id) for one in works] == [("m-a4", "A"), ("m-a5", "A"), ("m-b2", "A")]
    assert [await told(store, key) for key in ("m-a4", "m-a5", "m-b2")] == [["workAssigned"]] * 3
    for key, refusal in (("m-b3", NotFound), ("m-a7", Refusal)):
        with pytest.raises(refusal):
            await work.assign_works(store, await who("a1"), [*several, replace(PLAN, member_id=key)], NOON)
    assert (await worklists.search_works(store, await who("admin"), SearchWorks(WorkFilter.ALL), NOON)).total == 3


async def test_the_night_reminds_before_and_after_the_day_each_once(store: Store, who: Who) -> None:
    await assigned(store, who)
    for days in (1, 5, 6, 30, 31):  # due on the 18th day
        await evaluate_ledger(store, NOON + days * DAY)
    assert [kind for kind in await told(store, "m-a4") if kind.startswith("work")] == ["workAssigned", "workDue", "workOverdue"]


async def test_work_that_is_done_stops_the_clock_and_the_advice_names_all_three_legs(store: Store, who: Who) -> None:
    """The relation begins half a year before, nothing else is known: the clock is full but for the work."""
    async with store.writing() as uow:
        await uow.relations.put("m-a4", [OrgRelation("m-a4", "A", NOON - 200 * DAY)])
    one = await assigned(store, who)

    async def advice(now: float) -> tuple[AdviceKind, date, str, str] | None:
        async with store.reading() as uow:
            (row,) = await uow.clocks.rows_of(["m-a4"])
        found = evaluate([duty_record(row)], RULES, day_of(now)).advice
        return (found[0].kind, found[0].since, found[0].sentence(RULES, "zh"), found[0].sentence(RULES, "en")) if found else None

    before = await advice(NOON + 30 * DAY)
    assert before is not None
    assert before[:2] == (AdviceKind.LAPSE, day_of(NOON - 200 * DAY))
    assert "最近一次完成所分配的工作：无；有所分配的工作应于 2025-12-20 完成，尚未完成" in before[2]
    assert "last assigned work done: none; assigned work was due on 2025-12-20 and is not done" in before[3]
    await work.answer_work(store, await who("a4"), one.work_id, WorkAnswer(DONE), NOON + 31 * DAY)
    assert await advice(NOON + 32 * DAY) is None
    after = await advice(NOON + 250 * DAY)
    assert after is not None
    assert after[:2] == (AdviceKind.LAPSE, day_of(NOON + 31 * DAY))
    assert "最近一次完成所分配的工作：2026-01-02）" in after[2]


async def test_it_is_among_what_is_held_about_the_member(store: Store, who: Who) -> None:
    await assigned(store, who)
    async with store.reading() as uow:
        member = (await uow.members.many(["m-a4"]))["m-a4"]
        held = (await holdings(Asked(uow, member)))[Kind.WORK]
    assert [(row["title"], row["due_on"], "assigned_by" in row) for row in held] == [("走访困难党员", "2025-12-20", False)]
