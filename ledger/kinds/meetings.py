"""What is told about meetings: called off, moved, leave asked for and decided."""

from __future__ import annotations

from ..notifying import Kind

MEETING_SCHEDULED = Kind(
    "meetingScheduled",
    "会议通知",
    "A meeting is called",
    "{org}将于 {start} 召开会议，请查看时间和议程。",
    "{org} meets on {start}. See the time and the agenda.",
    "/meetings/{id}",
)
MEETING_MOVED = Kind(
    "meetingMoved",
    "会议改期",
    "A meeting is moved",
    "{org}的会议改到 {start}。",
    "The meeting of {org} has been moved to {start}.",
    "/meetings/{id}",
    urgent=True,
)
MEETING_CANCELLED = Kind(
    "meetingCancelled",
    "会议取消",
    "A meeting is cancelled",
    "{org}原定 {start} 的会议已取消。",
    "The meeting of {org} on {start} has been cancelled.",
    "/meetings/{id}",
    urgent=True,
)
LEAVE_ASKED = Kind(
    "leaveAsked",
    "有人请假",
    "Leave is asked for",
    "{org} {start} 的会议有新的请假，等待您处理。",
    "Leave from the meeting of {org} on {start} has been asked for and waits for your decision.",
    "/meetings/{id}",
)
LEAVE_DECIDED = Kind(
    "leaveDecided",
    "请假结果",
    "Leave is decided",
    "您对 {org} {start} 会议的请假已有答复。",
    "Your request for leave from the meeting of {org} on {start} has been answered.",
    "/meetings/{id}",
)
KINDS = (MEETING_SCHEDULED, MEETING_MOVED, MEETING_CANCELLED, LEAVE_ASKED, LEAVE_DECIDED)
