"""The nouns of dashboards: what is counted for a stretch of the tree, and what stands behind each number.

Shapes only. Everything is counted from registrations, days of organisational life, meetings and transfers as they are now; nothing of it is
stored, and no number is about one person's worth: there is no ranking of members.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .mobilityports import ContactDue
from .model import CHINA, MeetingForm, OrgKind

#: Days without organisational life that are counted, each with those before it.
IDLE_DAYS = (30, 90, 150, 180)
#: How many meetings of a form a branch holds in a quarter: general meeting once, committee and themed Party day each month.
REQUIRED = {MeetingForm.BRANCH_GENERAL_MEETING: 1, MeetingForm.BRANCH_COMMITTEE_MEETING: 3, MeetingForm.THEMED_PARTY_DAY: 3}
QUARTERS = (1, 2, 3, 4)
HOLDING = (OrgKind.BRANCH, OrgKind.JOINT_BRANCH, OrgKind.TEMPORARY_BRANCH, OrgKind.FLOATING_BRANCH)  # what holds these meetings
ABROAD = "abroad:"  # before a country's code, so that it is no province's


@dataclass(frozen=True, slots=True)
class Cuts:
    """The rules said as days and instants, so that a database can look for them.

    `idle`: (number of days, the day before which a last day of organisational life is too long ago).
    """

    today: date
    contact: ContactDue
    idle: tuple[tuple[int, date], ...]


@dataclass(frozen=True, slots=True)
class BranchFigures:
    """One organisation that is somebody's home. `idle`: as many numbers as IDLE_DAYS; members exempted from attendance are not in them."""

    org_id: str
    members: int = 0
    probationary: int = 0
    away: int = 0
    awaiting: int = 0
    late: int = 0
    contact_overdue: int = 0
    out_of_contact: int = 0
    idle: tuple[int, ...] = (0,) * len(IDLE_DAYS)

    def plus(self, other: BranchFigures) -> BranchFigures:
        return BranchFigures(
            self.org_id,
            self.members + other.members,
            self.probationary + other.probationary,
            self.away + other.away,
            self.awaiting + other.awaiting,
            self.late + other.late,
            self.contact_overdue + other.contact_overdue,
            self.out_of_contact + other.out_of_contact,
            tuple(a + b for a, b in zip(self.idle, other.idle, strict=True)),
        )


class Flow(StrEnum):
    OUT = "out"  # members of these branches who are elsewhere
    IN = "in"  # members of other branches who are here


class FlowKey(StrEnum):
    """By what flows are told apart. Places by the first two digits of the division code (GB/T 2260), abroad by country."""

    PLACE = "place"
    REASON = "reason"
    INDUSTRY = "industry"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class FlowCount:
    flow: Flow
    key: FlowKey
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class HeldCount:
    """How many branches held as many meetings of a form in a quarter as are required, of how many there are."""

    form: MeetingForm
    quarter: int
    held: int


class Behind(StrEnum):
    """The list behind a number."""

    AWAY = "away"
    LATE = "late"
    CONTACT_OVERDUE = "contactOverdue"
    OUT_OF_CONTACT = "outOfContact"
    IDLE = "idle"
    NOT_HELD = "notHeld"


@dataclass(frozen=True, slots=True)
class LineQuery:
    """`path`: the subtree. `key`, `value`: which flow (AWAY). `days`: which number of IDLE_DAYS. `form`, `year`, `quarter`: NOT_HELD."""

    behind: Behind
    path: str
    key: FlowKey | None = None
    value: str = ""
    days: int = IDLE_DAYS[0]
    form: MeetingForm = MeetingForm.BRANCH_GENERAL_MEETING
    year: int = 0
    quarter: int = 1
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry behind a number: a member of a branch, or a branch alone. `since`: the day that the number is about; `subject`: what the
    page for it needs, such as a registration's id; `detail`: a place's name, or how many meetings were held."""

    org_id: str
    member_id: str | None = None
    since: date | None = None
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`children`: the organisations right below with their own sums; `branches`: how many there are that hold meetings."""

    org_id: str
    as_of: date
    year: int
    total: BranchFigures
    children: tuple[BranchFigures, ...]
    branches: int
    flows: tuple[FlowCount, ...]
    held: tuple[HeldCount, ...]


def quarter_bounds(year: int, quarter: int) -> tuple[float, float]:
    """The quarter's first instant and that of the next, in China's time."""
    first = datetime(year, 3 * quarter - 2, 1, tzinfo=CHINA)
    after = datetime(year + (quarter == 4), 1 if quarter == 4 else 3 * quarter + 1, 1, tzinfo=CHINA)
    return first.timestamp(), after.timestamp()
