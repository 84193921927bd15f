"""Presence as stories: what happened, and what the sheet must say about it."""

from dataclasses import replace

import pytest

from ledger.facts import FactKind
from ledger.model import Decision, LeaveRequest
from ledger.rulebook import DEFAULT
from ledger.rules.attendance import EvidenceGrade, EvidenceSpan, PresenceInterval, present_at
from ledger.rules.corrections import AttendanceGrade
from ledger.rules.intervals import Interval
from tests.ledger.story import HOUR, Story, T, expected

PRESENT, PARTLY, ABSENT = AttendanceGrade.PRESENT, AttendanceGrade.PARTLY_PRESENT, AttendanceGrade.ABSENT


def leave(member: str, decision: Decision = Decision.APPROVED, at: float = -HOUR) -> LeaveRequest:
    return LeaveRequest("mt", member, "出差", T + at, decision)


def test_the_whole_session_on_one_device() -> None:
    record = Story().opened().there("li", 0, HOUR).ended().record("li")
    assert (record.present_seconds, record.share, record.grade) == (HOUR, 1.0, PRESENT)
    assert (record.first_join, record.last_leave, record.connections, record.devices) == (T, T + HOUR, 1, 1)


def test_two_devices_at_once_are_one_presence() -> None:
    story = Story().opened().there("li", 0, 2400, "a", "desk").there("li", 1200, HOUR, "b", "phone").ended()
    record = story.record("li")
    assert (record.present_seconds, record.connections, record.devices) == (HOUR, 2, 2)
    assert len(record.intervals) == 1


@pytest.mark.parametrize(("gap", "seconds", "bridged"), [(60, HOUR, 60), (61, HOUR - 61, 0)])
def test_a_reconnect_counts_through_only_within_the_tolerance(gap: float, seconds: float, bridged: float) -> None:
    record = Story().opened().there("li", 0, 1000, "a").there("li", 1000 + gap, HOUR, "b").ended().record("li")
    assert (record.present_seconds, record.bridged_seconds) == (seconds, bridged)
    assert (record.connections, record.devices) == (2, 1)


def test_a_bridged_gap_is_marked_in_the_spans() -> None:
    record = Story().opened().there("li", 0, 1000, "a").there("li", 1030, HOUR, "b").ended().record("li")
    connected = EvidenceGrade.CONNECTED
    expected_spans = [(0, 1000, connected), (1000, 1030, None), (1030, HOUR, connected)]
    assert record.spans == tuple(EvidenceSpan(T + a, T + b, g) for a, b, g in expected_spans)
    assert record.intervals == (PresenceInterval(T, T + HOUR, 30, connected, False),)


@pytest.mark.parametrize(("seconds", "grade"), [(2880, PRESENT), (2879, PARTLY), (1, PARTLY), (0.5, ABSENT)])
def test_the_threshold_is_reached_at_exactly_its_share(seconds: float, grade: AttendanceGrade) -> None:
    assert Story().opened().there("li", 0, seconds).ended().record("li").grade is grade


def test_an_organisation_may_set_its_own_threshold() -> None:
    story = Story().opened().there("li", 0, 1800).ended()
    assert story.record("li", present_share=0.5).grade is PRESENT
    assert story.measure(present_share=0.5)[0].present_share == 0.5


@pytest.mark.parametrize(("start", "end", "late", "early"), [(300, 3300, 0, 0), (301, 3299, 301, 301), (0, HOUR, 0, 0)])
def test_late_and_early_beyond_their_tolerances(start: float, end: float, late: float, early: float) -> None:
    record = Story().opened().there("li", start, end).ended().record("li")
    assert (record.late_seconds, record.early_seconds) == (late, early)


def test_waiting_before_the_opening_is_not_presence_but_the_first_join() -> None:
    record = Story().joined("li", -600).opened().left("li", HOUR + 5).ended().record("li")
    assert (record.first_join, record.last_leave, record.present_seconds) == (T - 600, T + HOUR, HOUR)


def test_who_only_waited_before_the_opening_is_absent() -> None:
    record = Story().there("li", -600, -100).opened().ended().record("li", attendees=expected("li"))
    assert (record.grade, record.first_join, record.connections) == (ABSENT, None, 0)


def test_a_drop_across_the_opening_is_bridged() -> None:
    record = Story().there("li", -600, -10, "a").opened().there("li", 10, HOUR, "b").ended().record("li")
    assert (record.present_seconds, record.bridged_seconds) == (HOUR, 10)


def test_a_removal_ends_the_connection_and_is_not_bridged() -> None:
    story = Story().opened().there("li", 0, 1000.5, "a").fact(FactKind.MEMBER_REMOVED, 1000, "li", by="chair", reason="noise")
    record = story.there("li", 1030, HOUR, "b").ended().record("li")
    assert (record.present_seconds, record.bridged_seconds) == (HOUR - 30, 0)


def test_a_crash_closed_at_the_last_beat_is_used_and_marked() -> None:
    story = Story().opened().joined("li", 0).left("li", 1800, inferred=True).ended(1800, inferred=True)
    meeting, complaints = story.measure()
    record = meeting.members["li"]
    assert (record.present_seconds, record.inferred, record.intervals[0].inferred_end) == (1800, True, True)
    assert (meeting.session.inferred_end, complaints) == (True, ())


def test_an_outage_between_two_openings_is_nobodys_absence() -> None:
    story = Story().opened().there("li", 0, 1000, "a").ended(1000, inferred=True)
    story.opened(1600).there("li", 1600, HOUR, "b").ended()
    meeting, complaints = story.measure()
    assert (meeting.session.seconds, meeting.members["li"].share, complaints) == (HOUR - 600, 1.0, ())
    assert meeting.members["li"].late_seconds == 0


def test_an_end_seen_after_an_inferred_one_counts() -> None:
    story = Story().opened().there("li", 0, HOUR).ended(1000, inferred=True).ended()
    meeting, complaints = story.measure()
    assert (meeting.session.intervals, meeting.session.inferred_end) == ((Interval(T, T + HOUR),), False)
    assert [c.code for c in complaints] == ["endedTwice"]


def test_without_an_end_the_last_sign_of_life_ends_the_session() -> None:
    story = Story().opened().joined("li", 0).spoke("li", 100, 160).corrected("li", "excused", True)
    meeting, _ = story.measure()
    assert (meeting.session.end, meeting.session.inferred_end, meeting.members["li"].inferred) == (T + 160, True, True)
    assert story.codes() == ["neverEnded", "neverLeft"]


def test_a_running_meeting_is_measured_up_to_now_without_complaint() -> None:
    meeting, complaints = Story().opened().joined("li", 10).measure(until=T + 100)
    assert (meeting.members["li"].present_seconds, meeting.objections_until, complaints) == (90, None, ())
    assert not meeting.members["li"].inferred


def test_a_late_entry_uses_the_registered_times() -> None:
    story = Story().fact(FactKind.LATE_ENTRY, HOUR, note="x")
    story.fact(FactKind.PRESENCE_CONFIRMED, HOUR, "li", author="sec", reason="seen", start=T, end=T + HOUR, how="inRoom")
    record = story.record("li", registered=Interval(T, T + HOUR))
    assert (record.grade, record.evidence_seconds()["confirmed"]) == (PRESENT, HOUR)
    assert story.codes(registered=Interval(T, T + HOUR)) == ["neverOpened"]


def test_evidence_is_the_strongest_there_is_at_each_moment() -> None:
    story = (
        Story().opened().joined("li", 0).fact(FactKind.MEDIA_STARTED, 600, "li", connectionId="c-li", producerId="p", source="microphone")
    )
    story.fact(FactKind.MEDIA_STOPPED, 1200, "li", connectionId="c-li", producerId="p", source="microphone").left("li", 1800)
    story.fact(FactKind.PRESENCE_CONFIRMED, HOUR, "li", start=T + 900, end=T + 2400, how="telephone", author="sec")
    story.fact(FactKind.PRESENCE_CONFIRMED, 700, "li", start=T + 500, end=T + 700, how="signIn", author="li").ended()
    record = story.record("li")
    assert record.evidence_seconds() == {"connected": 500, "mediaFlowing": 200, "signInAnswered": 200, "confirmed": 1500}
    assert record.present_seconds == 2400
    assert record.intervals[0].evidence is EvidenceGrade.CONFIRMED


def test_an_answered_sign_in_alone_is_no_presence() -> None:
    story = Story().opened().fact(FactKind.PRESENCE_CONFIRMED, 700, "li", start=T, end=T + 700, how="signIn").ended()
    assert story.record("li", attendees=expected("li")).present_seconds == 0


@pytest.mark.parametrize(
    ("decision", "seconds", "grade", "excused"),
    [
        (Decision.APPROVED, 0, AttendanceGrade.EXCUSED, True),
        (Decision.PENDING, 0, ABSENT, False),
        (Decision.REJECTED, 0, ABSENT, False),
        (Decision.APPROVED, 600, PARTLY, True),
        (Decision.APPROVED, HOUR, PRESENT, True),
    ],
)
def test_leave_excuses_only_when_approved_and_never_hides_presence(
    decision: Decision, seconds: float, grade: AttendanceGrade, excused: bool
) -> None:
    story = Story().opened().there("li", 0, seconds).ended() if seconds else Story().opened().ended()
    record = story.record("li", attendees=expected("li"), leaves=[leave("li", decision)])
    assert (record.grade, record.excused) == (grade, excused)


def test_leave_asked_for_after_the_opening_is_told() -> None:
    assert Story().opened().ended().codes(attendees=expected("li"), leaves=[leave("li", at=10)]) == ["leaveAfterStart"]


def test_an_exempt_member_is_never_absent() -> None:
    assert Story().opened().ended().record("li", attendees=expected("li", exempt=True)).grade is AttendanceGrade.EXEMPT


def test_an_expected_member_without_a_fact_is_absent() -> None:
    record = Story().opened().ended().record("li", attendees=expected("li"))
    assert (record.grade, record.first_join, record.intervals, record.share) == (ABSENT, None, (), 0.0)


def test_somebody_not_on_the_list_is_told() -> None:
    assert Story().opened().there("zhao", 0, 10).ended().codes(attendees=expected("li")) == ["notOnTheList"]


@pytest.mark.parametrize(
    ("story", "codes", "seconds"),
    [
        (Story().opened().joined("li", 0).joined("li", 60).left("li", 600).ended(), ["joinedTwice"], 600),
        (Story().opened().left("li", 600).ended(), ["leftWithoutJoined"], 0),
        (Story().opened().joined("li", 0).left("li", 600).left("li", 700).ended(), ["leftWithoutJoined"], 600),
        (Story().opened().joined("li", 600).ended(), ["neverLeft"], 3000),
        (Story().opened().joined("li", 600).left("li", 100).ended(), ["clockWentBack"], 0),
        (Story().opened().there("li", 0, 600).opened(5).ended(), ["openedTwice"], 600),
        (Story().opened().there("li", 0, 600).ended().ended(HOUR + 9), ["endedTwice"], 600),
        (Story().opened().there("li", 0, 600).ended().fact(FactKind.CONNECTION_LEFT, 5, "li"), ["factMalformed"], 600),
        (Story().opened().there("li", 0, 600).ended().fact(FactKind.CONNECTION_LEFT, float("nan"), "li"), ["factMalformed"], 600),
        (
            Story().opened().there("li", 0, 600).ended().fact(FactKind.PRESENCE_CONFIRMED, 5, "li", start="x"),
            ["confirmationMalformed"],
            600,
        ),
        (Story().there("li", 0, 600).ended(), ["endedWithoutOpened"], 0),
    ],
)
def test_odd_facts_become_complaints_and_never_exceptions(story: Story, codes: list[str], seconds: float) -> None:
    meeting, complaints = story.measure(attendees=expected("li"))
    assert [c.code for c in complaints] == codes
    assert meeting.members["li"].present_seconds == seconds
    assert all(c.sentence(locale) for c in complaints for locale in ("zh", "en"))


def test_a_fact_delivered_twice_counts_once_and_a_reused_key_is_told() -> None:
    story = Story().opened().there("li", 0, 600).ended()
    assert story.codes() == []
    forged = replace(story.facts[1], number=9, fact=replace(story.facts[1].fact, at=T - 5000))
    story.facts += [story.facts[1], forged]
    assert (story.codes(), story.record("li").present_seconds) == (["keyReused"], 600)


def test_present_at_a_moment_is_connected_or_confirmed_then() -> None:
    story = Story().opened().there("li", 0, 1000, "a").there("li", 1030, HOUR, "b").there("wang", 0, 500)
    story.fact(FactKind.PRESENCE_CONFIRMED, HOUR, "zhao", start=T + 100, end=T + 200, how="inRoom").ended()
    moments = {at: present_at(story.facts, T + at) for at in (-1, 0, 150, 500, 1010, 1030, HOUR + 1)}
    assert moments == {
        -1: frozenset(),
        0: {"li", "wang"},
        150: {"li", "wang", "zhao"},
        500: {"li"},
        1010: frozenset(),
        1030: {"li"},
        HOUR + 1: frozenset(),
    }


def test_present_now_while_the_meeting_runs() -> None:
    story = Story().opened().joined("li", 10).there("wang", 20, 60)
    assert present_at(story.facts, T + 100) == {"li"}
    assert present_at(story.facts, T + 60) == {"li"}


def test_another_rulebook_gives_another_result_from_the_same_facts() -> None:
    story = Story().opened().there("li", 0, 1000, "a").there("li", 1090, HOUR, "b").ended()
    assert story.record("li", rulebook=replace(DEFAULT, version="x", bridge_tolerance=90)).present_seconds == HOUR
