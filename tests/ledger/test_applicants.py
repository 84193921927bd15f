"""Applicants, active applicants and candidates for admission: thought reports on a schedule of their own, and nothing of a member's.

Everything that counts, calls or asks members is tried with them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest

from ledger.access import Actor
from ledger.actions import dues, figures, members, organisations, posts, reportduties, reports, rosters
from ledger.actions.attendance import append_facts, meeting_sheet, own_record, recent_records
from ledger.actions.calendar import my_meetings
from ledger.actions.discussions import OpenThread, audience, open_thread, own_places
from ledger.actions.floating import ReportDeparture, report_departure
from ledger.actions.lifedays import keep_life_days
from ledger.actions.meetings import ScheduleMeeting, mark_ended, mark_opened, schedule_meeting
from ledger.actions.nightly import evaluate_ledger
from ledger.actions.points import points_of
from ledger.actions.transferapplying import ApplyForTransfer, Whither, apply_for_transfer
from ledger.attendees import attendees_of, capacity_of
from ledger.discussions import ThreadKind
from ledger.dues import DuesGroup
from ledger.duesports import DuesQuery
from ledger.facts import Fact, FactKind, meeting_stream
from ledger.mobility import FlowRange, FlowReason, Place
from ledger.mobilityrules import DEFAULT as RULES
from ledger.model import Account, Capacity, Meeting, MeetingForm, Member, MemberStatus, PostKind, Stage
from ledger.ports import MemberQuery, Reach, Store
from ledger.refusals import Invalid, NotFound, Refusal
from ledger.reports import ReportState
from ledger.rulebook import Rulebook
from ledger.rules.admission import with_fitting_status
from ledger.rules.declined import Declined
from ledger.rules.reportduties import ReportDutyState
from ledger.store.memory import MemoryStore
from tests.ledger.records import DAY, HOUR, NOON, actor, fill, member

APPLICANT, ACTIVE, CANDIDATE = Stage.APPLICANT, Stage.ACTIVE_APPLICANT, Stage.ADMISSION_CANDIDATE
S = MemberStatus
LECTURE = ScheduleMeeting("A", MeetingForm.PARTY_LECTURE, "党课", NOON + HOUR, NOON + 2 * HOUR)
ADMITTED, ON_THE_WAY = member("x", "A"), member("x", "A", stage=ACTIVE, status=S.APPLYING)


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (None, member("x", "A", stage=APPLICANT), S.APPLYING),
        (None, member("x", "A", stage=APPLICANT, status=S.APPLYING), S.APPLYING),
        (None, member("x", "A", status=S.APPLYING), None),
        (ON_THE_WAY, replace(ON_THE_WAY, stage=CANDIDATE), S.APPLYING),
        (ON_THE_WAY, replace(ON_THE_WAY, status=S.LEFT), S.LEFT),
        (ON_THE_WAY, replace(ON_THE_WAY, status=S.SUSPENDED), None),
        (ON_THE_WAY, replace(ON_THE_WAY, status=S.PARTY_PROBATION), None),
        (ON_THE_WAY, replace(ON_THE_WAY, stage=Stage.PROBATIONARY), S.ACTIVE),  # admitted
        (ADMITTED, replace(ADMITTED, stage=ACTIVE), None),
        (ADMITTED, replace(ADMITTED, status=S.APPLYING), None),
        (ADMITTED, replace(ADMITTED, stage=Stage.PROBATIONARY), S.ACTIVE),
    ],
)
def test_the_status_follows_the_stage(before: Member | None, after: Member, status: MemberStatus | None) -> None:
    found = with_fitting_status(before, after)
    assert (None if isinstance(found, Declined) else found.status) == status


async def counts(store: Store) -> tuple[object, ...]:
    """Everything that says how many members there are, or who is expected."""
    admin = await actor(store, "admin")
    async with store.reading() as uow:
        here = Reach(everywhere=True)
        found = (
            await uow.organisations.member_counts(here),
            [row.member_id for row in await uow.clocks.rows("", 99)],
            await uow.dues.search(DuesQuery(here, "2025-11", "2025-09")),
            [one.member_id for one in await audience(uow, (await uow.organisations.many({"A"}))["A"])],
        )
    board = await figures.dashboard(store, admin, "C", 2025, NOON)
    tree = await organisations.tree(store, admin)
    return (*found, board.dashboard.total, [(line.unit.org_id, line.member_count) for line in tree])


@pytest.fixture
async def store() -> Store:
    """One of each stage in branch A, with accounts; made by the secretary, as in life."""
    found = MemoryStore()
    await fill(found)
    secretary = await actor(found, "acc-a1")
    for number, stage in (("p1", APPLICANT), ("p2", ACTIVE), ("p3", CANDIDATE)):
        one = await members.create_member(found, secretary, members.CreateMember(number, f"申请{number}", stage, "A", group_id="G"), NOON)
        async with found.writing() as uow:
            await uow.accounts.add([Account(f"acc-{number}", f"acc-{number}", "!", one.member_id)])
    return found


async def ids(store: Store) -> dict[str, str]:
    async with store.reading() as uow:
        return {number: one.member_id for number, one in (await uow.members.by_numbers(["p1", "p2", "p3"])).items()}


async def test_nobody_who_counts_members_counts_them(store: Store) -> None:
    plain = MemoryStore()
    await fill(plain)
    assert await counts(store) == await counts(plain)


async def test_they_are_not_expected_and_not_frozen_onto_a_list(store: Store) -> None:
    secretary, own = await actor(store, "acc-a1"), set((await ids(store)).values())
    for form, org in ((MeetingForm.BRANCH_GENERAL_MEETING, "A"), (MeetingForm.PARTY_GROUP_MEETING, "G")):
        called = ScheduleMeeting(org, form, "会议", NOON + HOUR, NOON + 2 * HOUR)
        meeting = await schedule_meeting(store, secretary, called, NOON)
        async with store.reading() as uow:
            assert own & {one.member_id for one in await attendees_of(uow, meeting)} == set()
        await mark_opened(store, secretary, meeting.meeting_id, NOON + HOUR)
        async with store.reading() as uow:
            assert own & {one.member_id for one in await uow.attendance.attendees(meeting.meeting_id)} == set()
    assert await my_meetings(store, await actor(store, "acc-p2"), NOON) == []


async def asked_in(store: Store, secretary: Actor, key: str) -> Meeting:
    """A general meeting of the branch at which the candidate sat in, from beginning to end, and the secretary too."""
    plan = replace(LECTURE, form=MeetingForm.BRANCH_GENERAL_MEETING, observer_ids=(key,))
    one = await schedule_meeting(store, secretary, plan, NOON)
    await mark_opened(store, secretary, one.meeting_id, NOON + HOUR)
    stream, facts = meeting_stream(one.meeting_id), []
    for person in (key, "m-a1"):
        body = {"connectionId": f"c-{person}", "deviceId": f"d-{person}", "device": "phone"}
        facts.append(Fact(f"{stream}:{person}:in", stream, FactKind.CONNECTION_JOINED, NOON + HOUR, person, body))
        facts.append(Fact(f"{stream}:{person}:out", stream, FactKind.CONNECTION_LEFT, NOON + 2 * HOUR, person, body | {"reason": "left"}))
    facts.append(Fact(f"{stream}:ended", stream, FactKind.MEETING_ENDED, NOON + 2 * HOUR))
    await append_facts(store, facts, NOON + 2 * HOUR)
    return await mark_ended(store, secretary, one.meeting_id, NOON + 2 * HOUR)


async def test_asked_in_they_sit_in_are_on_their_own_record_and_count_for_nothing(store: Store) -> None:
    secretary, key = await actor(store, "acc-a1"), (await ids(store))["p3"]
    me = await actor(store, "acc-p3")
    one = await asked_in(store, secretary, key)
    found = (await meeting_sheet(store, secretary, one.meeting_id, NOON + 3 * HOUR)).sheet
    row = found.row_of(key)
    assert row is not None
    assert (row.capacity, row.stage, row.grade.value) == (Capacity.OBSERVER, CANDIDATE, "present")
    assert (found.counts.expected, found.counts.present, found.counts.observers) == (7, 1, 1)
    assert [one.row.grade.value for one in await recent_records(store, me, NOON + 3 * HOUR)] == ["present"]
    assert (await own_record(store, me, one.meeting_id, NOON + 3 * HOUR)).row == row
    async with store.reading() as uow:
        told, _ = await uow.notifications.of_member(key, page_size=9)
    assert [line.notification.kind for line in told] == ["meetingScheduled"]


async def test_what_one_sat_in_on_before_admission_is_never_organisational_life(store: Store) -> None:
    """Not while applying, and not when the sheet is measured again after the admission; nor does it give points."""
    secretary, key = await actor(store, "acc-a1"), (await ids(store))["p3"]
    await asked_in(store, secretary, key)
    await organisations.change_organisation(store, secretary, organisations.ChangeOrganisation("A", points_enabled=True), NOON)
    me = await actor(store, "acc-p3")
    assert (await points_of(store, me, key, 2025, NOON + DAY)).entries == ()
    assert len((await points_of(store, secretary, "m-a1", 2025, NOON + DAY)).entries) == 1
    days = []
    for rules in (Rulebook(), Rulebook(version="another")):
        await keep_life_days(store, rules)
        async with store.reading() as uow:
            days.append((len(await uow.clocks.days_of(key)), len(await uow.clocks.days_of("m-a1"))))
        if not days[1:]:
            await members.change_member(store, secretary, members.ChangeMember(key, 1, stage=Stage.PROBATIONARY), NOON + DAY)
    assert days == [(0, 1), (0, 1)]
    assert (await points_of(store, me, key, 2025, NOON + 2 * DAY)).entries == ()


async def test_who_is_asked_in_to_which_meetings(store: Store) -> None:
    own, everything = await ids(store), {}
    plans = {
        "a talk": ScheduleMeeting("A", MeetingForm.HEART_TO_HEART_TALK, "谈心", NOON + HOUR, NOON + 2 * HOUR),
        "the group": ScheduleMeeting("G", MeetingForm.PARTY_GROUP_MEETING, "小组会", NOON + HOUR, NOON + 2 * HOUR),
        "the committee above": replace(LECTURE, org_id="C"),
    }
    for name, plan in plans.items():
        who = await actor(store, "admin" if plan.org_id == "C" else "acc-a1")
        meeting = await schedule_meeting(store, who, replace(plan, observer_ids=("m-a4", own["p2"])), NOON)
        async with store.reading() as uow:
            rows = {one.member_id: one.capacity.value for one in await attendees_of(uow, meeting)}
            person = (await uow.members.many([own["p2"]]))[own["p2"]]
            assert (await capacity_of(uow, meeting, person)) is Capacity.OBSERVER
        everything[name] = (rows["m-a4"], rows[own["p2"]])
    assert everything == dict.fromkeys(plans, ("expected", "observer"))
    assert len(await my_meetings(store, await actor(store, "acc-p2"), NOON)) == 3
    with pytest.raises(NotFound):  # another branch's secretary, who does not know the person
        await schedule_meeting(store, await actor(store, "acc-b1"), replace(LECTURE, org_id="B", observer_ids=(own["p2"],)), NOON)


async def test_what_is_for_members_only_is_refused_them(store: Store) -> None:
    secretary, own = await actor(store, "acc-a1"), await ids(store)
    key, me = own["p3"], await actor(store, "acc-p3")
    departure = ReportDeparture(key, FlowReason.WORK, FlowRange.OUT_OF_PROVINCE, Place("深圳市"), date(2025, 12, 1), "138")
    tries: dict[str, Callable[[], Awaitable[object]]] = {
        "a post": lambda: posts.appoint(store, secretary, posts.Appoint(key, "A", PostKind.COMMITTEE_MEMBER, date(2025, 12, 1)), NOON),
        "dues": lambda: dues.enter_dues(store, secretary, dues.EnterDues((key,), "2025-11", "2025-11", date(2025, 12, 1)), NOON),
        "terms of dues": lambda: dues.set_terms(store, secretary, dues.SetTerms(key, "2025-11", DuesGroup.EMPLOYED), NOON),
        "a registration": lambda: report_departure(store, me, departure, NOON),
        "a transfer": lambda: apply_for_transfer(store, me, ApplyForTransfer(key, Whither("", "B"), "搬家"), NOON),
        "an announcement of the branch": lambda: open_thread(store, me, OpenThread("A", ThreadKind.DISCUSSION, "你好", "大家好"), NOON),
        "being a guest from elsewhere": lambda: schedule_meeting(store, secretary, replace(LECTURE, host_member_ids=(key,)), NOON),
    }
    refused = {}
    for name, attempt in tries.items():
        with pytest.raises(Refusal) as why:
            await attempt()
        refused[name] = why.value.code
    assert refused == {
        "a post": "notAMemberHere",
        "dues": "duesNotOwed",
        "terms of dues": "duesNotOwed",
        "a registration": "notOnTheRoll",
        "a transfer": "notOnTheRoll",
        "an announcement of the branch": "notFound",
        "being a guest from elsewhere": "notFound",
    }
    async with store.reading() as uow:
        assert await own_places(uow, me) == []
        assert await uow.relations.of_member(key) == []


async def test_a_branch_with_applicants_is_not_empty(store: Store) -> None:
    async with store.writing() as uow:
        everybody = await uow.members.within(Reach(org_ids=frozenset({"B"})))
        await uow.members.save([replace(one, status=S.LEFT) for one in everybody])
    admin = await actor(store, "admin")
    await members.create_member(store, admin, members.CreateMember("p9", "申请", APPLICANT, "B"), NOON)
    with pytest.raises(Refusal) as refused:
        await organisations.close_organisation(store, admin, "B", NOON)
    assert refused.value.code == "organisationNotEmpty"


async def test_reports_are_due_by_stage_and_reach_the_secretary(store: Store) -> None:
    secretary, own = await actor(store, "acc-a1"), await ids(store)
    await reportduties.remind(store, NOON, RULES)
    lines = {one.member.number: one.duty for one in await reportduties.branch_duties(store, secretary, NOON, RULES)}
    assert {key: (lines[key].months, lines[key].basis) for key in own} == {
        "p1": (6, "thought_report_applicant_months"),
        "p2": (3, "thought_report_active_applicant_months"),
        "p3": (3, "thought_report_candidate_months"),
    }
    me = await actor(store, "acc-p2")
    begun = await reports.begin(store, me, reports.BeginReport("0" * 32, date(2025, 12, 31), "第四季度", "近期学习"), NOON)
    await reports.hand_in(store, me, begun.report_id, begun.revision, NOON)
    tray = await reportduties.in_tray(store, secretary, frozenset({ReportState.HANDED_IN}), NOON)
    assert [one.report_id for one in tray.reports] == [begun.report_id]
    answered = await reports.open_report(store, secretary, begun.report_id, NOON)
    assert (answered.report.read_at, answered.may_answer) == (NOON, True)
    for stranger in ("acc-a4", "acc-p3", "acc-b1", "admin"):
        with pytest.raises(NotFound):
            await reports.open_report(store, await actor(store, stranger), begun.report_id, NOON)
    for days in (130, 205):  # 11 April, when those of the first quarter are late, and 25 June
        await reportduties.remind(store, NOON + days * DAY, RULES)
    async with store.reading() as uow:
        told = {number: await uow.notifications.of_member(key, page_size=9) for number, key in own.items()}
    assert {number: [one.notification.kind for one in found[0]] for number, found in told.items()} == {
        "p1": ["reportDue"],
        "p2": ["reportOverdue"],
        "p3": ["reportOverdue"],
    }
    late = await reportduties.branch_duties(store, secretary, NOON + 210 * DAY, RULES)
    assert late[0].duty.state in (ReportDutyState.OVERDUE, ReportDutyState.ESCALATED)


async def test_the_night_has_no_clocks_for_them(store: Store) -> None:
    await evaluate_ledger(store, NOON + 400 * DAY)
    async with store.reading() as uow:
        found = [await uow.notifications.of_member(key, page_size=9) for key in (await ids(store)).values()]
    assert [kept for kept, _ in found] == [[], [], []]


async def test_admission_makes_a_member_of_the_candidate(store: Store) -> None:
    secretary, key = await actor(store, "acc-a1"), (await ids(store))["p3"]
    admitted = await members.change_member(store, secretary, members.ChangeMember(key, 1, stage=Stage.PROBATIONARY), NOON + DAY)
    assert admitted.status is S.ACTIVE
    async with store.reading() as uow:
        assert [(one.branch_id, one.until) for one in await uow.relations.of_member(key)] == [("A", None)]
        meeting = await schedule_meeting(
            store, secretary, ScheduleMeeting("A", MeetingForm.BRANCH_GENERAL_MEETING, "会", NOON + 2 * DAY, NOON + 2 * DAY + HOUR), NOON
        )
    async with store.reading() as uow:
        assert key in {one.member_id for one in await attendees_of(uow, meeting)}
    with pytest.raises(Invalid) as refused:
        await members.change_member(store, secretary, members.ChangeMember(key, 2, stage=ACTIVE), NOON + 2 * DAY)
    assert refused.value.code == "stageNotPossible"


async def test_who_leaves_the_way_loses_the_account(store: Store) -> None:
    secretary, key = await actor(store, "acc-a1"), (await ids(store))["p1"]
    await members.change_member(store, secretary, members.ChangeMember(key, 1, status=S.LEFT), NOON)
    async with store.reading() as uow:
        account = await uow.accounts.get("acc-p1")
    assert account is not None
    assert account.disabled


async def test_files_of_applicants_are_not_purged(store: Store) -> None:
    """Whose status was entered years ago is on the way still."""
    async with store.reading() as uow:
        assert await uow.files.left_before(NOON + 4000 * DAY, 99) == []


async def test_a_roster_brings_them_in_and_out_and_in_again_unchanged(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    file = "编号,姓名,支部代码,类别,状态\np7,申请七,A,积极分子,\np2,申请p2,A,发展对象,正常\na4,党员a4,A,申请人,正常\n".encode()
    tried = await rosters.import_roster(store, secretary, rosters.ImportRoster(file, "r.csv", dry_run=True), NOON)
    assert [(one.line, one.code) for one in tried.complaints] == [(4, "stageNotPossible")]
    good = rosters.ImportRoster(file, "r.csv", dry_run=False, skip_bad=True)
    await rosters.import_roster(store, secretary, good, NOON)
    async with store.reading() as uow:
        found = await uow.members.by_numbers(["p7", "p2", "a4"])
        on_the_way, total = await uow.members.search(MemberQuery(Reach(everywhere=True), status=S.APPLYING))
    assert {key: (one.stage, one.status) for key, one in found.items()} == {
        "p7": (ACTIVE, S.APPLYING),
        "p2": (CANDIDATE, S.APPLYING),
        "a4": (Stage.FULL, S.ACTIVE),
    }
    assert (len(on_the_way), total) == (4, 4)
    exported = await rosters.export_roster(store, secretary, rosters.ExportRoster("A"), NOON)
    again = await rosters.import_roster(store, secretary, rosters.ImportRoster(exported, "r.csv", dry_run=True), NOON)
    assert (again.complaints, again.created, again.updated) == ((), 0, 0)
