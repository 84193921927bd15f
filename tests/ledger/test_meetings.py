"""Meetings: who is on the list, what may be changed and until when, leave, and who may enter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.access import OPERATOR
from ledger.actions.calendar import (
    ListMeetings,
    attended,
    entry_of,
    expected_preview,
    list_meetings,
    meeting_by_invite,
    meeting_detail,
    my_meetings,
)
from ledger.actions.leave import AskLeave, DecideLeave, ask_leave, decide_leave
from ledger.actions.meetings import (
    CancelMeeting,
    ChangeMeeting,
    ScheduleMeeting,
    cancel_meeting,
    change_meeting,
    mark_ended,
    mark_opened,
    schedule_meeting,
)
from ledger.actions.members import ChangeMember, change_member
from ledger.actions.organisations import ChangeOrganisation, change_organisation
from ledger.attendees import Candidate, attendees_of, capacity_of, standing_of
from ledger.facts import FactKind
from ledger.model import Capacity, Decision, Meeting, MeetingForm, MeetingState, MemberStatus, OrgKind
from ledger.ports import Store
from ledger.refusals import (
    AlreadyDecided,
    Forbidden,
    FormNotHere,
    LeaveTooLate,
    MeetingNotOpen,
    MeetingNotScheduled,
    MeetingTooLong,
    NotFound,
    NotYetHeld,
    OwnCase,
    ReasonMissing,
    StaleRevision,
    StartInThePast,
    TimesOutOfOrder,
    TitleMissing,
)
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, HOUR, MEMBERS, NOON, UNITS, meeting

F = MeetingForm
PLAN = ScheduleMeeting("A", F.BRANCH_GENERAL_MEETING, "党员大会", NOON + HOUR, NOON + 2 * HOUR)


async def scheduled(store: Store, who: Who, **special: Any) -> Meeting:
    return await schedule_meeting(store, await who("a1"), replace(PLAN, **special), NOON)


async def listed(store: Store, one: Meeting) -> dict[str, str]:
    async with store.reading() as uow:
        return {row.member_id.removeprefix("m-"): row.capacity.value for row in await attendees_of(uow, one)}


ALL_OF_A = dict.fromkeys(("a1", "a2", "a3", "a4", "a5", "a6", "a8"), "expected")


@pytest.mark.parametrize(
    ("org_id", "form", "expected"),
    [
        ("A", F.BRANCH_GENERAL_MEETING, ALL_OF_A | {"b2": "hostMember"}),
        ("A", F.THEMED_PARTY_DAY, ALL_OF_A | {"b2": "hostMember"}),
        ("A", F.BRANCH_COMMITTEE_MEETING, {"a1": "expected", "a2": "expected"}),
        ("A", F.HEART_TO_HEART_TALK, {}),
        ("G", F.PARTY_GROUP_MEETING, {"a3": "expected", "a4": "expected"}),
        ("G", F.PARTY_LECTURE, {"a3": "expected", "a4": "expected"}),
        ("C", F.PARTY_LECTURE, ALL_OF_A | dict.fromkeys(("b1", "b2", "b3"), "expected")),
    ],
)
async def test_who_is_expected_follows_from_the_form(
    store: Store, who: Who, org_id: str, form: MeetingForm, expected: dict[str, str]
) -> None:
    lines = await expected_preview(store, await who("admin"), org_id, form, NOON)
    assert {line.member.number: line.capacity.value for line in lines} == expected
    assert [line.member.number for line in lines] == sorted(expected)


async def test_exempt_members_are_expected_and_marked(store: Store, who: Who) -> None:
    lines = await expected_preview(store, await who("a1"), "A", F.BRANCH_GENERAL_MEETING, NOON)
    assert [line.member.number for line in lines if line.exempt] == ["a6"]


async def test_guests_by_name_and_observers(store: Store, who: Who) -> None:
    one = await scheduled(store, who, observer_ids=["m-b3"], host_member_ids=[])
    assert await listed(store, one) == ALL_OF_A | {"b3": "observer"}
    again = ChangeMeeting(one.meeting_id, one.revision, host_member_ids=["m-b2"])
    one = await change_meeting(store, await who("a1"), again, NOON)
    assert await listed(store, one) == ALL_OF_A | {"b2": "hostMember", "b3": "observer"}
    one = await change_meeting(
        store, await who("a1"), ChangeMeeting(one.meeting_id, one.revision, observer_ids=[], host_member_ids=None), NOON
    )
    assert await listed(store, one) == ALL_OF_A | {"b2": "hostMember"}
    with pytest.raises(NotFound):
        await scheduled(store, who, observer_ids=["nobody"])


async def test_a_talk_expects_those_it_names(store: Store, who: Who) -> None:
    one = await scheduled(store, who, form=F.HEART_TO_HEART_TALK, observer_ids=["m-a1", "m-a5"])
    assert await listed(store, one) == {"a1": "expected", "a5": "expected"}


async def test_one_by_one_and_all_together_give_the_same_answer(store: Store, who: Who) -> None:
    one = await scheduled(store, who, observer_ids=["m-b3"])
    whole = await listed(store, one)
    async with store.reading() as uow:
        single = {member.number: await capacity_of(uow, one, member) for member in MEMBERS}
    assert {number: capacity.value for number, capacity in single.items() if capacity} == whole


@given(
    status=st.sampled_from(MemberStatus),
    home=st.sampled_from(["/C/A/", "/C/B/"]),
    host=st.sampled_from([None, "/C/A/", "/C/F/"]),
    invited=st.sampled_from([None, Capacity.OBSERVER, Capacity.HOST_MEMBER]),
    form=st.sampled_from(MeetingForm),
    everyone=st.booleans(),
)
def test_nobody_is_two_things_and_only_attending_members_and_applicants_asked_in_are_anything(
    status: MemberStatus, home: str, host: str | None, invited: Capacity | None, form: MeetingForm, everyone: bool
) -> None:
    person = Candidate(replace(MEMBERS[0], status=status), home, host, on_committee=False, invited=invited)
    capacity = standing_of(person, meeting(form=form, all_host_members=everyone), UNITS[1])
    if status not in (MemberStatus.ACTIVE, MemberStatus.PARTY_PROBATION):
        asked_in = status is MemberStatus.APPLYING and invited is not None
        assert capacity is (Capacity.OBSERVER if asked_in else None)
    elif home == "/C/A/" and form not in (F.BRANCH_COMMITTEE_MEETING, F.HEART_TO_HEART_TALK, F.PARTY_GROUP_MEETING):
        assert capacity is Capacity.EXPECTED  # floating away does not end being expected at home
    elif invited:
        assert capacity is not None
    assert UNITS[1].kind is OrgKind.BRANCH


async def test_opening_freezes_the_list_and_the_threshold(store: Store, who: Who) -> None:
    admin, secretary = await who("admin"), await who("a1")
    one = await scheduled(store, who)
    await change_organisation(store, secretary, ChangeOrganisation("A", present_share=0.9), NOON)
    opened = await mark_opened(store, secretary, one.meeting_id, NOON + HOUR)
    await change_member(store, admin, ChangeMember("m-a4", 1, home_branch_id="B"), NOON + HOUR)
    await change_organisation(store, secretary, ChangeOrganisation("A", present_share=0.6), NOON + HOUR)
    assert await listed(store, opened) == ALL_OF_A | {"b2": "hostMember"}
    ended = await mark_ended(store, secretary, one.meeting_id, NOON + 2 * HOUR)
    assert (ended.present_share, ended.opened_at, ended.ended_at) == (0.9, NOON + HOUR, NOON + 2 * HOUR)


async def test_opening_and_ending_twice_is_once_and_never_again(store: Store, who: Who) -> None:
    secretary = await who("a1")
    one = await scheduled(store, who)
    with pytest.raises(MeetingNotOpen):
        await mark_ended(store, secretary, one.meeting_id, NOON)
    first = await mark_opened(store, secretary, one.meeting_id, NOON + HOUR)
    assert await mark_opened(store, secretary, one.meeting_id, NOON + HOUR + 9) == first
    ended = await mark_ended(store, OPERATOR, one.meeting_id, NOON + 2 * HOUR)
    assert await mark_ended(store, secretary, one.meeting_id, NOON + 3 * HOUR) == ended
    with pytest.raises(MeetingNotScheduled):
        await mark_opened(store, secretary, one.meeting_id, NOON + 3 * HOUR)


@pytest.mark.parametrize(
    ("special", "refusal"),
    [
        ({"title": "  "}, TitleMissing),
        ({"planned_end": NOON + HOUR}, TimesOutOfOrder),
        ({"planned_end": NOON + 26 * HOUR}, MeetingTooLong),
        ({"planned_start": NOON - HOUR}, StartInThePast),
        ({"late_entry": True}, NotYetHeld),
        ({"form": F.PARTY_GROUP_MEETING}, FormNotHere),
        ({"org_id": "G"}, FormNotHere),
        ({"org_id": "B"}, NotFound),
        ({"org_id": "C"}, Forbidden),
        ({"org_id": "nowhere"}, NotFound),
    ],
)
async def test_refused_plans(store: Store, who: Who, special: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await scheduled(store, who, **special)


async def test_a_meeting_is_moved_by_who_saw_it_last(store: Store, who: Who) -> None:
    one = await scheduled(store, who)
    moved = await change_meeting(
        store, await who("a2"), ChangeMeeting(one.meeting_id, 1, planned_start=NOON + DAY, planned_end=NOON + DAY + HOUR), NOON
    )
    assert (moved.revision, moved.planned_start, moved.title) == (2, NOON + DAY, one.title)
    with pytest.raises(StaleRevision):
        await change_meeting(store, await who("a1"), ChangeMeeting(one.meeting_id, 1, title="旧"), NOON)
    with pytest.raises(TimesOutOfOrder):
        await change_meeting(store, await who("a1"), ChangeMeeting(one.meeting_id, 2, planned_end=NOON), NOON)
    with pytest.raises(TitleMissing):
        await change_meeting(store, await who("a1"), ChangeMeeting(one.meeting_id, 2, title=" "), NOON)


async def test_a_cancelled_meeting_says_why_and_stays_cancelled(store: Store, who: Who) -> None:
    one, secretary = await scheduled(store, who), await who("a1")
    with pytest.raises(ReasonMissing):
        await cancel_meeting(store, secretary, CancelMeeting(one.meeting_id, " "), NOON)
    gone = await cancel_meeting(store, secretary, CancelMeeting(one.meeting_id, "停电"), NOON)
    assert (gone.state, gone.cancel_reason, gone.revision) == (MeetingState.CANCELLED, "停电", 2)
    for again in (
        cancel_meeting(store, secretary, CancelMeeting(one.meeting_id, "再次"), NOON),
        change_meeting(store, secretary, ChangeMeeting(one.meeting_id, 2, title="x"), NOON),
        mark_opened(store, secretary, one.meeting_id, NOON),
    ):
        with pytest.raises(MeetingNotScheduled):
            await again
    with pytest.raises(LeaveTooLate):
        await ask_leave(store, await who("a4"), AskLeave(one.meeting_id, "病"), NOON)


async def test_a_late_entry_is_ended_marked_and_a_fact(store: Store, who: Who) -> None:
    one = await scheduled(store, who, planned_start=NOON - 3 * HOUR, planned_end=NOON - 2 * HOUR, late_entry=True)
    assert (one.state, one.late_entry, one.opened_at, one.ended_at) == (MeetingState.ENDED, True, NOON - 3 * HOUR, NOON - 2 * HOUR)
    assert await listed(store, one) == ALL_OF_A | {"b2": "hostMember"}
    async with store.reading() as uow:
        facts = await uow.facts.of_stream(f"meeting:{one.meeting_id}")
        assert await uow.meetings.get(one.meeting_id) == one
    assert [(fact.fact.kind, fact.fact.author) for fact in facts] == [(FactKind.LATE_ENTRY, "acc-a1")]


async def test_leave_is_asked_before_and_decided_once_by_another(store: Store, who: Who) -> None:
    one, secretary = await scheduled(store, who), await who("a1")
    await ask_leave(store, await who("a4"), AskLeave(one.meeting_id, "病"), NOON)
    asked = await ask_leave(store, await who("a4"), AskLeave(one.meeting_id, " 出差 "), NOON + 1)
    assert (asked.reason, asked.decision) == ("出差", Decision.PENDING)
    decided = await decide_leave(store, secretary, DecideLeave(one.meeting_id, "m-a4", True, "同意"), NOON + 2)
    assert (decided.decision, decided.decided_by, decided.answer) == (Decision.APPROVED, "acc-a1", "同意")
    with pytest.raises(AlreadyDecided):
        await decide_leave(store, secretary, DecideLeave(one.meeting_id, "m-a4", False), NOON + 3)
    with pytest.raises(AlreadyDecided):
        await ask_leave(store, await who("a4"), AskLeave(one.meeting_id, "改"), NOON + 3)
    with pytest.raises(NotFound):
        await decide_leave(store, secretary, DecideLeave(one.meeting_id, "m-a5", True), NOON + 3)
    with pytest.raises(ReasonMissing):
        await ask_leave(store, await who("a5"), AskLeave(one.meeting_id, ""), NOON)
    with pytest.raises(NotFound):
        await ask_leave(store, await who("b3"), AskLeave(one.meeting_id, "外人"), NOON)


async def test_a_secretary_does_not_approve_the_own_leave(store: Store, who: Who) -> None:
    one = await scheduled(store, who)
    await ask_leave(store, await who("a1"), AskLeave(one.meeting_id, "病"), NOON)
    with pytest.raises(OwnCase):
        await decide_leave(store, await who("a1"), DecideLeave(one.meeting_id, "m-a1", True), NOON)
    await decide_leave(store, await who("a2"), DecideLeave(one.meeting_id, "m-a1", True), NOON)


async def test_leave_decided_after_the_opening_is_a_fact_too(store: Store, who: Who) -> None:
    one, secretary = await scheduled(store, who), await who("a1")
    await ask_leave(store, await who("a4"), AskLeave(one.meeting_id, "病"), NOON)
    await mark_opened(store, secretary, one.meeting_id, NOON + HOUR)
    with pytest.raises(LeaveTooLate):
        await ask_leave(store, await who("a5"), AskLeave(one.meeting_id, "病"), NOON + HOUR)
    await decide_leave(store, secretary, DecideLeave(one.meeting_id, "m-a4", True), NOON + HOUR)
    async with store.reading() as uow:
        (fact,) = await uow.facts.of_stream(f"meeting:{one.meeting_id}")
    assert (fact.fact.member_id, fact.fact.body, fact.fact.reason) == ("m-a4", {"field": "excused", "value": True}, "病")


async def test_the_own_meetings_open_ones_first(store: Store, who: Who) -> None:
    later = await scheduled(store, who, planned_start=NOON + 3 * HOUR, planned_end=NOON + 4 * HOUR)
    sooner = await scheduled(store, who)
    group = await scheduled(store, who, org_id="G", form=F.PARTY_GROUP_MEETING)
    await mark_opened(store, await who("a1"), later.meeting_id, NOON)
    names = {later.meeting_id: "later", sooner.meeting_id: "sooner", group.meeting_id: "group"}

    async def own(name: str) -> list[str]:
        return [names[line.meeting.meeting_id] for line in await my_meetings(store, await who(name), NOON)]

    assert (await own("a4"))[0] == "later"
    assert set(await own("a4")) == set(await own("a1")) == {"later", "sooner", "group"}
    assert await own("b2") == ["later", "sooner"]
    assert (await own("b3"), await own("system"), await own("a7")) == ([], [], [])


async def test_lists_and_details_show_what_the_reader_may(store: Store, who: Who) -> None:
    one = await scheduled(store, who)
    await ask_leave(store, await who("a4"), AskLeave(one.meeting_id, "家事"), NOON)

    async def reasons(name: str) -> list[str]:
        detail = await meeting_detail(store, await who(name), one.meeting_id)
        return [line.leave.reason for line in detail.attendees if line.leave]

    assert (await reasons("a1"), await reasons("a4"), await reasons("a5")) == (["家事"], ["家事"], [])
    for name, total in (("a1", 1), ("auditor", 1), ("b1", 0), ("a4", 0)):
        assert (await list_meetings(store, await who(name), ListMeetings())).total == total
    line = (await list_meetings(store, await who("a1"), ListMeetings(org_id="A"))).lines[0]
    assert (line.expected_count, line.may_manage, line.may_join, line.may_see_sheet) == (7, True, True, False)


async def test_the_link_finds_a_meeting_for_who_may_see_it(store: Store, who: Who) -> None:
    one = await scheduled(store, who)
    assert (await meeting_by_invite(store, await who("b2"), one.invite_token)).capacity is Capacity.HOST_MEMBER
    for name, token in (("b3", one.invite_token), ("a1", "guess"), ("a1", "")):
        with pytest.raises(NotFound):
            await meeting_by_invite(store, await who(name), token)


async def test_who_is_neither_expected_nor_invited_cannot_enter(store: Store, who: Who) -> None:
    one = await scheduled(store, who, observer_ids=["m-b3"])

    async def entry(name: str) -> tuple[str | None, bool]:
        found = await entry_of(store, await who(name), one.meeting_id)
        return found.capacity.value if found.capacity else None, found.may_moderate

    assert [await entry(name) for name in ("a1", "a4", "b2", "b3")] == [
        ("expected", True),
        ("expected", False),
        ("hostMember", False),
        ("observer", False),
    ]
    for name, refusal in (("b1", NotFound), ("a7", NotFound), ("admin", Forbidden), ("auditor", Forbidden), ("system", NotFound)):
        with pytest.raises(refusal):
            await entry(name)


async def test_attended_meetings_newest_first(store: Store, who: Who) -> None:
    for start in (NOON - 4 * HOUR, NOON - 2 * HOUR):
        await scheduled(store, who, planned_start=start, planned_end=start + HOUR, late_entry=True)
    await scheduled(store, who)
    page = await attended(store, await who("a4"), page=1, page_size=1)
    assert (page.total, page.lines[0].meeting.planned_start) == (2, NOON - 2 * HOUR)
