"""The tree of organisations: look, create, change, move, close."""

from __future__ import annotations

import secrets
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from types import MappingProxyType

from ..access import Action, Actor, Target, may, organisation_for, organisation_target, reach_of, require
from ..model import BRANCH_KINDS, Access, MeetingState, MemberStatus, OrgKind, OrgUnit, RecordingRule
from ..ports import MeetingQuery, MemberQuery, Reach, Store, UnitOfWork
from ..refusals import (
    CodeTaken,
    CycleInTree,
    KindNotUnder,
    NameMissing,
    NotFound,
    OrganisationClosed,
    OrganisationNotEmpty,
    ShareOutOfRange,
)
from ..surroundings import near
from .keep import KEEP, Keep, changed_fields

# Kind → kinds it may hang under; None: it may be the top of the tree.
UNDER: Mapping[OrgKind, frozenset[OrgKind | None]] = MappingProxyType(
    {
        OrgKind.COMMITTEE: frozenset({None, OrgKind.COMMITTEE}),
        OrgKind.GENERAL_BRANCH: frozenset({None, OrgKind.COMMITTEE}),
        **{kind: frozenset({OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH}) for kind in BRANCH_KINDS},
        OrgKind.PARTY_GROUP: frozenset(BRANCH_KINDS),
    }
)
# Below one half, presence would say little; above one, nobody could reach it.
LOWEST_SHARE, HIGHEST_SHARE = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """`member_count`: on the roll with their home here or below."""

    unit: OrgUnit
    member_count: int
    may_manage: bool


@dataclass(frozen=True, slots=True)
class CreateOrganisation:
    parent_id: str | None
    kind: OrgKind
    name: str
    code: str
    founded_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChangeOrganisation:
    org_id: str
    name: str | Keep = KEEP
    points_enabled: bool | Keep = KEEP
    lobby_default: bool | Keep = KEEP
    present_share: float | Keep | None = KEEP
    ends_on: date | Keep | None = KEEP
    recording_rule: RecordingRule | Keep = KEEP
    recording_days: int | Keep | None = KEEP


@dataclass(frozen=True, slots=True)
class MoveOrganisation:
    org_id: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class SeenTree:
    """`mark` stands for the lines: as long as it is the same, so are they. `lines`: None where the asker has them."""

    mark: str
    lines: list[OrganisationLine] | None


async def tree(store: Store, actor: Actor) -> list[OrganisationLine]:
    """What the actor may see of the tree, and all above it; parents before children, siblings by code."""
    return (await seen_tree(store, actor)).lines or []


async def seen_tree(store: Store, actor: Actor, has: Container[str] = ()) -> SeenTree:
    """The same for whoever may have it already. `has`: marks of what the asker still holds."""
    reach = reach_of(actor, Action.SEE_ORGANISATION)
    charge = Reach(paths=reach.paths, everywhere=reach.everywhere)
    async with store.reading() as uow:
        mark = _mark(await uow.organisations.mark(), actor)
        if mark in has:
            return SeenTree(mark, None)
        below = await uow.organisations.within(charge)
        seen = {unit.org_id: unit for unit in [*below, *await near(uow, actor, Action.SEE_ORGANISATION)]}
        above = {org_id for unit in seen.values() for org_id in unit.path.split("/")} - seen.keys()
        units = seen | await uow.organisations.many(above)
        totals = totals_below(below, await uow.organisations.member_counts(charge))
        totals |= {key: await uow.organisations.members_below(units[key].path) for key in units.keys() - totals.keys()}
    lines = [
        OrganisationLine(unit, totals[unit.org_id], may(actor, _managing(unit.kind), organisation_target(unit)))
        for unit in sorted(units.values(), key=lambda unit: (unit.path.count("/"), unit.code))
    ]
    return SeenTree(mark, lines)


def _mark(of_tree: str, actor: Actor) -> str:
    """What is seen of a tree, and what may be done there, follows from the tree and from this of the actor."""
    member = actor.member
    branches = (member.home_branch_id, member.host_branch_id) if member else ()
    sight = (actor.operator, branches, sorted(map(repr, actor.grants)), sorted((post.kind.value, post.org_id) for post in actor.posts))
    return sha256(repr((of_tree, sight)).encode()).hexdigest()[:40]


async def own_units(store: Store, actor: Actor) -> list[OrgUnit]:
    """What the actor stands in, and all above; also for whoever still holds a one-time password."""
    async with store.reading() as uow:
        return await near(uow, actor, Action.SEE_ORGANISATION)


async def create_organisation(store: Store, actor: Actor, command: CreateOrganisation, now: float) -> OrgUnit:
    name, code = _named(command.name), _named(command.code)
    async with store.writing() as uow:
        parent = await uow.organisations.get(command.parent_id) if command.parent_id else None
        if command.parent_id and parent is None:
            raise NotFound(noun="organisation", id=command.parent_id)
        require(actor, _managing(command.kind), organisation_target(parent) if parent else Target(path=""))
        _check_place(command.kind, parent)
        if await uow.organisations.by_code(code):
            raise CodeTaken(codeValue=code)
        org_id = secrets.token_hex(8)
        path = f"{parent.path if parent else '/'}{org_id}/"
        unit = OrgUnit(org_id, command.parent_id, command.kind, name, code, path, founded_on=command.founded_on, ends_on=command.ends_on)
        await uow.organisations.add([unit])
        await _log(uow, actor, "createOrganisation", unit, now)
    return unit


async def change_organisation(store: Store, actor: Actor, command: ChangeOrganisation, now: float) -> OrgUnit:
    changes = dict(changed_fields(command, frozenset({"org_id"})))
    async with store.writing() as uow:
        unit = await organisation_for(uow, actor, command.org_id, Action.SET_ORGANISATION)
        if changes.keys() & {"name", "ends_on"}:
            require(actor, _managing(unit.kind), organisation_target(unit))
        if "name" in changes:
            changes["name"] = _named(changes["name"])
        _check_share(changes.get("present_share"))
        unit = replace(unit, **changes)
        await uow.organisations.save(unit)
        await _log(uow, actor, "changeOrganisation", unit, now, {name: str(value) for name, value in changes.items()})
    return unit


async def move_organisation(store: Store, actor: Actor, command: MoveOrganisation, now: float) -> OrgUnit:
    """Hang an organisation, with all below it, under another. The actor must manage it and the place it goes to."""
    async with store.writing() as uow:
        unit = await organisation_for(uow, actor, command.org_id, Action.MANAGE_ORGANISATION)
        parent = await organisation_for(uow, actor, command.parent_id, Action.MANAGE_ORGANISATION) if command.parent_id else None
        if parent is None:
            require(actor, Action.MANAGE_ORGANISATION, Target(path=""))
        elif parent.path.startswith(unit.path):
            raise CycleInTree
        _check_place(unit.kind, parent)
        before, after = unit.path, f"{parent.path if parent else '/'}{unit.org_id}/"
        for below in await uow.organisations.all():
            if below.path.startswith(before):
                parent_id = command.parent_id if below.org_id == unit.org_id else below.parent_id
                await uow.organisations.save(replace(below, parent_id=parent_id, path=after + below.path[len(before) :]))
        moved = replace(unit, parent_id=command.parent_id, path=after)
        await _log(uow, actor, "moveOrganisation", moved, now, {"from": before})
    return moved


async def close_organisation(store: Store, actor: Actor, org_id: str, now: float) -> OrgUnit:
    """Closed organisations stay for their history; only an empty one can be closed."""
    async with store.writing() as uow:
        unit = await uow.organisations.get(org_id)
        unit = await organisation_for(uow, actor, org_id, _managing(unit.kind) if unit else Action.MANAGE_ORGANISATION)
        if unit.closed_at is not None:
            raise OrganisationClosed(orgId=org_id)
        await _check_empty(uow, unit)
        unit = replace(unit, closed_at=now)
        await uow.organisations.save(unit)
        await _log(uow, actor, "closeOrganisation", unit, now)
    return unit


def totals_below(units: list[OrgUnit], counts: dict[str, int]) -> dict[str, int]:
    """Organisation → members with their home there or below. `units` with parents before children, so that one pass back sums up."""
    totals = {unit.org_id: counts.get(unit.org_id, 0) for unit in units}
    for unit in reversed(units):
        if unit.parent_id in totals:
            totals[unit.parent_id] += totals[unit.org_id]
    return totals


def managed_tops(actor: Actor, units: list[OrgUnit]) -> list[OrgUnit]:
    """Tops of what the actor is responsible for: organisations whose meetings one may manage, without those below another one of them.

    `units`: at least what the actor stands in and all above.
    """
    reach = reach_of(actor, Action.MANAGE_MEETING)
    own = [unit for unit in units if reach.everywhere or unit.org_id in reach.org_ids or unit.path.startswith(reach.paths)]
    tops = {unit.org_id for unit in own}
    return [unit for unit in own if unit.parent_id not in tops]


def _managing(kind: OrgKind) -> Action:
    return Action.MANAGE_GROUP if kind is OrgKind.PARTY_GROUP else Action.MANAGE_ORGANISATION


def _named(text: str) -> str:
    if not text.strip():
        raise NameMissing
    return text.strip()


def _check_place(kind: OrgKind, parent: OrgUnit | None) -> None:
    if (parent.kind if parent else None) not in UNDER[kind]:
        raise KindNotUnder(kind=kind.value, parentKind=parent.kind.value if parent else None)
    if parent and parent.closed_at is not None:
        raise OrganisationClosed(orgId=parent.org_id)


def _check_share(share: float | None) -> None:
    if share is not None and not LOWEST_SHARE <= share <= HIGHEST_SHARE:
        raise ShareOutOfRange(minimum=LOWEST_SHARE, maximum=HIGHEST_SHARE)


async def _check_empty(uow: UnitOfWork, unit: OrgUnit) -> None:
    below = [one for one in await uow.organisations.below([unit.org_id]) if one.closed_at is None]
    here = Reach(org_ids=frozenset({unit.org_id}))
    members = (await uow.organisations.member_counts(here)).get(unit.org_id, 0)
    if unit.kind is OrgKind.PARTY_GROUP:
        members = len(await uow.members.of_group(unit.org_id))
    else:
        on_the_way = MemberQuery(Reach(everywhere=True), within=unit, status=MemberStatus.APPLYING, page_size=1)
        members += (await uow.members.search(on_the_way))[1]
    waiting = MeetingQuery(here, frozenset({MeetingState.SCHEDULED, MeetingState.OPEN}), page_size=1)
    _, meetings = await uow.meetings.search(waiting)
    if members or below or meetings:
        raise OrganisationNotEmpty(members=members, organisations=len(below), meetings=meetings)


async def _log(
    uow: UnitOfWork, actor: Actor, action: str, unit: OrgUnit, now: float, detail: Mapping[str, str] = MappingProxyType({})
) -> None:
    await uow.access_log.append([Access(now, actor.account_id, action, f"org:{unit.org_id}", unit.path, dict(detail))])
