"""A meeting as an iCalendar file (RFC 5545, methods of RFC 5546): publish it, invite to it, or take it back.

The same meeting gives the same bytes: UID from the meeting's id, SEQUENCE from its revision (so that a calendar replaces the older entry),
and DTSTAMP from `stamp`, because a file that may be fetched twice must not carry the clock of the fetching.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vUri

from ..model import Meeting, MeetingState
from .words import DEFAULT_ZONE, local, word

ALARMS = (timedelta(days=-1), timedelta(minutes=-15))
_DOMAIN = "branchline"


class Method(StrEnum):
    PUBLISH = "PUBLISH"  # for whoever fetches the file
    REQUEST = "REQUEST"  # an invitation to named addresses; needs an organiser
    CANCEL = "CANCEL"


def meeting_ics(
    meeting: Meeting,
    org_name: str,
    *,
    method: Method = Method.PUBLISH,
    locale: str = "zh",
    zone: str = DEFAULT_ZONE,
    url: str = "",
    organizer_email: str = "",
    attendee_emails: Sequence[str] = (),
    stamp: float | None = None,
) -> bytes:
    """`url`: where one joins. `stamp`: epoch seconds of the last change; the planned start where it is not known. A cancelled meeting is
    always a CANCEL, and an invitation without an organiser is only published (RFC 5546 §3.2.2 requires one)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Branchline//Meetings//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", _method(meeting, method, organizer_email).value)
    calendar.add_component(_event(meeting, org_name, locale, zone, url, organizer_email, attendee_emails, stamp))
    start = local(meeting.planned_start, zone).date()
    calendar.add_missing_timezones(first_date=start.replace(month=1, day=1), last_date=start.replace(year=start.year + 1, month=1, day=1))
    return bytes(calendar.to_ical())


def _method(meeting: Meeting, asked: Method, organizer_email: str) -> Method:
    if meeting.state is MeetingState.CANCELLED:
        return Method.CANCEL
    return Method.PUBLISH if asked is Method.REQUEST and not organizer_email else asked


def _event(
    meeting: Meeting, org_name: str, locale: str, zone: str, url: str, organizer: str, attendees: Sequence[str], stamp: float | None
) -> Event:
    event = Event()
    cancelled = meeting.state is MeetingState.CANCELLED
    event.add("uid", f"{meeting.meeting_id}@{_DOMAIN}")
    event.add("sequence", meeting.revision)
    event.add("dtstamp", datetime.fromtimestamp(round(meeting.planned_start if stamp is None else stamp), UTC))
    event.add("dtstart", _at(meeting.planned_start, zone))
    event.add("dtend", _at(meeting.planned_end, zone))
    event.add("summary", meeting.title)
    event.add("description", _description(meeting, org_name, locale, url))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("categories", [word(meeting.form, locale)])
    if url:
        event.add("url", vUri(url))
        event.add("location", url)
    if organizer:
        address = vCalAddress(f"mailto:{organizer}")
        address.params["CN"] = org_name
        event.add("organizer", address, encode=False)
    for email in attendees:
        event.add("attendee", vCalAddress(f"mailto:{email}"), encode=False)
    for before in () if cancelled else ALARMS:
        event.add_component(_alarm(meeting, before))
    return event


def _at(instant: float, zone: str) -> datetime:
    return datetime.fromtimestamp(round(instant), ZoneInfo(zone))


def _description(meeting: Meeting, org_name: str, locale: str, url: str) -> str:
    zh = locale == "zh"
    lines = [f"{word(meeting.form, locale)} · {org_name}"]
    if meeting.state is MeetingState.CANCELLED:
        lines.append(f"{'会议已取消：' if zh else 'Cancelled: '}{meeting.cancel_reason or ''}")
    if meeting.agenda:
        lines.append(f"{'议题：' if zh else 'Agenda: '}{meeting.agenda}")
    if url:
        lines.append(f"{'入会链接（需登录）：' if zh else 'Join (log in first): '}{url}")
    return "\n".join(lines)


def _alarm(meeting: Meeting, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", meeting.title)
    alarm.add("trigger", before)
    return alarm
