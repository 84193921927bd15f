"""Points: one entry per attended meeting, capped by kind and year, explained, and nothing else."""

from dataclasses import replace

import pytest

from ledger.model import MeetingForm
from ledger.rulebook import DEFAULT
from ledger.rules.corrections import AttendanceGrade
from ledger.rules.points import AttendedMeeting, point_entries, total_of
from tests.ledger.story import HOUR, Story, T

RECORD = Story().opened().there("li", 0, HOUR).ended().record("li")
DAY = 86400.0
GENERAL = MeetingForm.BRANCH_GENERAL_MEETING


def attended(meeting: int, form: MeetingForm = GENERAL, grade: AttendanceGrade = AttendanceGrade.PRESENT, at: float = T) -> AttendedMeeting:
    return AttendedMeeting(f"m{meeting}", "大会", form, at + meeting, replace(RECORD, grade=grade), ("k1", "k2"))


def test_an_entry_names_its_meeting_rule_version_and_evidence() -> None:
    (entry,) = point_entries([attended(1)], DEFAULT)
    assert (entry.points, entry.meeting_id, entry.rulebook_version, entry.fact_keys, entry.year) == (2, "m1", "2026.1", ("k1", "k2"), 2026)
    assert entry.explanation_zh == "参加“大会”，在会 100%，按规则 2026.1 计 2 分"
    assert entry.explanation_en == "attended “大会”, present for 100%, 2 points by rulebook 2026.1"


@pytest.mark.parametrize("grade", [g for g in AttendanceGrade if g is not AttendanceGrade.PRESENT])
def test_only_presence_gives_points_and_nothing_takes_them_away(grade: AttendanceGrade) -> None:
    assert point_entries([attended(1, grade=grade)], DEFAULT) == ()


def test_the_yearly_cap_of_a_kind_is_said_in_the_entry() -> None:
    entries = point_entries([attended(i) for i in range(6)], DEFAULT)
    assert [e.points for e in entries] == [2, 2, 2, 2, 0, 0]
    assert entries[4].explanation_zh.endswith("（本类全年以 8 分为限）")
    assert total_of(entries, "li", 2026, DEFAULT) == 8


def test_every_year_begins_anew_in_china() -> None:
    new_year = 1798732800.0  # 2027-01-01T00:00:00+08:00
    entries = point_entries([*(attended(i) for i in range(5)), attended(9, at=new_year), attended(8, at=new_year - 10)], DEFAULT)
    assert [(e.year, e.points) for e in entries][-2:] == [(2026, 0), (2027, 2)]


def test_order_and_repetition_change_nothing() -> None:
    meetings = [attended(i) for i in range(6)]
    assert point_entries([*reversed(meetings), *meetings], DEFAULT) == point_entries(meetings, DEFAULT)


def test_a_form_without_a_rule_gives_nothing() -> None:
    assert point_entries([attended(1, MeetingForm.HEART_TO_HEART_TALK)], DEFAULT) == ()


def test_the_total_of_nobody_is_the_floor() -> None:
    assert total_of((), "li", 2026, DEFAULT) == 0
