"""The nouns of the ledger as frozen records: organisation, people, accounts, meetings.

Standard library only: no SQL, no clock, no JSON. Instants are epoch seconds (float, UTC); dates are `datetime.date`. Names follow the
glossary in docs/glossary.md: *meeting* is organisational, *room* (elsewhere) is live; *member* is a person, *account* is a log-in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

CHINA = timezone(timedelta(hours=8))  # one zone for the whole country, no summer time: days of posts and meetings are counted in it


def day_of(instant: float) -> date:
    """The calendar day, in China, of an instant."""
    return datetime.fromtimestamp(instant, UTC).astimezone(CHINA).date()


class OrgKind(StrEnum):
    COMMITTEE = "committee"
    GENERAL_BRANCH = "generalBranch"
    BRANCH = "branch"
    JOINT_BRANCH = "jointBranch"
    TEMPORARY_BRANCH = "temporaryBranch"
    FLOATING_BRANCH = "floatingBranch"
    PARTY_GROUP = "partyGroup"


class RecordingRule(StrEnum):
    """Whether meetings may be recorded, and what an objection does."""

    NEVER = "never"
    ALLOWED = "allowed"
    UNTIL_OBJECTION = "untilObjection"


@dataclass(frozen=True, slots=True)
class OrgUnit:
    """One organisation of the tree. `path` is the chain of ids from the root, "/a/b/c/": a subtree is a prefix of it."""

    org_id: str
    parent_id: str | None
    kind: OrgKind
    name: str
    code: str  # the organisation's own stable code, unique, used in imports
    path: str
    points_enabled: bool = False
    lobby_default: bool = False
    present_share: float | None = None  # organisation's own threshold; None: the rulebook's
    founded_on: date | None = None
    ends_on: date | None = None  # temporary branches
    closed_at: float | None = None
    recording_rule: RecordingRule = RecordingRule.NEVER
    recording_days: int | None = None  # how long recordings are kept; None: the rulebook's


BRANCH_KINDS = frozenset({OrgKind.BRANCH, OrgKind.JOINT_BRANCH, OrgKind.TEMPORARY_BRANCH, OrgKind.FLOATING_BRANCH})


class Stage(StrEnum):
    FULL = "full"
    PROBATIONARY = "probationary"
    APPLICANT = "applicant"  # 入党申请人
    ACTIVE_APPLICANT = "activeApplicant"  # 入党积极分子
    ADMISSION_CANDIDATE = "admissionCandidate"  # 发展对象


BEFORE_ADMISSION = frozenset({Stage.APPLICANT, Stage.ACTIVE_APPLICANT, Stage.ADMISSION_CANDIDATE})  # no members


class MemberStatus(StrEnum):
    ACTIVE = "active"
    PARTY_PROBATION = "partyProbation"  # 留党察看: attends, no vote
    SUSPENDED = "suspended"  # 停止党籍
    TRANSFERRED = "transferred"
    LEFT = "left"  # removed, withdrawn or lapsed
    DECEASED = "deceased"
    APPLYING = "applying"  # on the way into the Party, and no member: with a stage before admission, and only with one


ON_THE_ROLL = frozenset({MemberStatus.ACTIVE, MemberStatus.PARTY_PROBATION, MemberStatus.SUSPENDED})
ATTENDING = frozenset({MemberStatus.ACTIVE, MemberStatus.PARTY_PROBATION})  # a suspended member is not called to meetings
REPORTING = ATTENDING | {MemberStatus.APPLYING}  # who hands in thought reports, and is told what concerns them
LOOKED_AFTER = ON_THE_ROLL | {MemberStatus.APPLYING}  # whose file and account are in use


class Education(StrEnum):
    """The highest finished."""

    PRIMARY = "primary"
    MIDDLE = "middle"
    SECONDARY = "secondary"  # 高中, 中专
    COLLEGE = "college"  # 大专
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTOR = "doctor"


@dataclass(frozen=True, slots=True)
class Member:
    """One person, one record. `host_branch_id` where one floats: attendance there is credited once and seen by both branches."""

    member_id: str
    number: str  # the organisation's stable number of the person, unique, used in imports
    name: str
    stage: Stage
    status: MemberStatus
    home_branch_id: str
    host_branch_id: str | None = None
    group_id: str | None = None  # Party group within the home branch
    sex: str | None = None  # "female" | "male"
    phone: str | None = None
    email: str | None = None
    joined_on: date | None = None
    exempt: bool = False  # old, ill or incapacitated: no hard requirement
    revision: int = 1
    born_on: date | None = None
    ethnic_group: str | None = None
    education: Education | None = None


class PostKind(StrEnum):
    SECRETARY = "secretary"
    DEPUTY_SECRETARY = "deputySecretary"
    COMMITTEE_MEMBER = "committeeMember"
    GROUP_LEADER = "groupLeader"


@dataclass(frozen=True, slots=True)
class Post:
    post_id: str
    member_id: str
    org_id: str
    kind: PostKind
    since: date
    until: date | None = None  # the last day in office

    def held_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class RoleKind(StrEnum):
    SYSTEM_ADMIN = "systemAdmin"  # runs the installation and the tree; reads nobody's record, grants nothing
    SECURITY_ADMIN = "securityAdmin"  # accounts, locks, grants and keys; reads nobody's record
    ORG_ADMIN = "orgAdmin"  # manages an organisation and all below it
    AUDITOR = "auditor"  # reads the log and the records below its organisation, changes nothing
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class RoleGrant:
    account_id: str
    role: RoleKind
    org_id: str | None  # None only for SYSTEM_ADMIN, SECURITY_ADMIN and MEMBER


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    username: str
    password_hash: str
    member_id: str | None
    locale: str = "zh"
    must_change_password: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    token_hash: str  # SHA-256 of the token in hex; the token itself is only ever in the cookie
    account_id: str
    created_at: float
    expires_at: float
    last_seen_at: float

    @property
    def session_id(self) -> str:
        """A handle to show and end a session by; it cannot be used to log in."""
        return self.token_hash[:16]


@dataclass(frozen=True, slots=True)
class FailedAttempts:
    """Failed log-ins under a user name, whether or not an account has it: a lock must not tell which names exist."""

    username: str
    count: int
    last_at: float
    locked_until: float | None = None


class MeetingForm(StrEnum):
    BRANCH_GENERAL_MEETING = "BRANCH_GENERAL_MEETING"
    BRANCH_COMMITTEE_MEETING = "BRANCH_COMMITTEE_MEETING"
    PARTY_GROUP_MEETING = "PARTY_GROUP_MEETING"
    PARTY_LECTURE = "PARTY_LECTURE"
    THEMED_PARTY_DAY = "THEMED_PARTY_DAY"
    ORG_LIFE_MEETING = "ORG_LIFE_MEETING"
    DEMOCRATIC_EVALUATION = "DEMOCRATIC_EVALUATION"
    HEART_TO_HEART_TALK = "HEART_TO_HEART_TALK"
    TRAINING = "TRAINING"


class MeetingState(StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Meeting:
    meeting_id: str
    org_id: str
    form: MeetingForm
    title: str
    planned_start: float
    planned_end: float
    state: MeetingState
    created_by: str  # account id
    agenda: str = ""
    lobby: bool = False
    invite_token: str = ""  # of the invitation link; a log-in and a right to enter are needed all the same
    opened_at: float | None = None
    ended_at: float | None = None
    cancel_reason: str | None = None
    present_share: float | None = None  # the organisation's threshold when it opened: a later one does not rewrite the record
    late_entry: bool = False  # 补录: recorded after it was held
    all_host_members: bool = True  # whoever floats at the organisation is invited; False: only those named
    revision: int = 1  # SEQUENCE of the calendar file; grows with every reschedule


class Capacity(StrEnum):
    """In which capacity a member is on a meeting's list. Frozen when the meeting opens, so that a later transfer does not rewrite it."""

    EXPECTED = "expected"  # 应到
    OBSERVER = "observer"  # 列席, non-voting attendee
    HOST_MEMBER = "hostMember"  # a floating member of another home branch, taking part here


@dataclass(frozen=True, slots=True)
class Attendee:
    meeting_id: str
    member_id: str
    capacity: Capacity
    exempt: bool = False


class Decision(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class LeaveRequest:
    """请假: in writing before the meeting, decided by the secretary."""

    meeting_id: str
    member_id: str
    reason: str
    requested_at: float
    decision: Decision = Decision.PENDING
    decided_by: str | None = None
    decided_at: float | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """A member contests the own record within the window; the secretary decides."""

    objection_id: str
    meeting_id: str
    member_id: str
    text: str
    raised_at: float
    decision: Decision = Decision.PENDING
    decided_by: str | None = None
    decided_at: float | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A member has read a version of the notice. Withdrawn consents stay, with the time of withdrawal."""

    member_id: str
    notice_version: str
    given_at: float
    meeting_id: str | None = None
    withdrawn_at: float | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the log of who looked at or changed whose data."""

    at: float
    account_id: str
    action: str
    subject: str  # "member:<id>", "meeting:<id>", "org:<id>", "account:<id>"
    path: str = ""  # of the organisation the subject belonged to then: an auditor of a part reads that part
    detail: dict[str, str] = field(default_factory=dict)
