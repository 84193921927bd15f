"""The words and spellings of exported files in both languages: terms, instants with their zone, durations that do not wrap."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ..model import Capacity, Decision, MeetingForm, Stage
from ..rules.attendance import EvidenceGrade
from ..rules.corrections import AttendanceGrade, CorrectedField

DEFAULT_ZONE = "Asia/Shanghai"

# keyed by the identifiers themselves; fields of a correction have a prefix, because one of them is spelled like a grade
TERMS: dict[str, tuple[str, str]] = {
    MeetingForm.BRANCH_GENERAL_MEETING: ("支部党员大会", "Branch general meeting"),
    MeetingForm.BRANCH_COMMITTEE_MEETING: ("支部委员会会议", "Branch committee meeting"),
    MeetingForm.PARTY_GROUP_MEETING: ("党小组会", "Party group meeting"),
    MeetingForm.PARTY_LECTURE: ("党课", "Party lecture"),
    MeetingForm.THEMED_PARTY_DAY: ("主题党日", "Themed Party day"),
    MeetingForm.ORG_LIFE_MEETING: ("组织生活会", "Organizational-life meeting"),
    MeetingForm.DEMOCRATIC_EVALUATION: ("民主评议党员", "Democratic evaluation of members"),
    MeetingForm.HEART_TO_HEART_TALK: ("谈心谈话", "Heart-to-heart talk"),
    MeetingForm.TRAINING: ("党员培训", "Training"),
    AttendanceGrade.PRESENT: ("到会", "present"),
    AttendanceGrade.PARTLY_PRESENT: ("部分到会", "partly present"),
    AttendanceGrade.ABSENT: ("缺席", "absent"),
    AttendanceGrade.EXCUSED: ("请假", "excused"),
    AttendanceGrade.EXEMPT: ("免到", "exempt"),
    EvidenceGrade.CONNECTED: ("已连接", "connected"),
    EvidenceGrade.MEDIA_FLOWING: ("音视频送达", "media flowing"),
    EvidenceGrade.SIGN_IN_ANSWERED: ("已应答签到", "sign-in answered"),
    EvidenceGrade.CONFIRMED: ("书记确认", "confirmed"),
    Capacity.EXPECTED: ("应到", "expected"),
    Capacity.OBSERVER: ("列席", "non-voting attendee"),
    Capacity.HOST_MEMBER: ("流入党员", "host member"),
    Stage.FULL: ("正式党员", "full member"),
    Stage.PROBATIONARY: ("预备党员", "probationary member"),
    Stage.APPLICANT: ("入党申请人", "applicant"),
    Stage.ACTIVE_APPLICANT: ("入党积极分子", "active applicant"),
    Stage.ADMISSION_CANDIDATE: ("发展对象", "candidate for admission"),
    Decision.PENDING: ("待处理", "pending"),
    Decision.APPROVED: ("同意", "approved"),
    Decision.REJECTED: ("不同意", "rejected"),
    f"corrected.{CorrectedField.PRESENT_SECONDS}": ("在会时间", "presence"),
    f"corrected.{CorrectedField.SPEAKING_SECONDS}": ("发言时间", "speaking time"),
    f"corrected.{CorrectedField.GRADE}": ("到会认定", "grade"),
    f"corrected.{CorrectedField.EXCUSED}": ("请假认定", "excused"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}


def word(term: str, locale: str) -> str:
    zh, en = TERMS[term]
    return zh if locale == "zh" else en


def yes_no(value: bool, locale: str) -> str:
    return word("yes" if value else "no", locale)


def local(instant: float, zone: str) -> datetime:
    """To whole seconds: an export promises no more than that of a point in time."""
    return datetime.fromtimestamp(round(instant), UTC).astimezone(ZoneInfo(zone))


def iso(instant: float, zone: str) -> str:
    return local(instant, zone).isoformat()


def clock(seconds: float) -> str:
    """h:mm:ss with as many hours as there are: 26 hours are 26:00:00, not 2:00:00 of the next day."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
