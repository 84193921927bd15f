"""Meetings: schedule, list, change, cancel; leave; the calendar file and the invitation link."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ledger.actions import calendar, leave, meetings
from ledger.exports.ics import meeting_ics
from ledger.model import MeetingForm
from server.http.call import Call, File, given, instant
from server.http.meetinglists import page_of
from server.http.views import meetings as views
from server.schemas import meetings as m
from server.schemas.queries import MeetingSearch

CLEARS = frozenset({"host_member_ids"})  # null: whoever floats at the organisation


async def search(call: Call, query: MeetingSearch) -> m.MeetingPage:
    lines, total = await page_of(call, query)
    return m.MeetingPage(items=[views.card(line, call) for line in lines], total=total, page=query.page, page_size=query.page_size)


async def schedule(call: Call, body: m.NewMeeting) -> m.MeetingView:
    command = meetings.ScheduleMeeting(**given(body, _READ))
    meeting = await meetings.schedule_meeting(call.store, call.actor, command, call.now)
    return await _view(call, meeting.meeting_id)


async def expected(call: Call, body: m.ExpectedQuery) -> m.ExpectedPreview:
    found = await calendar.expected_preview(call.store, call.actor, body.org_id, MeetingForm(body.form), call.now)
    return m.ExpectedPreview(attendees=[views.attendee(line) for line in found])


async def meeting(call: Call) -> m.MeetingView:
    return await _view(call, call.ids["meetingId"])


async def change(call: Call, body: m.MeetingChange) -> m.MeetingView:
    command = meetings.ChangeMeeting(call.ids["meetingId"], body.revision, **given(body, _READ, CLEARS))
    await meetings.change_meeting(call.store, call.actor, command, call.now)
    return await _view(call, command.meeting_id)


async def cancel(call: Call, body: m.CancelMeeting) -> m.MeetingView:
    command = meetings.CancelMeeting(call.ids["meetingId"], body.reason)
    await meetings.cancel_meeting(call.store, call.actor, command, call.now)
    return await _view(call, command.meeting_id)


async def calendar_file(call: Call) -> File:
    line = (await calendar.meeting_detail(call.store, call.actor, call.ids["meetingId"])).line
    url = f"{call.base_url}/meetings/{line.meeting.meeting_id}"
    content = meeting_ics(line.meeting, line.org.name, locale=call.actor.account.locale, url=url)
    return File(f"{line.meeting.title}.ics", "text/calendar", content)


async def invitation(call: Call) -> m.MeetingCard:
    return views.card(await calendar.meeting_by_invite(call.store, call.actor, call.ids["token"]), call)


async def ask_leave(call: Call, body: m.AskLeave) -> m.MeetingView:
    await leave.ask_leave(call.store, call.actor, leave.AskLeave(call.ids["meetingId"], body.reason), call.now)
    return await _view(call, call.ids["meetingId"])


async def decide_leave(call: Call, body: m.DecideLeave) -> m.MeetingView:
    command = leave.DecideLeave(call.ids["meetingId"], call.ids["memberId"], body.approved, body.answer)
    await leave.decide_leave(call.store, call.actor, command, call.now)
    return await _view(call, command.meeting_id)


async def _view(call: Call, meeting_id: str) -> m.MeetingView:
    return views.meeting(await calendar.meeting_detail(call.store, call.actor, meeting_id), call)


_READ: dict[str, Callable[[Any], Any]] = {
    "form": MeetingForm,
    "planned_start": partial(instant, "plannedStart"),
    "planned_end": partial(instant, "plannedEnd"),
}
