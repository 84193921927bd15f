"""Sheets to export: an evening with everything on it, and one with names that attack a spreadsheet."""

from ledger.facts import FactKind
from ledger.model import Attendee, Capacity, Decision, LeaveRequest
from ledger.rulebook import DEFAULT
from ledger.sheet import AttendanceSheet, build_sheet
from tests.ledger.story import HOUR, Story, T, a_meeting, a_member

NAMES = ("王建国", "李秀英", "刘洋", "陈静", "买买提·艾力", "𠮷田", "Ayşe")
ATTACKS = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\u200b=1", 'quote " and, comma\nline')


def a_sheet(names: tuple[str, ...] = NAMES, length: float = HOUR) -> AttendanceSheet:
    """The first is there for all of it and speaks, the second for a quarter and is corrected, the third excused, the fourth absent."""
    story = Story().opened().joined("m0", 0).joined("m1", 0).spoke("m0", 60, 150.25).left("m1", length / 4).left("m0", length).ended(length)
    for i in range(4, len(names)):
        story.there(f"m{i}", 5, length)
    story.corrected("m1", "presentSeconds", length * 0.9, author="account-7", reason="电话参加")
    story.fact(FactKind.OBJECTION_RAISED, length + 60, "m3", author="m3", objectionId="o1", text="网络故障")
    members = {f"m{i}": a_member(f"m{i}", name, f"{i:04d}") for i, name in enumerate(names)}
    attendees = [Attendee("mt", f"m{i}", Capacity.EXPECTED if i < 5 else Capacity.OBSERVER) for i in range(len(names))]
    leaves = [LeaveRequest("mt", "m2", "=出差", T - HOUR, Decision.APPROVED)]
    meeting = a_meeting(title="第四季度支部党员大会", planned_end=T + length)
    return build_sheet(
        meeting,
        "红星第一支部",
        attendees,
        members,
        leaves,
        story.facts,
        DEFAULT,
        chair_name="王建国",
        branch_names={"b1": "红星第一支部"},
        author_names={"account-7": "王书记", "account-8": "nobody here"},
    )
