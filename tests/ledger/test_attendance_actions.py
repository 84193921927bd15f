"""The record after the meeting: facts in, sheet and own record out, objections and corrections as new facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.actions.attendance import append_facts, meeting_facts, meeting_sheet, own_record, recent_records
from ledger.actions.audit import access_log, who_looked
from ledger.actions.auditing import audit
from ledger.actions.consents import GiveConsent, give_consent, standing_consent, withdraw_consent
from ledger.actions.corrections import (
    ConfirmPresence,
    Correct,
    DecideObjection,
    RaiseObjection,
    confirm_presence,
    correct,
    decide_objection,
    raise_objection,
)
from ledger.actions.glances import glances, quarter_start
from ledger.actions.meetings import ScheduleMeeting, mark_ended, mark_opened, schedule_meeting
from ledger.actions.organisations import ChangeOrganisation, change_organisation
from ledger.actions.points import points_of
from ledger.facts import Fact, FactKind, meeting_stream
from ledger.model import Decision, Meeting, MeetingForm
from ledger.ports import Store
from ledger.refusals import (
    AlreadyDecided,
    CorrectionMalformed,
    FactMalformed,
    Forbidden,
    MeetingNotEnded,
    MeetingNotOpen,
    NotExpected,
    NotFound,
    NoticeVersionUnknown,
    ObjectionOpen,
    ObjectionWindowClosed,
    OwnCase,
    ReasonMissing,
    StretchOutsideSession,
)
from ledger.rulebook import Rulebook
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, HOUR, NOON

START, END = NOON + HOUR, NOON + 2 * HOUR


def presence(held: Meeting, member_id: str, came: float = START, went: float = END) -> list[Fact]:
    stream, connection = meeting_stream(held.meeting_id), {"connectionId": f"c-{member_id}"}
    joined = connection | {"deviceId": f"d-{member_id}", "device": "phone"}
    return [
        Fact(f"{stream}:{member_id}:joined", stream, FactKind.CONNECTION_JOINED, came, member_id, joined),
        Fact(f"{stream}:{member_id}:left", stream, FactKind.CONNECTION_LEFT, went, member_id, connection | {"reason": "left"}),
    ]


async def held(store: Store, who: Who, *, ended: bool = True) -> Meeting:
    """An hour at which a1, a4 and the guest b2 were there, a5 for half of it, the others not. Not `ended`: that fact was lost."""
    secretary = await who("a1")
    plan = ScheduleMeeting("A", MeetingForm.BRANCH_GENERAL_MEETING, "党员大会", START, END)
    one = await schedule_meeting(store, secretary, plan, NOON)
    await mark_opened(store, secretary, one.meeting_id, START)
    stream = meeting_stream(one.meeting_id)
    facts = [Fact(f"{stream}:opened", stream, FactKind.MEETING_OPENED, START)]
    facts += [Fact(f"{stream}:ended", stream, FactKind.MEETING_ENDED, END)] if ended else []
    for member_id in ("m-a1", "m-a4", "m-b2"):
        facts += presence(one, member_id)
    facts += presence(one, "m-a5", START, START + HOUR / 2)
    await append_facts(store, facts, END)
    return await mark_ended(store, secretary, one.meeting_id, END)


async def grades(store: Store, who: Who, one: Meeting) -> dict[str, str]:
    found = await meeting_sheet(store, await who("a2"), one.meeting_id, END + HOUR)
    return {row.number: row.grade.value for row in found.sheet.rows}


GRADES = {
    "a1": "present",
    "a2": "absent",
    "a3": "absent",
    "a4": "present",
    "a5": "partlyPresent",
    "a6": "exempt",
    "a8": "absent",
    "b2": "present",
}


async def test_the_sheet_names_everybody_on_the_list(store: Store, who: Who) -> None:
    one = await held(store, who)
    found = await meeting_sheet(store, await who("a2"), one.meeting_id, END + HOUR)
    assert {row.number: row.grade.value for row in found.sheet.rows} == GRADES
    assert (found.sheet.counts.expected, found.sheet.counts.present, found.sheet.counts.host_members) == (7, 2, 1)
    assert (found.sheet.chair_name, found.sheet.org_name) == ("党员a1", "甲支部")
    assert (found.objections_until, found.may_correct) == (END + 7 * DAY, True)
    assert found.sheet.last_fact_number == 10


async def test_an_outbox_that_repeats_itself_changes_nothing(store: Store, who: Who) -> None:
    one = await held(store, who)
    assert await append_facts(store, presence(one, "m-a4"), END + 5) == []
    assert await grades(store, who, one) == GRADES


@pytest.mark.parametrize(
    "special",
    [
        {"key": ""},
        {"key": "k" * 201},
        {"key": "钥"},
        {"key": "a\nb"},
        {"stream": ""},
        {"stream": "s" * 101},
        {"author": ""},
        {"author": "a" * 65},
        {"member_id": "m" * 65},
        {"member_id": "m\0"},
        {"reason": "nul\0"},
        {"reason": "\ud800"},
        {"at": float("nan")},
        {"at": float("inf")},
        {"body": {"x": float("nan")}},
        {"body": {"x": object()}},
        {"body": {"x": "y" * 20_000}},
    ],
)
async def test_a_malformed_fact_is_refused_and_takes_its_batch_along(store: Store, special: dict[str, Any]) -> None:
    good = Fact("good", "meeting:x", FactKind.MEETING_OPENED, NOON)
    with pytest.raises(FactMalformed):
        await append_facts(store, [good, replace(good, **({"key": "bad"} | special))], NOON)
    async with store.reading() as uow:
        assert await uow.facts.of_stream("meeting:x") == []


async def test_a_sheet_exists_from_the_opening_on(store: Store, who: Who) -> None:
    secretary = await who("a1")
    plan = ScheduleMeeting("A", MeetingForm.BRANCH_GENERAL_MEETING, "党员大会", START, END)
    one = await schedule_meeting(store, secretary, plan, NOON)
    with pytest.raises(MeetingNotOpen):
        await meeting_sheet(store, secretary, one.meeting_id, NOON)
    with pytest.raises(MeetingNotOpen):
        await own_record(store, await who("a4"), one.meeting_id, NOON)
    await mark_opened(store, secretary, one.meeting_id, START)
    stream = meeting_stream(one.meeting_id)
    joined = presence(one, "m-a4")[0]
    await append_facts(store, [Fact(f"{stream}:opened", stream, FactKind.MEETING_OPENED, START), joined], START)
    running = await own_record(store, await who("a4"), one.meeting_id, START + 600)
    assert (running.row.record.present_seconds, running.may_object, running.objections_until) == (600, False, None)


async def test_only_those_responsible_read_the_sheet_and_it_is_logged(store: Store, who: Who) -> None:
    one = await held(store, who)
    for name, refusal in (("a4", Forbidden), ("b2", Forbidden), ("b1", NotFound), ("system", NotFound)):
        with pytest.raises(refusal):
            await meeting_sheet(store, await who(name), one.meeting_id, END)
        with pytest.raises(refusal):
            await meeting_facts(store, await who(name), one.meeting_id, END)
    await meeting_sheet(store, await who("auditor"), one.meeting_id, END + 1, purpose="exportSheet")
    assert len(await meeting_facts(store, await who("auditor"), one.meeting_id, END + 2, after=3)) == 7
    page = await access_log(store, await who("auditor"), page_size=2)
    assert [(line.action, line.account_id) for line in page.lines] == [("seeFacts", "auditor"), ("exportSheet", "auditor")]
    assert (page.names["auditor"], page.subjects[f"meeting:{one.meeting_id}"]) == ("auditor", "党员大会")
    for name in ("a1", "admin", "system"):
        with pytest.raises(Forbidden):
            await access_log(store, await who(name))


async def test_the_own_record_shows_ones_own_facts_only(store: Store, who: Who) -> None:
    one = await held(store, who)
    own = await own_record(store, await who("a5"), one.meeting_id, END + HOUR)
    assert {fact.fact.member_id for fact in own.facts} == {None, "m-a5"}
    assert (own.row.grade.value, own.may_object) == ("partlyPresent", True)
    recent = await recent_records(store, await who("a5"), END + HOUR)
    assert [(record.meeting.meeting_id, record.row.record.share) for record in recent] == [(one.meeting_id, 0.5)]
    with pytest.raises(NotFound):
        await own_record(store, await who("b3"), one.meeting_id, END)


@pytest.mark.parametrize("ended", [True, False])
async def test_the_short_way_to_the_own_line_gives_the_line_of_the_sheet(store: Store, who: Who, ended: bool) -> None:
    one = await held(store, who, ended=ended)
    for name in ("a1", "a3", "a5", "b2"):
        (recent,) = await recent_records(store, await who(name), END + HOUR)
        full = await own_record(store, await who(name), one.meeting_id, END + HOUR)
        assert recent.row == full.row
        assert recent.row.record.share == {"a1": 1, "a3": 0, "a5": 0.5, "b2": 1}[name]


async def test_a_guest_s_line_stands_in_both_books_and_the_sheet_in_the_hosts_only(store: Store, who: Who) -> None:
    await held(store, who)
    for reader, sees in (("a1", True), ("b1", False), ("b2", False)):
        (recent,) = await recent_records(store, await who("b2"), END + HOUR, reader=await who(reader))
        assert (recent.org.org_id, recent.row.member_id, recent.may_see_sheet) == ("A", "m-b2", sees)


async def test_an_objection_is_raised_decided_and_followed_by_a_correction(store: Store, who: Who) -> None:
    one, deputy = await held(store, who), await who("a2")
    objection = await raise_objection(store, await who("a5"), RaiseObjection(one.meeting_id, "后半场我用电话参加"), END + DAY)
    with pytest.raises(ObjectionOpen):
        await raise_objection(store, await who("a5"), RaiseObjection(one.meeting_id, "再提"), END + DAY)
    assert (await own_record(store, await who("a5"), one.meeting_id, END + DAY)).may_object is False
    decided = await decide_objection(store, deputy, DecideObjection(one.meeting_id, objection.objection_id, True, "属实"), END + 2 * DAY)
    assert (decided.decision, decided.decided_by) == (Decision.APPROVED, "acc-a2")
    with pytest.raises(AlreadyDecided):
        await decide_objection(store, deputy, DecideObjection(one.meeting_id, objection.objection_id, False, "x"), END + 2 * DAY)
    command = Correct(one.meeting_id, "m-a5", "presentSeconds", 3600, "电话参加", objection.objection_id)
    await correct(store, deputy, command, END + 2 * DAY)
    row = (await own_record(store, await who("a5"), one.meeting_id, END + 2 * DAY)).row
    assert (row.grade.value, row.record.present_seconds, row.record.measured_present_seconds) == ("present", 3600, 1800)
    assert [(made.author, made.reason, made.objection_id) for made in row.record.corrections] == [
        ("acc-a2", "电话参加", objection.objection_id)
    ]
    assert (await audit(store)).broken == ()


async def test_the_window_for_objections_closes_after_seven_days(store: Store, who: Who) -> None:
    one, member = await held(store, who), await who("a5")
    with pytest.raises(ObjectionWindowClosed) as refused:
        await raise_objection(store, member, RaiseObjection(one.meeting_id, "晚了"), END + 7 * DAY + 1)
    assert refused.value.params == {"until": END + 7 * DAY}
    assert await raise_objection(store, member, RaiseObjection(one.meeting_id, "还来得及"), END + 7 * DAY)


async def test_for_a_late_entry_the_window_runs_from_the_entry(store: Store, who: Who) -> None:
    plan = ScheduleMeeting("A", MeetingForm.PARTY_LECTURE, "党课", NOON - 30 * DAY, NOON - 30 * DAY + HOUR, late_entry=True)
    one = await schedule_meeting(store, await who("a1"), plan, NOON)
    assert await raise_objection(store, await who("a5"), RaiseObjection(one.meeting_id, "我在场"), NOON + DAY)


@pytest.mark.parametrize(
    ("special", "refusal"),
    [
        ({"field": "name"}, CorrectionMalformed),
        ({"field": "presentSeconds", "value": -1}, CorrectionMalformed),
        ({"field": "grade", "value": "excellent"}, CorrectionMalformed),
        ({"reason": "  "}, ReasonMissing),
        ({"member_id": "m-b3"}, NotExpected),
        ({"member_id": "m-a2"}, OwnCase),
        ({"objection_id": "none"}, NotFound),
        ({"meeting_id": "none"}, NotFound),
    ],
)
async def test_refused_corrections(store: Store, who: Who, special: dict[str, Any], refusal: type[Exception]) -> None:
    one = await held(store, who)
    command = Correct(one.meeting_id, "m-a4", "grade", "absent", "理由")
    with pytest.raises(refusal):
        await correct(store, await who("a2"), replace(command, **special), END)
    assert await grades(store, who, one) == GRADES


async def test_presence_is_vouched_for_within_the_session(store: Store, who: Who) -> None:
    one, secretary = await held(store, who), await who("a1")
    command = ConfirmPresence(one.meeting_id, "m-a3", START, END, "telephone")
    for bad in (
        replace(command, start=START - 60),
        replace(command, end=END + 60),
        replace(command, start=END, end=START),
        replace(command, start=float("nan")),
        replace(command, how="telepathy"),
    ):
        with pytest.raises(StretchOutsideSession):
            await confirm_presence(store, secretary, bad, END + HOUR)
    await confirm_presence(store, secretary, command, END + HOUR)
    assert await grades(store, who, one) == GRADES | {"a3": "present"}
    with pytest.raises(OwnCase):
        await confirm_presence(store, secretary, replace(command, member_id="m-a1"), END + HOUR)
    with pytest.raises(Forbidden):
        await confirm_presence(store, await who("a4"), command, END + HOUR)


async def test_no_objection_while_the_meeting_runs_and_none_decided_in_the_own_case(store: Store, who: Who) -> None:
    secretary = await who("a1")
    plan = ScheduleMeeting("A", MeetingForm.BRANCH_GENERAL_MEETING, "党员大会", START, END)
    one = await schedule_meeting(store, secretary, plan, NOON)
    await mark_opened(store, secretary, one.meeting_id, START)
    with pytest.raises(MeetingNotEnded):
        await raise_objection(store, await who("a4"), RaiseObjection(one.meeting_id, "太早"), START)
    await mark_ended(store, secretary, one.meeting_id, END)
    own = await raise_objection(store, secretary, RaiseObjection(one.meeting_id, "书记自己"), END)
    with pytest.raises(OwnCase):
        await decide_objection(store, secretary, DecideObjection(one.meeting_id, own.objection_id, True, "同意"), END)
    await decide_objection(store, await who("admin"), DecideObjection(one.meeting_id, own.objection_id, False, "不属实"), END)


async def test_consent_is_given_to_a_version_and_can_be_withdrawn(store: Store, who: Who) -> None:
    member, version = await who("a4"), Rulebook().notice_version
    with pytest.raises(NoticeVersionUnknown):
        await give_consent(store, member, GiveConsent("0"), NOON)
    first = await give_consent(store, member, GiveConsent(version), NOON)
    assert await give_consent(store, member, GiveConsent(version), NOON + 1) == first
    assert await standing_consent(store, member) == first
    await withdraw_consent(store, member, NOON + 2)
    assert await standing_consent(store, member) is None
    assert (await give_consent(store, member, GiveConsent(version), NOON + 3)).given_at == NOON + 3
    with pytest.raises(NotFound):
        await give_consent(store, await who("system"), GiveConsent(version), NOON)
    page = await who_looked(store, member)
    assert [line.action for line in page.lines] == ["giveConsent", "withdrawConsent", "giveConsent"]


async def test_a_member_sees_who_looked_at_a_sheet_with_the_own_line_on_it(store: Store, who: Who) -> None:
    meeting_id = (await held(store, who)).meeting_id
    await meeting_sheet(store, await who("a1"), meeting_id, END)
    page = await who_looked(store, await who("a4"))
    assert [(line.action, line.subject) for line in page.lines] == [("seeSheet", f"meeting:{meeting_id}")]
    assert (await who_looked(store, await who("b1"))).lines == []


async def test_points_are_off_until_turned_on_and_seen_by_the_own_branch_only(store: Store, who: Who) -> None:
    await held(store, who)
    off = await points_of(store, await who("a4"), "m-a4", 2025, END)
    assert (off.enabled, off.entries) == (False, ())
    await change_organisation(store, await who("a1"), ChangeOrganisation("A", points_enabled=True), END)
    mine = await points_of(store, await who("a4"), "m-a4", 2025, END)
    assert (mine.enabled, mine.total, len(mine.entries)) == (True, 2.0, 1)
    assert mine.entries[0].fact_keys != ()
    assert await points_of(store, await who("a1"), "m-a4", 2025, END) == mine
    assert (await points_of(store, await who("a4"), "m-a4", 2024, END)).total == 0
    for name, refusal in (("a5", NotFound), ("b1", NotFound), ("admin", Forbidden), ("auditor", Forbidden)):
        with pytest.raises(refusal):
            await points_of(store, await who(name), "m-a4", 2025, END)


async def test_a_branch_at_a_glance(store: Store, who: Who) -> None:
    one = await held(store, who)
    await raise_objection(store, await who("a5"), RaiseObjection(one.meeting_id, "我在场"), END)
    (glance,) = await glances(store, await who("a1"), END)
    counts = (glance.member_count, glance.floating_away, glance.floating_here, glance.probationary)
    assert (glance.org.org_id, counts) == ("A", (8, 1, 1, 1))
    assert (glance.meetings_this_quarter, glance.pending_leave_requests, glance.pending_objections) == (1, 0, 1)
    assert [one.org.org_id for one in await glances(store, await who("admin"), END)] == ["A", "B", "F"]
    assert await glances(store, await who("a4"), END) == []
    assert quarter_start(NOON) == 1_759_248_000.0  # 2025-10-01 00:00 in China
