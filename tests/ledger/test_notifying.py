"""Kinds of notifications, and who is told what about meetings."""

from __future__ import annotations

import string

import pytest

from ledger.actions.leave import AskLeave, DecideLeave, ask_leave, decide_leave
from ledger.actions.meetings import CancelMeeting, ChangeMeeting, ScheduleMeeting, cancel_meeting, change_meeting, schedule_meeting
from ledger.actions.notifications import mark_read, own, unread_count
from ledger.kinds import KINDS, joined
from ledger.kinds.meetings import LEAVE_ASKED
from ledger.model import MeetingForm
from ledger.ports import Store
from tests.ledger.conftest import Who
from tests.ledger.records import HOUR, NOON


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_told_in_both_languages_and_leads_to_a_page(kind: object) -> None:
    one = KINDS[getattr(kind, "code")]  # noqa: B009
    assert blanks(one.zh) == blanks(one.en) == one.blanks
    assert one.zh.endswith("。")
    assert one.en.endswith(".")
    assert one.path.startswith("/")
    assert blanks(one.path) <= {"id"}
    assert all(one.title_zh and one.title_en for one in KINDS.values())


def test_a_kind_takes_what_its_sentence_says_and_nothing_else() -> None:
    told = LEAVE_ASKED.to("m-a1", "meeting:M", NOON, "k", org="甲支部", start="2025-12-02 13:00")
    assert LEAVE_ASKED.sentence("zh", told.params) == "甲支部 2025-12-02 13:00 的会议有新的请假，等待您处理。"
    assert (LEAVE_ASKED.page(told.about_id), told.kind) == ("/meetings/M", "leaveAsked")
    assert LEAVE_ASKED.sentence("en", {}).startswith("Leave from the meeting of – on –")
    with pytest.raises(ValueError, match="leaveAsked takes"):
        LEAVE_ASKED.to("m-a1", "meeting:M", NOON, "k", org="甲支部", start="…", reason="出差")


def test_two_kinds_of_one_name_are_found_out() -> None:
    with pytest.raises(ValueError, match="leaveAsked"):
        joined([[LEAVE_ASKED], [LEAVE_ASKED]])


async def kinds_told(store: Store, member_id: str) -> list[str]:
    async with store.reading() as uow:
        return [one.notification.kind for one in reversed((await uow.notifications.of_member(member_id))[0])]


async def test_a_meeting_is_told_to_its_list_as_it_is_called_moved_and_cancelled(store: Store, who: Who) -> None:
    secretary = await who("a1")
    command = ScheduleMeeting("A", MeetingForm.BRANCH_GENERAL_MEETING, "大会", NOON + HOUR, NOON + 2 * HOUR)
    meeting = await schedule_meeting(store, secretary, command, NOON)
    await change_meeting(store, secretary, ChangeMeeting(meeting.meeting_id, 1, agenda="学习"), NOON + 1)
    moved = ChangeMeeting(meeting.meeting_id, 2, planned_start=NOON + 1.5 * HOUR)
    await change_meeting(store, secretary, moved, NOON + 2)
    await cancel_meeting(store, secretary, CancelMeeting(meeting.meeting_id, "改期"), NOON + 3)
    assert await kinds_told(store, "m-a4") == ["meetingScheduled", "meetingMoved", "meetingCancelled"]
    assert await kinds_told(store, "m-b2") == ["meetingScheduled", "meetingMoved", "meetingCancelled"]  # floats here
    assert await kinds_told(store, "m-a1") == []  # knows already
    assert await kinds_told(store, "m-a7") == []  # suspended, not on the list
    assert await kinds_told(store, "m-b3") == []


async def test_a_late_entry_calls_nobody(store: Store, who: Who) -> None:
    command = ScheduleMeeting(
        "A", MeetingForm.BRANCH_GENERAL_MEETING, "补录", NOON - 2 * HOUR, NOON - HOUR, late_entry=True
    )  # fmt: skip
    await schedule_meeting(store, await who("a1"), command, NOON)
    assert await kinds_told(store, "m-a4") == []


async def test_leave_is_told_to_those_who_decide_and_the_answer_to_who_asked(store: Store, who: Who) -> None:
    command = ScheduleMeeting("A", MeetingForm.BRANCH_GENERAL_MEETING, "大会", NOON + HOUR, NOON + 2 * HOUR)
    meeting = await schedule_meeting(store, await who("a1"), command, NOON)
    await ask_leave(store, await who("a4"), AskLeave(meeting.meeting_id, "出差"), NOON + 1)
    assert await kinds_told(store, "m-a1") == ["leaveAsked"]
    assert await kinds_told(store, "m-a2") == ["meetingScheduled", "leaveAsked"]
    await decide_leave(store, await who("a2"), DecideLeave(meeting.meeting_id, "m-a4", True), NOON + 2)
    assert await kinds_told(store, "m-a4") == ["meetingScheduled", "leaveDecided"]


async def test_everybody_has_only_the_own_ones(store: Store, who: Who) -> None:
    command = ScheduleMeeting("A", MeetingForm.BRANCH_GENERAL_MEETING, "大会", NOON + HOUR, NOON + 2 * HOUR)
    await schedule_meeting(store, await who("a1"), command, NOON)
    mine, other = await who("a4"), await who("a5")
    found = await own(store, mine, False, 1, 10)
    assert (found.total, found.unread) == (1, 1)
    ids = [one.notification_id for one in found.kept]
    assert await mark_read(store, other, NOON + 1, ids) == 1  # not theirs: nothing is read by it
    assert await mark_read(store, mine, NOON + 1, ids) == 0
    assert await unread_count(store, other) == 1
    assert (await own(store, await who("admin"), False, 1, 10)).kept == []
