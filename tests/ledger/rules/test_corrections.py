"""Corrections and objections: the later fact counts, the original stays."""

from typing import Any

import pytest

from ledger.facts import FactKind
from ledger.model import Decision
from ledger.rules.corrections import AttendanceGrade, is_valid_correction
from tests.ledger.story import HOUR, Story, T, expected

DAY = 86400.0


def half() -> Story:
    return Story().opened().joined("li", 0).spoke("li", 10, 20).left("li", 1800).ended()


def test_a_corrected_presence_changes_share_and_grade_and_keeps_what_was_measured() -> None:
    record = half().corrected("li", "presentSeconds", 3400).record("li")
    assert (record.present_seconds, record.grade) == (3400, AttendanceGrade.PRESENT)
    assert (record.measured_present_seconds, record.measured_grade) == (1800, AttendanceGrade.PARTLY_PRESENT)
    assert [(c.field, c.value, c.author, c.reason) for c in record.corrections] == [("presentSeconds", 3400, "secretary", "by telephone")]


def test_the_last_correction_counts_and_null_goes_back() -> None:
    story = half().corrected("li", "speakingSeconds", 90).corrected("li", "speakingSeconds", 60)
    assert (story.record("li").speech.speaking_seconds, story.record("li").speech.measured_speaking_seconds) == (60, 10)
    record = story.corrected("li", "speakingSeconds", None).record("li")
    assert (record.speech.speaking_seconds, len(record.corrections)) == (10, 3)


def test_a_corrected_grade_stands_whatever_was_measured() -> None:
    assert half().corrected("li", "grade", "present").record("li").grade is AttendanceGrade.PRESENT


def test_excused_by_correction() -> None:
    story = Story().opened().ended().corrected("li", "excused", True)
    assert story.record("li", attendees=expected("li")).grade is AttendanceGrade.EXCUSED


def test_a_correction_beyond_the_session_is_cut_and_told() -> None:
    story = half().corrected("li", "presentSeconds", 9999)
    assert (story.record("li").present_seconds, story.codes()) == (HOUR, ["correctionBeyondSession"])


@pytest.mark.parametrize(
    ("field", "value", "valid"),
    [
        ("presentSeconds", 0, True),
        ("presentSeconds", -1, False),
        ("presentSeconds", True, False),
        ("presentSeconds", float("inf"), False),
        ("speakingSeconds", "60", False),
        ("grade", "absent", True),
        ("grade", "excellent", False),
        ("grade", ["absent"], False),
        ("excused", False, True),
        ("excused", 1, False),
        ("firstJoin", 1, False),
        ("firstJoin", None, False),
        (None, 1, False),
        ("grade", None, True),
    ],
)
def test_which_corrections_can_be_applied(field: Any, value: Any, valid: bool) -> None:
    assert is_valid_correction(field, value) is valid


@pytest.mark.parametrize(
    ("story", "code"),
    [
        (half().corrected("li", "colour", 1), "correctionMalformed"),
        (half().corrected("li", "presentSeconds", 1, reason=" "), "correctionWithoutReason"),
        (half().corrected("li", "presentSeconds", 1, author="system"), "correctionWithoutReason"),
    ],
)
def test_an_unusable_correction_is_told_and_not_used(story: Story, code: str) -> None:
    assert (story.record("li").present_seconds, story.codes()) == (1800, [code])


def objected(at: float = 2 * HOUR) -> Story:
    return half().fact(FactKind.OBJECTION_RAISED, at, "li", author="li", objectionId="o1", text="I was on the telephone")


def test_an_objection_waits_and_is_decided_once() -> None:
    story = objected()
    assert [(o.decision, o.in_time) for o in story.measure()[0].objections] == [(Decision.PENDING, True)]
    story.fact(FactKind.OBJECTION_DECIDED, 3 * HOUR, "li", author="sec", objectionId="o1", accepted=True, answer="yes")
    story.fact(FactKind.OBJECTION_DECIDED, 4 * HOUR, "li", author="sec", objectionId="o1", accepted=False, answer="no")
    (objection,) = story.measure()[0].objections
    assert (objection.decision, objection.answer, objection.decided_by, objection.decided_at) == (
        Decision.APPROVED,
        "yes",
        "sec",
        T + 3 * HOUR,
    )
    assert story.codes() == ["decidedTwice"]


@pytest.mark.parametrize(("at", "codes"), [(HOUR + 7 * DAY, []), (HOUR + 7 * DAY + 1, ["objectionAfterWindow"])])
def test_the_objection_window_ends_seven_days_after_the_end(at: float, codes: list[str]) -> None:
    story = objected(at)
    assert (story.codes(), story.measure()[0].objections_until) == (codes, T + HOUR + 7 * DAY)


def test_the_window_of_a_late_entry_runs_from_the_entry() -> None:
    story = objected(30 * DAY).fact(FactKind.LATE_ENTRY, 29 * DAY, note="x")
    assert (story.codes(), story.measure()[0].objections_until) == ([], T + 36 * DAY)


def test_a_decision_about_nothing_and_an_objection_without_id_are_told() -> None:
    story = half().fact(FactKind.OBJECTION_DECIDED, 2 * HOUR, "li", objectionId="o9", accepted=True)
    story.fact(FactKind.OBJECTION_RAISED, 2 * HOUR, "li", text="x")
    assert story.codes() == ["decidedWithoutObjection", "factMalformed"]
