"""The calendar file, read back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from ledger.exports.ics import Method, meeting_ics
from ledger.model import MeetingState
from tests.ledger.story import T, a_meeting


def parsed(**options: Any) -> tuple[Any, Any]:
    meeting = options.pop("meeting", a_meeting(agenda="学习；讨论, 表决"))
    calendar = Calendar.from_ical(meeting_ics(meeting, "红星第一支部", **options))
    return calendar, calendar.walk("VEVENT")[0]


def test_a_published_meeting() -> None:
    calendar, event = parsed(url="https://branch.example/m/1")
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"], event["STATUS"]) == ("PUBLISH", "mt@branchline", 1, "CONFIRMED")
    assert event.decoded("DTSTART").isoformat() == "2026-11-24T20:00:00+08:00"
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert [alarm.decoded("TRIGGER") for alarm in event.walk("VALARM")] == [timedelta(days=-1), timedelta(minutes=-15)]
    assert event["DESCRIPTION"] == "支部党员大会 · 红星第一支部\n议题：学习；讨论, 表决\n入会链接（需登录）：https://branch.example/m/1"


def test_a_rescheduled_meeting_replaces_the_older_entry() -> None:
    _, event = parsed(meeting=a_meeting(revision=4, planned_start=T + 60), stamp=T - 60)
    assert (event["SEQUENCE"], event["UID"], event.decoded("DTSTAMP")) == (4, "mt@branchline", datetime.fromtimestamp(T - 60, UTC))


def test_a_cancelled_meeting_is_always_taken_back_and_rings_no_alarm() -> None:
    calendar, event = parsed(
        meeting=a_meeting(state=MeetingState.CANCELLED, cancel_reason="改期"), method=Method.REQUEST, organizer_email="a@b.cn"
    )
    assert (calendar["METHOD"], event["STATUS"], event.walk("VALARM")) == ("CANCEL", "CANCELLED", [])
    assert "会议已取消：改期" in event["DESCRIPTION"]


@pytest.mark.parametrize(("organizer", "method"), [("a@b.cn", "REQUEST"), ("", "PUBLISH")])
def test_an_invitation_needs_an_organiser(organizer: str, method: str) -> None:
    calendar, _ = parsed(method=Method.REQUEST, organizer_email=organizer, attendee_emails=["x@y.cn"])
    assert calendar["METHOD"] == method


def test_organiser_and_attendees_are_addresses() -> None:
    _, event = parsed(method=Method.REQUEST, organizer_email="a@b.cn", attendee_emails=["x@y.cn"])
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"], event["ATTENDEE"]) == ("mailto:a@b.cn", "红星第一支部", "mailto:x@y.cn")


def test_a_title_cannot_add_lines_of_its_own() -> None:
    meeting = a_meeting(title="x\r\nATTENDEE:mailto:evil@x.cn\r\nBEGIN:VALARM")
    calendar, event = parsed(meeting=meeting)
    assert "ATTENDEE" not in event
    assert len(event.walk("VALARM")) == 2
    assert len(calendar.walk("VEVENT")) == 1


def test_the_same_meeting_gives_the_same_bytes_and_english_speaks_english() -> None:
    assert meeting_ics(a_meeting(), "x") == meeting_ics(a_meeting(), "x")
    _, event = parsed(locale="en", zone="Europe/Berlin", url="https://b.example")
    assert "Join (log in first): https://b.example" in event["DESCRIPTION"]
    assert event.decoded("DTSTART").isoformat() == "2026-11-24T13:00:00+01:00"
