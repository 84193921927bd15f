"""Meetings: schedule, list, attendees, leave."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Id, Instant, Name, Page, Reason, Revision, Shape, StageName, Text

FormName = Literal[
    "BRANCH_GENERAL_MEETING",
    "BRANCH_COMMITTEE_MEETING",
    "PARTY_GROUP_MEETING",
    "PARTY_LECTURE",
    "THEMED_PARTY_DAY",
    "ORG_LIFE_MEETING",
    "DEMOCRATIC_EVALUATION",
    "HEART_TO_HEART_TALK",
    "TRAINING",
]
MeetingStateName = Literal["scheduled", "open", "ended", "cancelled"]
CapacityName = Literal["expected", "observer", "hostMember"]
DecisionName = Literal["pending", "approved", "rejected"]


class MeetingCard(Shape):
    """A meeting as the viewer may see it in a list. `my_capacity` None: not on the list (a superior looking)."""

    meeting_id: Id
    org_id: Id
    org_name: str
    form: FormName
    title: str
    planned_start: Instant
    planned_end: Instant
    state: MeetingStateName
    opened_at: Instant | None
    ended_at: Instant | None
    my_capacity: CapacityName | None
    my_leave: DecisionName | None
    may_moderate: bool
    may_join: bool
    may_see_sheet: bool
    expected_count: int
    present_count: int | None  # live while open
    recording: bool  # it is being recorded now, as far as this node knows


class AttendeeView(Shape):
    member_id: Id
    number: str
    name: str
    capacity: CapacityName
    stage: StageName
    branch_name: str
    exempt: bool
    floating_away: bool
    leave: DecisionName | None
    leave_reason: str | None  # only for those who decide, and the member


class MeetingView(MeetingCard):
    agenda: str
    lobby: bool
    invitation_url: str
    cancel_reason: str | None
    revision: int
    attendees: list[AttendeeView]
    my_leave_reason: str | None
    may_edit: bool
    late_entry: bool


class NewMeeting(Shape):
    """`late_entry`: the meeting was already held, on paper or elsewhere; it is recorded as ended and stays marked."""

    org_id: Id
    form: FormName
    title: Name
    planned_start: Instant
    planned_end: Instant
    agenda: Text = ""
    lobby: bool | None = None  # None: the organisation's default
    observer_ids: list[Id] = Field(default=[], max_length=500)
    host_member_ids: list[Id] | None = Field(default=None, max_length=500)  # None: everyone floating at this branch
    late_entry: bool = False


class MeetingChange(Shape):
    """Reschedule and edit; only what is given changes. `revision` as seen by the editor."""

    revision: Revision
    title: Name | None = None
    planned_start: Instant | None = None
    planned_end: Instant | None = None
    agenda: Text | None = None
    lobby: bool | None = None
    observer_ids: list[Id] | None = Field(default=None, max_length=500)
    host_member_ids: list[Id] | None = Field(default=None, max_length=500)


class CancelMeeting(Shape):
    reason: Reason


class ExpectedQuery(Shape):
    org_id: Id
    form: FormName


class ExpectedPreview(Shape):
    attendees: list[AttendeeView]


class AskLeave(Shape):
    reason: Reason


class DecideLeave(Shape):
    approved: bool
    answer: Text = ""


class MeetingPage(Page[MeetingCard]):
    pass
