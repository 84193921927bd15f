"""Meetings in a list, in full, and the people on them."""

from __future__ import annotations

from typing import Any

from ledger.actions.calendar import AttendeeLine, MeetingDetail, MeetingLine
from ledger.model import MeetingState
from server.http.call import Call
from server.http.views.moments import iso, iso_or_none
from server.schemas import meetings as m


def _card(line: MeetingLine, call: Call) -> dict[str, Any]:
    meeting = line.meeting
    live = meeting.state is MeetingState.OPEN
    return {
        "meeting_id": meeting.meeting_id,
        "org_id": meeting.org_id,
        "org_name": line.org.name,
        "form": meeting.form.value,
        "title": meeting.title,
        "planned_start": iso(meeting.planned_start),
        "planned_end": iso(meeting.planned_end),
        "state": meeting.state.value,
        "opened_at": iso_or_none(meeting.opened_at),
        "ended_at": iso_or_none(meeting.ended_at),
        "my_capacity": line.capacity.value if line.capacity else None,
        "my_leave": line.leave.decision.value if line.leave else None,
        "may_moderate": line.may_moderate,
        "may_join": line.may_join,
        "may_see_sheet": line.may_see_sheet,
        "expected_count": line.expected_count,
        "recording": live and call.house.is_recorded(meeting.meeting_id),
        "present_count": call.house.present_count(meeting.meeting_id) if live else None,
    }


def card(line: MeetingLine, call: Call) -> m.MeetingCard:
    return m.MeetingCard.model_validate(_card(line, call))


def meeting(detail: MeetingDetail, call: Call) -> m.MeetingView:
    line = detail.line
    invited = line.meeting.invite_token and (line.may_join or line.may_manage or line.capacity)
    return m.MeetingView.model_validate(
        {
            **_card(line, call),
            "agenda": line.meeting.agenda,
            "lobby": line.meeting.lobby,
            "invitation_url": f"{call.base_url}/i/{line.meeting.invite_token}" if invited else "",
            "cancel_reason": line.meeting.cancel_reason,
            "revision": line.meeting.revision,
            "attendees": [attendee(one) for one in detail.attendees],
            "my_leave_reason": line.leave.reason if line.leave else None,
            "may_edit": line.may_manage and line.meeting.state is MeetingState.SCHEDULED,
            "late_entry": line.meeting.late_entry,
        }
    )


def attendee(line: AttendeeLine) -> m.AttendeeView:
    member = line.member
    return m.AttendeeView(
        member_id=member.member_id,
        number=member.number,
        name=member.name,
        capacity=line.capacity.value,
        stage=member.stage.value,
        branch_name=line.branch.name,
        exempt=line.exempt,
        floating_away=member.host_branch_id is not None,
        leave=line.leave.decision.value if line.leave else None,
        leave_reason=line.leave.reason if line.leave else None,
    )
