"""Log-in, the own account, and the start page."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from .base import Id, Instant, Name, Shape
from .meetings import MeetingCard

Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Username = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Locale = Literal["zh", "en"]
RoleName = Literal["systemAdmin", "securityAdmin", "orgAdmin", "auditor", "member"]
PostName = Literal["secretary", "deputySecretary", "committeeMember", "groupLeader"]


class LogIn(Shape):
    username: Username
    password: Password


class ChangePassword(Shape):
    current_password: Password
    new_password: Password


class ChooseLocale(Shape):
    locale: Locale


class Grant(Shape):
    role: RoleName
    org_id: Id | None
    org_name: str | None


class PostHeld(Shape):
    post_id: Id
    kind: PostName
    org_id: Id
    org_name: str
    since: str


class Me(Shape):
    """Who is logged in. `can` are coarse rights the client uses to show or hide navigation; the server checks each request anyhow.

    `applying`: on the way into the Party, and no member."""

    account_id: Id
    username: str
    member_id: Id | None
    name: str
    locale: Locale
    must_change_password: bool
    grants: list[Grant]
    posts: list[PostHeld]
    home_branch_id: Id | None
    home_branch_name: str | None
    host_branch_id: Id | None
    host_branch_name: str | None
    applying: bool
    can: list[
        Literal[
            "manageMeetings",
            "manageMembers",
            "manageOrganisations",
            "manageAccounts",
            "importRoster",
            "audit",
            "decideChanges",
            "grantRoles",
        ]
    ]
    managed_org_ids: list[Id]  # tops of the subtrees the person is responsible for
    csrf_token: str


class SessionLine(Shape):
    session_id: Id
    created_at: Instant
    last_seen_at: Instant
    current: bool


class SessionList(Shape):
    sessions: list[SessionLine]


class BranchGlance(Shape):
    """A branch on its secretary's start page."""

    org_id: Id
    name: Name
    member_count: int
    floating_away: int
    floating_here: int
    probationary: int
    meetings_this_quarter: int
    pending_leave_requests: int
    pending_objections: int


class RecentRecord(Shape):
    """One ended meeting of the own record, newest first. `may_see_sheet`: whoever asked, by the meeting's organisation."""

    meeting_id: Id
    title: str
    org_name: str
    started_at: Instant
    present_seconds: float
    share: float
    grade: str
    speaking_seconds: float
    objection_open_until: Instant | None
    may_see_sheet: bool


class Home(Shape):
    """The start page: `now` open meetings first, then upcoming ones; branches only for those responsible."""

    now: Instant
    open: list[MeetingCard]
    upcoming: list[MeetingCard]
    recent: list[RecentRecord]
    branches: list[BranchGlance]


class NewAccount(Shape):
    username: Username
    member_id: Id | None = None


class OneTimePassword(Shape):
    """Shown once, never stored in the clear."""

    account_id: Id
    username: str
    password: str


class ClientSettings(Shape):
    """What the browser needs before anybody logs in."""

    version: str
    organisation_name: str
    default_locale: Locale
    demo_accounts: list[dict[str, str]]
    notice_version: str
