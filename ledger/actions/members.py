"""Members: find, look, add, change. Posts are in `posts`, rosters in `rosters`.

Telephone and e-mail come back masked wherever the actor may not see them in full, so that no shell has to remember to hide them.
"""

from __future__ import annotations

import calendar
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from ..access import Action, Actor, Target, may, member_for, organisation_target, reach_of, require
from ..declining import accepted
from ..memberfile import How
from ..model import (
    BRANCH_KINDS,
    LOOKED_AFTER,
    Access,
    Account,
    Education,
    Member,
    MemberStatus,
    OrgKind,
    OrgUnit,
    Post,
    Stage,
    day_of,
)
from ..ports import MemberQuery, Store, UnitOfWork
from ..refusals import (
    GroupElsewhere,
    HostByRegistration,
    HostIsHome,
    NameMissing,
    NotABranch,
    NotFound,
    NumberTaken,
    OrganisationClosed,
    StaleRevision,
)
from ..rules.admission import with_fitting_status
from ..transferkeeping import hold_transfer
from .filing import Act, record_member
from .keep import KEEP, Keep, changed_fields
from .relationkeeping import begin_relations, follow_roll

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member with what a page shows around it. `posts`: those held today. `account` without its password."""

    member: Member
    home: OrgUnit
    host: OrgUnit | None
    group: OrgUnit | None
    posts: tuple[Post, ...]
    account: Account | None
    may_edit: bool
    may_see_work: bool
    contact_masked: bool
    post_places: Mapping[str, OrgUnit] = field(default_factory=dict)  # organisations of the posts


@dataclass(frozen=True, slots=True)
class MemberPage:
    lines: list[MemberLine]
    total: int


@dataclass(frozen=True, slots=True)
class SearchMembers:
    """`org_id`: a branch, a Party group, or the top of a subtree. Pages count from 1; at most 200 lines each."""

    text: str = ""
    org_id: str | None = None
    stage: Stage | None = None
    status: MemberStatus | None = None
    floating: bool | None = None
    page: int = 1
    page_size: int = 50
    sex: str | None = None
    education: Education | None = None
    exempt: bool | None = None
    age_from: int | None = None
    age_to: int | None = None


@dataclass(frozen=True, slots=True)
class CreateMember:
    number: str
    name: str
    stage: Stage
    home_branch_id: str
    sex: str | None = None
    status: MemberStatus = MemberStatus.ACTIVE
    host_branch_id: str | None = None
    group_id: str | None = None
    joined_on: date | None = None
    phone: str | None = None
    email: str | None = None
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class ChangeMember:
    """`revision` as the editor saw it; refusal StaleRevision if it has moved on."""

    member_id: str
    revision: int
    name: str | Keep = KEEP
    stage: Stage | Keep = KEEP
    sex: str | Keep | None = KEEP
    status: MemberStatus | Keep = KEEP
    home_branch_id: str | Keep = KEEP
    host_branch_id: str | Keep | None = KEEP
    group_id: str | Keep | None = KEEP
    joined_on: date | Keep | None = KEEP
    phone: str | Keep | None = KEEP
    email: str | Keep | None = KEEP
    exempt: bool | Keep = KEEP


async def search_members(store: Store, actor: Actor, command: SearchMembers, now: float) -> MemberPage:
    """Everyone within the actor's reach (home, host or group), by number; contacts masked."""
    async with store.reading() as uow:
        query = await _query(uow, actor, command, now)
        found, total = await uow.members.search(query)
        lines = await lines_of(uow, actor, found, now)
    return MemberPage([_masked(line) for line in lines], total)


async def member_record(store: Store, actor: Actor, member_id: str, now: float) -> MemberLine:
    """One member. Looking at somebody else's record is logged."""
    async with store.writing() as uow:
        member = await member_for(uow, actor, member_id, Action.SEE_MEMBER)
        line = (await lines_of(uow, actor, [member], now))[0]
        target = _target(line)
        if member_id != actor.member_id:
            await uow.access_log.append([Access(now, actor.account_id, "seeMember", f"member:{member_id}", target.path)])
    return line if may(actor, Action.SEE_CONTACT, target) else _masked(line)


async def create_member(store: Store, actor: Actor, command: CreateMember, now: float) -> Member:
    fields = {name: getattr(command, name) for name in CreateMember.__dataclass_fields__}
    member = _tidy(Member(member_id=secrets.token_hex(8), **fields))
    async with store.writing() as uow:
        home = await _branch(uow, member.home_branch_id)
        require(actor, Action.ADD_MEMBER, organisation_target(home))
        await check_places(uow, member)
        await _check_host(uow, None, member)
        if await uow.members.by_numbers([member.number]):
            raise NumberTaken(number=member.number)
        await uow.members.add([member])
        await begin_relations(uow, [member], now)
        await record_member(uow, Act(actor, now, How.CREATE), None, member, "createMember")
    return member


async def change_member(store: Store, actor: Actor, command: ChangeMember, now: float) -> Member:
    """Only what is given changes. Moving home leaves the old Party group and ends posts held there; leaving the roll ends all posts
    and disables the account."""
    changes = changed_fields(command, frozenset({"member_id", "revision"}))
    async with store.writing() as uow:
        before = await member_for(uow, actor, command.member_id, Action.EDIT_MEMBER)
        if before.revision != command.revision:
            raise StaleRevision(current=before.revision)
        after = _tidy(replace(before, revision=before.revision + 1, **_followed(before, changes)), before)
        home = await _branch(uow, after.home_branch_id, before.home_branch_id)
        if after.home_branch_id != before.home_branch_id:
            await _require_moving(uow, actor, before, home)
        await check_places(uow, after, before)
        await _check_host(uow, before, after)
        await uow.members.save([after])
        act = Act(actor, now, How.EDIT)
        await record_member(uow, act, before, after, "changeMember")
        await settle(uow, before, after, now)
        await hold_transfer(uow, before, after, actor.account_id, now)
        await follow_roll(uow, act, before, after)
    return after


async def _places(uow: UnitOfWork, *members: Member) -> dict[str, OrgUnit]:
    named = {org_id for one in members for org_id in (one.home_branch_id, one.host_branch_id, one.group_id) if org_id}
    return await uow.organisations.many(named)


async def lines_of(uow: UnitOfWork, actor: Actor, members: Sequence[Member], now: float) -> list[MemberLine]:
    """Members with their organisations, posts and accounts, in a fixed number of questions to the store."""
    ids = [member.member_id for member in members]
    accounts = await uow.accounts.of_members(ids)
    posts: dict[str, list[Post]] = {}
    for post in await uow.posts.of_members(ids):
        if post.held_on(day_of(now)):
            posts.setdefault(post.member_id, []).append(post)
    units = await _places(uow, *members)
    units |= await uow.organisations.many({post.org_id for held in posts.values() for post in held} - units.keys())
    return [_line(actor, member, units, tuple(posts.get(member.member_id, ())), accounts.get(member.member_id)) for member in members]


async def check_places(uow: UnitOfWork, member: Member, before: Member | None = None) -> None:
    """Home and host are open branches and differ; the Party group hangs under the home branch."""
    await _branch(uow, member.home_branch_id, before.home_branch_id if before else None)
    if member.host_branch_id:
        await _branch(uow, member.host_branch_id, before.host_branch_id if before else None)
        if member.host_branch_id == member.home_branch_id:
            raise HostIsHome
    group = await uow.organisations.get(member.group_id) if member.group_id else None
    if member.group_id and (group is None or group.kind is not OrgKind.PARTY_GROUP or group.parent_id != member.home_branch_id):
        raise GroupElsewhere(groupId=member.group_id)


async def _check_host(uow: UnitOfWork, before: Member | None, after: Member) -> None:
    """Where somebody floats follows from a registration and the member's consent, and is not entered by hand.

    What stands without a registration, as in an old record, may be ended: that shares nothing with anybody. Refusal: HostByRegistration.
    """
    was = before.host_branch_id if before else None
    if after.host_branch_id == was or (after.host_branch_id is None and after.home_branch_id == was):
        return
    registration = (await uow.registrations.open_of([after.member_id])).get(after.member_id)
    if after.host_branch_id is not None or (registration is not None and registration.host_branch_id == was):
        raise HostByRegistration


def mask_phone(phone: str | None) -> str | None:
    """138****0000: enough to recognise, not enough to call."""
    return phone and (f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else re.sub(r"\w", "*", phone))


def mask_email(email: str | None) -> str | None:
    return email and re.sub(r"^(.)[^@]*", r"\1***", email)


def _masked(line: MemberLine) -> MemberLine:
    member = replace(line.member, phone=mask_phone(line.member.phone), email=mask_email(line.member.email))
    return replace(line, member=member, contact_masked=True)


def _line(actor: Actor, member: Member, units: dict[str, OrgUnit], posts: tuple[Post, ...], account: Account | None) -> MemberLine:
    host = units.get(member.host_branch_id) if member.host_branch_id else None
    group = units.get(member.group_id) if member.group_id else None
    shown = replace(account, password_hash="") if account else None
    places = {post.org_id: units[post.org_id] for post in posts if post.org_id in units}
    line = MemberLine(member, units[member.home_branch_id], host, group, posts, shown, False, False, False, places)
    target = _target(line)
    return replace(line, may_edit=may(actor, Action.EDIT_MEMBER, target), may_see_work=may(actor, Action.SEE_WORK, target))


def _target(line: MemberLine) -> Target:
    host = line.host.path if line.host else None
    group = line.group.path if line.group else None
    return Target(line.home.path, line.home.kind, line.member.member_id, host, group)


async def _query(uow: UnitOfWork, actor: Actor, command: SearchMembers, now: float) -> MemberQuery:
    today = day_of(now)
    query = MemberQuery(
        reach_of(actor, Action.SEE_MEMBER),
        command.text.strip(),
        stage=command.stage,
        status=command.status,
        floating=command.floating,
        page=max(1, command.page),
        page_size=min(max(1, command.page_size), 200),
        sex=command.sex,
        education=command.education,
        exempt=command.exempt,
        born_from=_years_before(today, command.age_to + 1) + DAY if command.age_to is not None else None,
        born_until=_years_before(today, command.age_from) + DAY if command.age_from is not None else None,
    )
    org = await uow.organisations.get(command.org_id) if command.org_id else None
    if command.org_id and org is None:
        raise NotFound(noun="organisation", id=command.org_id)
    return replace(query, within=org) if org else query


def _years_before(day: date, years: int) -> date:
    """The latest birth of whoever is so old today. Born on 29 February, one is a year older on 1 March."""
    year = day.year - years
    if day.month == 2 and day.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def _followed(before: Member, changes: Any) -> dict[str, Any]:
    """The changes and what follows from them: another home means leaving the Party group, and no longer floating at the new home."""
    wanted = dict(changes)
    home = wanted.get("home_branch_id", before.home_branch_id)
    if home != before.home_branch_id:
        wanted.setdefault("group_id", None)
        if before.host_branch_id == home:
            wanted.setdefault("host_branch_id", None)
    return wanted


def _tidy(member: Member, before: Member | None = None) -> Member:
    if not member.name.strip() or not member.number.strip():
        raise NameMissing
    empty_to_none: dict[str, Any] = {
        name: getattr(member, name) or None for name in ("host_branch_id", "group_id", "sex", "phone", "email")
    }
    tidy = replace(member, name=member.name.strip(), number=member.number.strip(), **empty_to_none)
    return accepted(with_fitting_status(before, tidy))


async def _branch(uow: UnitOfWork, org_id: str, unchanged: str | None = None) -> OrgUnit:
    """A branch somebody may be placed in; who is in a closed one already may stay until moved."""
    org = await uow.organisations.get(org_id)
    if org is None:
        raise NotFound(noun="organisation", id=org_id)
    if org.kind not in BRANCH_KINDS:
        raise NotABranch(orgId=org_id, kind=org.kind.value)
    if org.closed_at is not None and org_id != unchanged:
        raise OrganisationClosed(orgId=org_id)
    return org


async def _require_moving(uow: UnitOfWork, actor: Actor, before: Member, home: OrgUnit) -> None:
    left = await uow.organisations.get(before.home_branch_id)
    require(actor, Action.MOVE_MEMBER, Target(path=left.path if left else ""))
    require(actor, Action.MOVE_MEMBER, organisation_target(home))


async def settle(uow: UnitOfWork, before: Member, after: Member, now: float) -> None:
    """End what a change leaves behind: posts in the old branch and group, or everything when somebody leaves the roll."""
    gone = after.status not in LOOKED_AFTER and before.status in LOOKED_AFTER
    left = {before.home_branch_id, before.group_id} - {after.home_branch_id, after.group_id}
    today = day_of(now)
    for post in await uow.posts.of_members([after.member_id]):
        if (gone or post.org_id in left) and (post.until is None or post.until > today):
            await uow.posts.save(replace(post, until=max(post.since, today)))
    account = (await uow.accounts.of_members([after.member_id])).get(after.member_id)
    if gone and account:
        await uow.accounts.save(replace(account, disabled=True))
        await uow.sessions.remove([session.token_hash for session in await uow.sessions.of_account(account.account_id)])
