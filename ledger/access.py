"""Who may see and do what along the tree: the one place that decides it.

`RULES` says, for every action, which relations between the actor and the target suffice; `relations` finds the relations that hold. The
guarded fetches (`meeting_for`, `member_for`, `organisation_for`) are the only way actions get at an object on somebody's behalf: unknown
and not visible give the same `NotFound`, visible but not allowed gives `Forbidden`. Nothing here knows HTTP or SQL.

A secretary (and deputy) acts for the own organisation and the Party groups right below it, not for branches further down; an organisation
administrator for the whole subtree; an auditor reads a subtree and changes nothing; the system administrator runs the installation and the
tree, the security administrator has accounts, grants and keys in hand, and neither of them reads anybody's record. Who may hold several of
these roles is in `roles`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from .assignedwork import AssignedWork
from .attendees import capacity_of
from .mobility import MOVED, FloatingRegistration, OrgRelationTransfer, Side, TransferState
from .model import (
    Account,
    Meeting,
    Member,
    OrgKind,
    OrgUnit,
    Post,
    PostKind,
    RoleGrant,
    RoleKind,
    Session,
    day_of,
)
from .ports import Reach, UnitOfWork
from .refusals import Forbidden, NotFound, PasswordChangeNeeded
from .rules.floating import host_may_see


class Action(StrEnum):
    SEE_ORGANISATION = "seeOrganisation"
    MANAGE_ORGANISATION = "manageOrganisation"  # create below it, rename, move, close
    MANAGE_GROUP = "manageGroup"  # the same for the Party groups of a branch
    SET_ORGANISATION = "setOrganisation"  # its switches: lobby, threshold, points
    SEE_MEMBER = "seeMember"
    SEE_CONTACT = "seeContact"  # telephone and e-mail in full
    ADD_MEMBER = "addMember"
    EDIT_MEMBER = "editMember"
    MOVE_MEMBER = "moveMember"  # to another home branch: needed where the member is and where the member goes
    EXPORT_ROSTER = "exportRoster"
    APPOINT = "appoint"  # secretary and deputy
    APPOINT_BELOW = "appointBelow"  # committee members and group leaders
    MANAGE_ACCOUNT = "manageAccount"
    GRANT_ROLE = "grantRole"
    SEE_MEETING = "seeMeeting"
    MANAGE_MEETING = "manageMeeting"  # schedule, change, cancel, invite
    MODERATE_MEETING = "moderateMeeting"  # open, end, and everything inside the room
    JOIN_MEETING = "joinMeeting"
    DECIDE_LEAVE = "decideLeave"
    SEE_OWN_RECORD = "seeOwnRecord"  # also: ask for leave, object
    SEE_RECORDING = "seeRecording"
    DELETE_RECORDING = "deleteRecording"
    SEE_SHEET = "seeSheet"
    CORRECT_SHEET = "correctSheet"  # decide objections, correct, confirm presence
    SEE_RECORD = "seeRecord"  # another's attendance over many meetings
    SEE_POINTS = "seePoints"
    READ_AUDIT = "readAudit"
    SEE_FIGURES = "seeFigures"  # dashboards of an organisation and all below it, and the lists behind their numbers
    WRITE_REPORT = "writeReport"  # a thought report of one's own
    READ_REPORT = "readReport"  # one that has been handed in
    SEE_THREADS = "seeThreads"
    WRITE_THREAD = "writeThread"  # open a discussion, answer
    ANNOUNCE = "announce"
    MODERATE_THREAD = "moderateThread"  # close, hide; see who has not read an announcement
    MANAGE_WEBHOOK = "manageWebhook"
    MANAGE_DELIVERY = "manageDelivery"  # see what waits to be sent and what failed, and try again
    ANSWER_REPORT = "answerReport"  # answer it, return it; the lists of what is due
    SEE_FILE = "seeFile"  # the electronic file with its history
    EDIT_FILE = "editFile"
    SEE_ID_NUMBER = "seeIdNumber"  # in full, for a reason
    REQUEST_CHANGE = "requestChange"  # of the own file
    DECIDE_CHANGE = "decideChange"
    ANSWER_DATA_REQUEST = "answerDataRequest"  # what members ask about their own data
    REPORT_DEPARTURE = "reportDeparture"  # open a registration
    SEE_REGISTRATION = "seeRegistration"
    MANAGE_REGISTRATION = "manageRegistration"  # what is for the home branch: hosts, liaison, certificate, search, the ways out
    DECLARE_WHEREABOUTS = "declareWhereabouts"
    TAKE_IN = "takeIn"  # members who float at an organisation
    REPORT_IN = "reportIn"  # a registration handed over to the own organisation
    RECORD_RETURN = "recordReturn"
    SHARE_RECORD = "shareRecord"  # consent to a host, and its withdrawal
    LOG_CONTACT = "logContact"
    SEE_CONTACT_LOG = "seeContactLog"
    USE_THREAD = "useThread"  # between the secretaries of home and host
    EVALUATE_GUEST = "evaluateGuest"  # the host's evaluation, fed back
    SEE_CERTIFICATE = "seeCertificate"
    SEE_TRANSFER = "seeTransfer"
    APPLY_FOR_TRANSFER = "applyForTransfer"  # of a member; a batch is several of them
    FOLLOW_TRANSFER = "followTransfer"  # the member's part: change and hand in again, withdraw
    CHECK_TRANSFER = "checkTransfer"  # the part of the home branch
    SEND_TRANSFER = "sendTransfer"  # of the home committee: approve, issue the letter, close
    RECEIVE_TRANSFER = "receiveTransfer"  # of the host committee: take in, assign, give the receipt
    MOVE_TRANSFER = "moveTransfer"  # any part of it; whose step it is, is asked of the rules
    DECIDE_TRANSFER = "decideTransfer"  # any part but the member's
    TAKE_IN_LETTER = "takeInLetter"  # of a committee outside
    SET_LETTERHEAD = "setLetterhead"
    SEE_PROTECTION = "seeProtection"  # impact assessments and breaches
    KEEP_PROTECTION = "keepProtection"
    RUN_INSTALLATION = "runInstallation"  # purge, verify, count the keys; sees numbers and nobody's data
    SEE_DUES = "seeDues"
    RECORD_DUES = "recordDues"  # payments, corrections, and what is agreed with a member
    SEE_WORK = "seeWork"  # assigned to a member: the home branch sees all of it, a host what it assigned itself
    ASSIGN_WORK = "assignWork"  # assign it, give an answer back, take it back
    ANSWER_WORK = "answerWork"  # say that it is done, or decline it


class Relation(StrEnum):
    """How an actor stands to a target."""

    SELF = "self"
    BELONGS = "belongs"  # the target is an organisation above, at or below one's home or host branch's own groups
    LISTED = "listed"  # on the list of the meeting
    SECRETARY = "secretary"  # or deputy, of the organisation the target belongs to
    GROUP_LEADER = "groupLeader"
    LIAISON = "liaison"  # keeps in touch with the member, who floats
    HOST_SECRETARY = "hostSecretary"  # of the branch where the member floats
    ORG_ADMIN = "orgAdmin"
    HOME_COMMITTEE = "homeCommittee"  # acts for the committee a relation leaves: its administrator, its secretary or deputy
    HOST_COMMITTEE = "hostCommittee"  # the same for the one it goes to
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "systemAdmin"
    SECURITY_ADMIN = "securityAdmin"


_R = Relation
_RESPONSIBLE = frozenset({_R.SECRETARY, _R.ORG_ADMIN})
_TRANSFERRING = _RESPONSIBLE | {_R.SELF, _R.HOME_COMMITTEE, _R.HOST_COMMITTEE}
RULES: Mapping[Action, frozenset[Relation]] = MappingProxyType(
    {
        Action.SEE_ORGANISATION: _RESPONSIBLE | {_R.BELONGS, _R.GROUP_LEADER, _R.AUDITOR, _R.SYSTEM_ADMIN, _R.SECURITY_ADMIN},
        Action.MANAGE_ORGANISATION: frozenset({_R.ORG_ADMIN, _R.SYSTEM_ADMIN}),
        Action.MANAGE_GROUP: _RESPONSIBLE | {_R.SYSTEM_ADMIN},
        Action.SET_ORGANISATION: _RESPONSIBLE | {_R.SYSTEM_ADMIN},
        Action.SEE_MEMBER: _RESPONSIBLE | {_R.SELF, _R.GROUP_LEADER, _R.HOST_SECRETARY, _R.AUDITOR},
        Action.SEE_CONTACT: _RESPONSIBLE | {_R.SELF, _R.HOST_SECRETARY},
        Action.ADD_MEMBER: _RESPONSIBLE,
        Action.EDIT_MEMBER: _RESPONSIBLE,
        Action.MOVE_MEMBER: frozenset({_R.ORG_ADMIN}),
        Action.EXPORT_ROSTER: _RESPONSIBLE | {_R.AUDITOR},
        Action.APPOINT: frozenset({_R.ORG_ADMIN}),
        Action.APPOINT_BELOW: _RESPONSIBLE,
        Action.MANAGE_ACCOUNT: frozenset({_R.ORG_ADMIN, _R.SECURITY_ADMIN}),
        Action.GRANT_ROLE: frozenset({_R.SECURITY_ADMIN}),
        Action.SEE_MEETING: _RESPONSIBLE | {_R.LISTED, _R.GROUP_LEADER, _R.AUDITOR},
        Action.MANAGE_MEETING: _RESPONSIBLE | {_R.GROUP_LEADER},
        Action.MODERATE_MEETING: frozenset({_R.SECRETARY, _R.GROUP_LEADER}),
        Action.JOIN_MEETING: frozenset({_R.LISTED, _R.SECRETARY, _R.GROUP_LEADER}),
        Action.DECIDE_LEAVE: _RESPONSIBLE | {_R.GROUP_LEADER},
        Action.SEE_OWN_RECORD: frozenset({_R.LISTED}),
        Action.SEE_RECORDING: _RESPONSIBLE | {_R.LISTED, _R.GROUP_LEADER},
        Action.DELETE_RECORDING: frozenset({_R.SECRETARY}),
        Action.SEE_SHEET: _RESPONSIBLE | {_R.GROUP_LEADER, _R.AUDITOR},
        Action.CORRECT_SHEET: _RESPONSIBLE,
        Action.SEE_RECORD: _RESPONSIBLE | {_R.SELF, _R.HOST_SECRETARY, _R.AUDITOR},
        Action.SEE_POINTS: frozenset({_R.SELF, _R.SECRETARY}),
        Action.SEE_FIGURES: _RESPONSIBLE | {_R.AUDITOR},
        Action.READ_AUDIT: frozenset({_R.SELF, _R.AUDITOR}),
        Action.SEE_THREADS: _RESPONSIBLE | {_R.BELONGS, _R.GROUP_LEADER},
        Action.WRITE_THREAD: frozenset({_R.BELONGS, _R.SECRETARY, _R.GROUP_LEADER}),
        Action.ANNOUNCE: _RESPONSIBLE | {_R.GROUP_LEADER},
        Action.MODERATE_THREAD: _RESPONSIBLE | {_R.GROUP_LEADER},
        Action.MANAGE_WEBHOOK: frozenset({_R.ORG_ADMIN}),
        Action.MANAGE_DELIVERY: frozenset({_R.SYSTEM_ADMIN}),
        Action.WRITE_REPORT: frozenset({_R.SELF}),
        Action.READ_REPORT: frozenset({_R.SELF, _R.SECRETARY, _R.LIAISON}),
        Action.ANSWER_REPORT: frozenset({_R.SECRETARY, _R.LIAISON}),
        Action.SEE_FILE: _RESPONSIBLE | {_R.SELF},
        Action.EDIT_FILE: _RESPONSIBLE,
        Action.SEE_ID_NUMBER: _RESPONSIBLE | {_R.SELF},
        Action.REQUEST_CHANGE: frozenset({_R.SELF}),
        Action.DECIDE_CHANGE: _RESPONSIBLE,
        Action.ANSWER_DATA_REQUEST: _RESPONSIBLE,
        Action.REPORT_DEPARTURE: _RESPONSIBLE | {_R.SELF},
        Action.SEE_REGISTRATION: _RESPONSIBLE | {_R.SELF, _R.HOST_SECRETARY, _R.LIAISON, _R.AUDITOR},
        Action.MANAGE_REGISTRATION: _RESPONSIBLE,
        Action.DECLARE_WHEREABOUTS: _RESPONSIBLE | {_R.SELF, _R.HOST_SECRETARY},
        Action.TAKE_IN: _RESPONSIBLE,
        Action.REPORT_IN: frozenset({_R.HOST_SECRETARY}),
        Action.RECORD_RETURN: _RESPONSIBLE | {_R.SELF},
        Action.SHARE_RECORD: frozenset({_R.SELF}),
        Action.LOG_CONTACT: _RESPONSIBLE | {_R.LIAISON},
        Action.SEE_CONTACT_LOG: _RESPONSIBLE | {_R.SELF, _R.LIAISON, _R.AUDITOR},
        Action.USE_THREAD: frozenset({_R.SECRETARY, _R.HOST_SECRETARY}),
        Action.EVALUATE_GUEST: frozenset({_R.HOST_SECRETARY}),
        Action.SEE_CERTIFICATE: _RESPONSIBLE | {_R.SELF},
        Action.SEE_TRANSFER: _TRANSFERRING | {_R.HOST_SECRETARY, _R.AUDITOR},
        Action.APPLY_FOR_TRANSFER: _RESPONSIBLE | {_R.SELF},
        Action.FOLLOW_TRANSFER: frozenset({_R.SELF}),
        Action.CHECK_TRANSFER: _RESPONSIBLE,
        Action.SEND_TRANSFER: frozenset({_R.HOME_COMMITTEE}),
        Action.RECEIVE_TRANSFER: frozenset({_R.HOST_COMMITTEE}),
        Action.MOVE_TRANSFER: _TRANSFERRING,
        Action.DECIDE_TRANSFER: _TRANSFERRING - {_R.SELF},
        Action.TAKE_IN_LETTER: frozenset({_R.ORG_ADMIN, _R.SECRETARY}),
        Action.SET_LETTERHEAD: frozenset({_R.ORG_ADMIN, _R.SECRETARY}),
        Action.SEE_PROTECTION: frozenset({_R.SECURITY_ADMIN, _R.AUDITOR}),
        Action.KEEP_PROTECTION: frozenset({_R.SECURITY_ADMIN}),
        Action.RUN_INSTALLATION: frozenset({_R.SYSTEM_ADMIN}),
        Action.SEE_DUES: _RESPONSIBLE | {_R.SELF, _R.AUDITOR},
        Action.RECORD_DUES: _RESPONSIBLE,
        Action.SEE_WORK: _RESPONSIBLE | {_R.SELF, _R.HOST_SECRETARY, _R.AUDITOR},
        Action.ASSIGN_WORK: _RESPONSIBLE | {_R.HOST_SECRETARY},
        Action.ANSWER_WORK: _RESPONSIBLE | {_R.SELF},
    }
)
READS = frozenset(
    {
        Action.SEE_ORGANISATION,
        Action.SEE_MEMBER,
        Action.SEE_CONTACT,
        Action.EXPORT_ROSTER,
        Action.SEE_MEETING,
        Action.SEE_OWN_RECORD,
        Action.SEE_RECORDING,
        Action.SEE_SHEET,
        Action.SEE_RECORD,
        Action.SEE_POINTS,
        Action.READ_AUDIT,
        Action.SEE_FIGURES,
        Action.READ_REPORT,
        Action.SEE_THREADS,
        Action.SEE_FILE,
        Action.SEE_ID_NUMBER,
        Action.SEE_REGISTRATION,
        Action.SEE_CONTACT_LOG,
        Action.SEE_CERTIFICATE,
        Action.SEE_TRANSFER,
        Action.SEE_DUES,
        Action.SEE_WORK,
        Action.SEE_PROTECTION,
    }
)
#: The right somebody needs to act in a part of a transfer.
PARTS: Mapping[Side, Action] = MappingProxyType(
    {
        Side.MEMBER: Action.FOLLOW_TRANSFER,
        Side.HOME: Action.CHECK_TRANSFER,
        Side.HOME_COMMITTEE: Action.SEND_TRANSFER,
        Side.HOST_COMMITTEE: Action.RECEIVE_TRANSFER,
    }
)
ACTING_POSTS = frozenset({PostKind.SECRETARY, PostKind.DEPUTY_SECRETARY})
LEADING_POSTS = frozenset({PostKind.GROUP_LEADER})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an account, the person behind it, what is granted, which posts are held today.

    `paths` gives the path of every organisation named by grants, posts and the member's branches. `operator` is the command line: who holds
    the database in hand needs no door.
    """

    account: Account
    member: Member | None = None
    grants: tuple[RoleGrant, ...] = ()
    posts: tuple[Post, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    session: Session | None = None
    operator: bool = False

    @property
    def account_id(self) -> str:
        return self.account.account_id

    @property
    def member_id(self) -> str | None:
        return self.account.member_id

    @property
    def is_system_admin(self) -> bool:
        return self.operator or any(grant.role is RoleKind.SYSTEM_ADMIN for grant in self.grants)

    @property
    def is_security_admin(self) -> bool:
        return self.operator or any(grant.role is RoleKind.SECURITY_ADMIN for grant in self.grants)

    def granted(self, role: RoleKind) -> tuple[str, ...]:
        """Paths of the subtrees over which the role is granted."""
        return tuple(
            self.paths[grant.org_id] for grant in self.grants if grant.role is role and grant.org_id and grant.org_id in self.paths
        )

    def posted(self, kinds: frozenset[PostKind]) -> tuple[str, ...]:
        """Paths of the organisations in which one of these posts is held."""
        return tuple(self.paths[post.org_id] for post in self.posts if post.kind in kinds and post.org_id in self.paths)


OPERATOR = Actor(Account("operator", "operator", "", None), operator=True)


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked about, as far as rights go. `path` of the organisation it belongs to; `group_path` of a member's Party group.

    `host_path`: None also where the member's consent to that host is not in force. `liaison_ids`: who keeps in touch with the member.
    The committees are those of a transfer.
    """

    path: str
    kind: OrgKind | None = None
    member_id: str | None = None
    host_path: str | None = None
    group_path: str | None = None
    listed: bool = False
    liaison_ids: tuple[str, ...] = ()
    home_committee_path: str | None = None
    host_committee_path: str | None = None


def relations(actor: Actor, target: Target) -> frozenset[Relation]:
    return frozenset(relation for relation, holds in _HOLDS.items() if holds(actor, target))


def may(actor: Actor, action: Action, target: Target) -> bool:
    """Only relations that would do are looked at: a page of a tree asks this some ten thousand times."""
    return actor.operator or any(_HOLDS[relation](actor, target) for relation in RULES[action])


def require(actor: Actor, action: Action, target: Target) -> None:
    """Raises `Forbidden` unless allowed, and `PasswordChangeNeeded` to whoever still holds a one-time password."""
    if actor.account.must_change_password:
        raise PasswordChangeNeeded
    if not may(actor, action, target):
        raise Forbidden(action=action.value)


def reach_of(actor: Actor, action: Action) -> Reach:
    """Where the actor may do this to whatever is there: lists are asked for within it."""
    if actor.account.must_change_password:
        raise PasswordChangeNeeded
    if actor.operator:
        return Reach(everywhere=True)
    rule = RULES[action]
    if (Relation.SYSTEM_ADMIN in rule and actor.is_system_admin) or (Relation.SECURITY_ADMIN in rule and actor.is_security_admin):
        return Reach(everywhere=True)
    paths: tuple[str, ...] = ()
    if rule & {Relation.ORG_ADMIN, Relation.HOME_COMMITTEE, Relation.HOST_COMMITTEE}:
        paths += actor.granted(RoleKind.ORG_ADMIN)
    if Relation.AUDITOR in rule:
        paths += actor.granted(RoleKind.AUDITOR)
    kinds: frozenset[PostKind] = ACTING_POSTS if rule & _BY_POST else frozenset()
    if Relation.GROUP_LEADER in rule:
        kinds |= {PostKind.GROUP_LEADER}
    return Reach(paths=paths, org_ids=frozenset(post.org_id for post in actor.posts if post.kind in kinds))


def require_somewhere(actor: Actor, action: Action) -> None:
    """For what belongs to the installation and no organisation: whoever may do it anywhere may. Raises `Forbidden`."""
    if not may_somewhere(actor, action):
        raise Forbidden(action=action.value)


def may_somewhere(actor: Actor, action: Action) -> bool:
    reach = reach_of(actor, action)
    return reach.everywhere or bool(reach.paths or reach.org_ids)


_BY_POST = frozenset({Relation.SECRETARY, Relation.HOME_COMMITTEE, Relation.HOST_COMMITTEE})


def organisation_target(org: OrgUnit) -> Target:
    return Target(path=org.path, kind=org.kind)


async def member_target(uow: UnitOfWork, member: Member) -> Target:
    async def path(org_id: str | None) -> str | None:
        unit = await uow.organisations.get(org_id) if org_id else None
        return unit.path if unit else None

    home, host, group = await path(member.home_branch_id), await path(member.host_branch_id), await path(member.group_id)
    return Target(path=home or "", member_id=member.member_id, host_path=host, group_path=group)


async def meeting_target(uow: UnitOfWork, actor: Actor, meeting: Meeting) -> Target:
    org = await uow.organisations.get(meeting.org_id)
    capacity = await capacity_of(uow, meeting, actor.member) if actor.member else None
    return Target(path=org.path if org else "", kind=org.kind if org else None, listed=capacity is not None)


async def transfer_target(uow: UnitOfWork, transfer: OrgRelationTransfer) -> Target:
    named = (transfer.from_branch_id, transfer.from_committee_id, transfer.to_committee_id, transfer.to_branch_id)
    return target_of_transfer(transfer, await uow.organisations.many({org_id for org_id in named if org_id}))


def target_of_transfer(transfer: OrgRelationTransfer, units: Mapping[str, OrgUnit]) -> Target:
    """The receiving committee learns of a transfer with its letter, the branch there once it is assigned: not of mere wishes."""
    home, sender = units.get(transfer.from_branch_id), units.get(transfer.from_committee_id)
    receiver = units.get(transfer.to_committee_id) if transfer.letters else None
    assigned = transfer.state in MOVED | {TransferState.ASSIGNED}
    host = units.get(transfer.to_branch_id or "") if assigned else None
    return Target(
        path=home.path if home else "",
        kind=home.kind if home else None,
        member_id=transfer.member_id,
        host_path=host.path if host else None,
        home_committee_path=sender.path if sender else None,
        host_committee_path=receiver.path if receiver else None,
    )


def sides_of(actor: Actor, target: Target) -> frozenset[Side]:
    """In which parts of a transfer the actor may act. In one's own one is the member and nothing else."""
    if actor.member_id is not None and actor.member_id == target.member_id:
        return frozenset({Side.MEMBER})
    return frozenset(side for side, action in PARTS.items() if may(actor, action, target))


async def transfer_for(uow: UnitOfWork, actor: Actor, transfer_id: str, action: Action) -> OrgRelationTransfer:
    transfer = await uow.transfers.get(transfer_id)
    target = await transfer_target(uow, transfer) if transfer else None
    if transfer is None or target is None or not may(actor, Action.SEE_TRANSFER, target):
        raise NotFound(noun="transfer", id=transfer_id)
    require(actor, action, target)
    return transfer


async def organisation_for(uow: UnitOfWork, actor: Actor, org_id: str, action: Action) -> OrgUnit:
    org = await uow.organisations.get(org_id)
    if org is None or not (may(actor, Action.SEE_ORGANISATION, organisation_target(org)) or may(actor, action, organisation_target(org))):
        raise NotFound(noun="organisation", id=org_id)
    require(actor, action, organisation_target(org))
    return org


async def member_for(uow: UnitOfWork, actor: Actor, member_id: str, action: Action) -> Member:
    member = await uow.members.get(member_id)
    target = await member_target(uow, member) if member else None
    if member is None or target is None or not (may(actor, Action.SEE_MEMBER, target) or may(actor, action, target)):
        raise NotFound(noun="member", id=member_id)
    require(actor, action, target)
    return member


async def work_for(uow: UnitOfWork, actor: Actor, work_id: str, action: Action) -> tuple[AssignedWork, Member]:
    work = await uow.works.get(work_id)
    member = await uow.members.get(work.member_id) if work else None
    target = await member_target(uow, member) if member else None
    if work is None or member is None or target is None or not sees_work(actor, work, member, target):
        raise NotFound(noun="work", id=work_id)
    require(actor, action, work_target(work, member, target))
    return work, member


def sees_work(actor: Actor, work: AssignedWork, member: Member, target: Target) -> bool:
    """`target`: of the member. The home branch sees what a host assigned too, and leaves it to the host."""
    return any(may(actor, Action.SEE_WORK, one) for one in (at_home(target), work_target(work, member, target)))


def work_target(work: AssignedWork, member: Member, target: Target) -> Target:
    """The part of the branch is played by the host that assigned it, as long as the member floats there; else by the home branch."""
    return replace(target, path=target.host_path or "", host_path=None) if work.org_id == member.host_branch_id else at_home(target)


def at_home(target: Target) -> Target:
    """Of a member, as if there were no host."""
    return replace(target, host_path=None)


async def registration_target(uow: UnitOfWork, registration: FloatingRegistration, now: float) -> Target:
    """The host's part is played by its branch, or by the organisation that has yet to name one; and only with the member's consent."""
    consents = await uow.sharing_consents.of_members([registration.member_id])
    host_id = registration.host_branch_id or registration.host_org_id
    host = await uow.organisations.get(host_id) if host_id and host_may_see(registration, host_id, consents, now) else None
    home = await uow.organisations.get(registration.home_branch_id)
    in_office = [one.liaison_member_id for one in await uow.contacts.liaisons([registration.registration_id]) if one.until is None]
    return Target(
        path=home.path if home else "",
        kind=home.kind if home else None,
        member_id=registration.member_id,
        host_path=host.path if host else None,
        liaison_ids=tuple(in_office) if registration.is_open else (),
    )


async def registration_for(
    uow: UnitOfWork, actor: Actor, registration_id: str, action: Action, now: float
) -> tuple[FloatingRegistration, Target]:
    registration = await uow.registrations.get(registration_id)
    target = await registration_target(uow, registration, now) if registration else None
    if registration is None or target is None or not may(actor, Action.SEE_REGISTRATION, target):
        raise NotFound(noun="registration", id=registration_id)
    require(actor, action, target)
    return registration, target


async def meeting_for(uow: UnitOfWork, actor: Actor, meeting_id: str, action: Action) -> Meeting:
    meeting = await uow.meetings.get(meeting_id)
    target = await meeting_target(uow, actor, meeting) if meeting else None
    if meeting is None or target is None or not may(actor, Action.SEE_MEETING, target):
        raise NotFound(noun="meeting", id=meeting_id)
    require(actor, action, target)
    return meeting


async def actor_for(uow: UnitOfWork, account: Account, session: Session | None, now: float) -> Actor:
    """Gather the grants, today's posts and the paths of an account."""
    member = await uow.members.get(account.member_id) if account.member_id else None
    grants = await uow.accounts.grants_of(account.account_id)
    held = await uow.posts.of_members([member.member_id]) if member else []
    posts = [post for post in held if post.held_on(day_of(now))]
    named = {grant.org_id for grant in grants} | {post.org_id for post in posts}
    if member:
        named |= {member.home_branch_id, member.host_branch_id, member.group_id}
    units = [await uow.organisations.get(org_id) for org_id in sorted(filter(None, named))]
    paths = {unit.org_id: unit.path for unit in units if unit}
    home = paths.get(member.home_branch_id, "") if member else ""
    posts = [post for post in posts if _still_there(home, paths.get(post.org_id, ""))]
    return Actor(account, member, tuple(grants), tuple(posts), paths, session)


def _still_there(home: str, org: str) -> bool:
    """A post is kept by days, a transfer by the instant: whoever has moved away acts for the old branch no more, on that very day."""
    return org != "" and (home.startswith(org) or org.startswith(home))


def _acts_for(own: tuple[str, ...], path: str, kind: OrgKind | None) -> bool:
    """A secretary's reach: the own organisation, and a Party group that hangs right under it."""
    if path in own:
        return True
    return kind is OrgKind.PARTY_GROUP and _parent(path) in own


def _parent(path: str) -> str:
    return path[: path.rstrip("/").rfind("/") + 1]


def _hosts(actor: Actor, path: str | None) -> bool:
    """Whether the actor acts for the branch where a member floats."""
    return acts_for_committee(actor, path)


def acts_for_committee(actor: Actor, path: str | None) -> bool:
    return path is not None and (path in actor.posted(ACTING_POSTS) or path.startswith(actor.granted(RoleKind.ORG_ADMIN)))


def _audited(target: Target) -> tuple[str | None, ...]:
    return target.path, target.host_path, target.home_committee_path, target.host_committee_path


def _belongs(actor: Actor, target: Target) -> bool:
    """One's own branches, all above them, and the Party groups right below."""
    if actor.member is None or target.path == "":
        return False
    branches = filter(None, (actor.member.home_branch_id, actor.member.host_branch_id))
    own = {actor.paths[org_id] for org_id in branches if org_id in actor.paths}
    return any(path.startswith(target.path) for path in own) or _parent(target.path) in own


_HOLDS: Mapping[Relation, Callable[[Actor, Target], bool]] = MappingProxyType(
    {
        Relation.SELF: lambda actor, target: target.member_id is not None and target.member_id == actor.member_id,
        Relation.BELONGS: _belongs,
        Relation.LISTED: lambda _, target: target.listed,
        Relation.SECRETARY: lambda actor, target: _acts_for(actor.posted(ACTING_POSTS), target.path, target.kind),
        Relation.GROUP_LEADER: lambda actor, target: bool({target.path, target.group_path} & set(actor.posted(LEADING_POSTS))),
        Relation.LIAISON: lambda actor, target: actor.member_id is not None and actor.member_id in target.liaison_ids,
        Relation.HOST_SECRETARY: lambda actor, target: _hosts(actor, target.host_path),
        Relation.ORG_ADMIN: lambda actor, target: target.path.startswith(actor.granted(RoleKind.ORG_ADMIN)),
        Relation.HOME_COMMITTEE: lambda actor, target: acts_for_committee(actor, target.home_committee_path),
        Relation.HOST_COMMITTEE: lambda actor, target: acts_for_committee(actor, target.host_committee_path),
        Relation.AUDITOR: lambda actor, target: any((path or "").startswith(actor.granted(RoleKind.AUDITOR)) for path in _audited(target)),
        Relation.SYSTEM_ADMIN: lambda actor, _: actor.is_system_admin,
        Relation.SECURITY_ADMIN: lambda actor, _: actor.is_security_admin,
    }
)
