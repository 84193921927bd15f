"""Telling those on the list of a meeting that it is called, moved or cancelled. Who did it knows already."""

from __future__ import annotations

from datetime import UTC, datetime

from ..access import Actor
from ..attendees import attendees_of
from ..kinds.meetings import MEETING_CANCELLED, MEETING_MOVED, MEETING_SCHEDULED
from ..model import CHINA, Meeting
from ..notifying import Kind
from ..ports import UnitOfWork
from .routing import publish

#: Kind of notification → event for webhooks.
EVENTS = {
    MEETING_SCHEDULED.code: "meeting.scheduled.v1",
    MEETING_MOVED.code: "meeting.moved.v1",
    MEETING_CANCELLED.code: "meeting.cancelled.v1",
}


async def tell_scheduled(uow: UnitOfWork, actor: Actor, meeting: Meeting, now: float) -> None:
    if not meeting.late_entry:
        await _tell(uow, actor, MEETING_SCHEDULED, meeting, now, "scheduled")


async def tell_moved(uow: UnitOfWork, actor: Actor, before: Meeting, after: Meeting, now: float) -> None:
    if after.planned_start != before.planned_start:
        await _tell(uow, actor, MEETING_MOVED, after, now, f"moved:{after.revision}")


async def tell_cancelled(uow: UnitOfWork, actor: Actor, meeting: Meeting, now: float) -> None:
    await _tell(uow, actor, MEETING_CANCELLED, meeting, now, "cancelled")


async def naming(uow: UnitOfWork, meeting: Meeting) -> dict[str, str]:
    """What every sentence about a meeting says of it: whose, and when. Not its title, which may say more than a mail should."""
    org = await uow.organisations.get(meeting.org_id)
    start = datetime.fromtimestamp(meeting.planned_start, UTC).astimezone(CHINA)
    return {"org": org.name if org else "–", "start": f"{start:%Y-%m-%d %H:%M}"}


async def _tell(uow: UnitOfWork, actor: Actor, kind: Kind, meeting: Meeting, now: float, what: str) -> None:
    named, about = await naming(uow, meeting), f"meeting:{meeting.meeting_id}"
    people = [row.member_id for row in await attendees_of(uow, meeting) if row.member_id != actor.member_id]
    await uow.notifications.add([kind.to(one, about, now, f"{about}:{what}", **named) for one in people])
    data = {"meetingId": meeting.meeting_id, "form": meeting.form.value, "plannedStart": named["start"]}
    await publish(uow, EVENTS[kind.code], meeting.org_id, f"{about}:{what}", data, now)
