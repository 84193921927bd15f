"""The sheet: names beside numbers, the list of the meeting before the facts, and the versions it was made from."""

from ledger.facts import GENESIS, FactKind
from ledger.model import Attendee, Capacity, Decision, LeaveRequest
from ledger.rulebook import DEFAULT
from ledger.rules.corrections import AttendanceGrade
from ledger.rules.intervals import Interval
from ledger.sheet import AttendanceSheet, SheetCounts, build_sheet
from tests.ledger.story import HOUR, Story, T, a_meeting, a_member

MEMBERS = {
    m.member_id: m
    for m in (
        a_member("li", "李秀英", "002"),
        a_member("wang", "王建国", "001"),
        a_member("liu", "刘洋", "003"),
        a_member("chen", "陈静", "004"),
        a_member("zhao", "赵敏", "005"),
        a_member("ouyang", "欧阳志远", "900"),
        a_member("host", "买买提·艾力", "901"),
    )
}
ATTENDEES = [
    Attendee("mt", "host", Capacity.HOST_MEMBER),
    Attendee("mt", "ouyang", Capacity.OBSERVER),
    *(Attendee("mt", m, Capacity.EXPECTED) for m in ("li", "wang", "liu", "chen")),
    Attendee("mt", "zhao", Capacity.EXPECTED, exempt=True),
]
LEAVES = [LeaveRequest("mt", "liu", "出差", T - HOUR, Decision.APPROVED)]


def evening() -> Story:
    story = Story().opened().there("wang", 0, HOUR, "a").there("wang", 10, HOUR, "b", "phone").there("li", 0, 1000)
    return story.there("ouyang", 0, HOUR).there("host", 0, HOUR).ended()


def sheet(story: Story, **options: object) -> AttendanceSheet:
    shape = {"chair_name": "王建国", "branch_names": {"b1": "第一支部"}} | options
    return build_sheet(a_meeting(), "第一支部", ATTENDEES, MEMBERS, LEAVES, story.facts, DEFAULT, **shape)  # type: ignore[arg-type]


def test_counts_and_names() -> None:
    made = sheet(evening())
    assert made.counts == SheetCounts(5, 1, 1, 1, 1, 1, 1, 1)
    assert made.names(AttendanceGrade.ABSENT) == ("陈静",)
    assert made.names(AttendanceGrade.EXCUSED) == ("刘洋",)
    assert made.names(AttendanceGrade.PARTLY_PRESENT) == ("李秀英",)


def test_rows_are_the_expected_by_number_then_observers_then_host_members() -> None:
    assert [row.number for row in sheet(evening()).rows] == ["001", "002", "003", "004", "005", "900", "901"]


def test_a_row_has_everything_about_one_attendee() -> None:
    row = sheet(evening()).row_of("wang")
    assert row is not None
    assert (row.name, row.branch_name, row.record.connections, row.record.devices) == ("王建国", "第一支部", 2, 2)
    leave = sheet(evening()).row_of("liu")
    assert leave is not None
    assert (leave.leave, leave.leave_reason, leave.grade) == (Decision.APPROVED, "出差", AttendanceGrade.EXCUSED)


def test_the_sheet_says_which_facts_and_rules_it_was_made_from() -> None:
    story = evening()
    made = sheet(story)
    assert (made.last_fact_number, made.last_fact_hash, made.as_of) == (len(story.facts), story.facts[-1].hash, T + HOUR)
    assert (made.schema_version, made.rulebook_version, made.rulebook_hash) == (1, "2026.1", DEFAULT.content_hash())
    assert made == sheet(story)


def test_a_correction_changes_the_counts_and_keeps_the_original() -> None:
    made = sheet(evening().corrected("chen", "grade", "present"))
    row = made.row_of("chen")
    assert row is not None
    assert (made.counts.absent, made.counts.present, row.record.measured_grade) == (0, 2, AttendanceGrade.ABSENT)


def test_authors_are_named_where_the_name_is_known() -> None:
    made = sheet(evening().corrected("chen", "excused", True, author="acc-1"), author_names={"acc-1": "王建国", "acc-2": "x"})
    assert (made.author_name("acc-1"), made.author_name("acc-9"), dict(made.author_names)) == ("王建国", "acc-9", {"acc-1": "王建国"})


def test_the_latest_objection_stands_in_the_row() -> None:
    story = evening().fact(FactKind.OBJECTION_RAISED, 2 * HOUR, "chen", author="chen", objectionId="o1", text="I was there")
    row = sheet(story).row_of("chen")
    assert row is not None
    assert row.objection is Decision.PENDING


def test_somebody_not_on_the_list_is_told_but_has_no_row() -> None:
    made = sheet(evening().there("ghost", 0, 100))
    assert made.row_of("ghost") is None
    assert [c.code for c in made.complaints] == ["notOnTheList"]


def test_an_attendee_who_is_no_longer_known_is_left_out() -> None:
    members = {k: v for k, v in MEMBERS.items() if k != "chen"}
    made = build_sheet(a_meeting(), "x", ATTENDEES, members, LEAVES, evening().facts, DEFAULT)
    assert made.counts.expected == 4


def test_without_any_fact_the_registered_times_are_used() -> None:
    made = build_sheet(a_meeting(late_entry=True), "x", ATTENDEES, MEMBERS, LEAVES, [], DEFAULT)
    assert (made.session.intervals, made.last_fact_number, made.last_fact_hash) == ((Interval(T, T + HOUR),), 0, GENESIS)
    assert (made.opened_at, made.ended_at, made.as_of) == (T, T + HOUR, T)


def test_while_the_meeting_runs_there_is_no_end_and_no_window() -> None:
    made = sheet(Story().opened().joined("li", 0), until=T + 60)
    assert (made.ended_at, made.objections_until, made.session.seconds) == (None, None, 60)
