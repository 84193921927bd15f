"""The directory of organisations: found as one types, a page at a time, for whoever has to name a host or a destination.

What an organisation is called is no secret inside an installation; who is in it is. So names are found by a part of them, anywhere, and
without one only what the actor may see anyway is listed: a directory of thousands is searched, not read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..access import Action, Actor, reach_of
from ..model import BRANCH_KINDS, OrgKind, OrgUnit
from ..ports import OrgQuery, Reach, Store, UnitOfWork
from ..refusals import NotFound
from .transferviews import committee_among, path_ids

HOST_KINDS = BRANCH_KINDS | {OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH}
MOST = 50


@dataclass(frozen=True, slots=True)
class FoundOrg:
    """`above`: what it belongs to. `committee`: the one that transfers for it."""

    org: OrgUnit
    above: str
    committee: OrgUnit


@dataclass(frozen=True, slots=True)
class FoundOrgs:
    lines: list[FoundOrg]
    total: int


@dataclass(frozen=True, slots=True)
class FindOrg:
    """`below`: branches of this committee. `org_id`: just this one, to have its name."""

    text: str = ""
    page: int = 1
    page_size: int = 20
    below: str | None = None
    org_id: str | None = None


async def find_hosts(store: Store, actor: Actor, command: FindOrg) -> FoundOrgs:
    """Branches first; not the actor's own home branch."""
    own = actor.member.home_branch_id if actor.member else None
    async with store.reading() as uow:
        return await _found(uow, _query(actor, command, HOST_KINDS, _reach(actor, command.text), own))


async def find_destinations(store: Store, actor: Actor, command: FindOrg) -> FoundOrgs:
    """Committees – and tops of trees without one – or the branches below one of them. Refusal: NotFound for one that is not there."""
    async with store.reading() as uow:
        if command.org_id is not None:
            org = await _open(uow, command.org_id)
            return FoundOrgs(await _lines(uow, [org]), 1)
        if command.below is not None:
            committee = await _open(uow, command.below)
            return await _found(uow, _query(actor, command, BRANCH_KINDS, Reach(paths=(committee.path,))))
        kinds = frozenset({OrgKind.COMMITTEE})
        return await _found(uow, _query(actor, command, kinds, _reach(actor, command.text), tops=True))


def _reach(actor: Actor, text: str) -> Reach:
    """Without words, what the actor may see; with words, the directory."""
    seen = reach_of(actor, Action.SEE_ORGANISATION)  # PasswordChangeNeeded before anything is told
    if text.strip():
        return Reach(everywhere=True)
    own = {org_id for org_id in (actor.member.home_branch_id, actor.member.host_branch_id) if org_id} if actor.member else set()
    above = {org_id for one in own if one in actor.paths for org_id in actor.paths[one].strip("/").split("/")}
    return replace(seen, org_ids=seen.org_ids | above)


def _query(
    actor: Actor, command: FindOrg, kinds: Collection[OrgKind], reach: Reach, but: str | None = None, *, tops: bool = False
) -> OrgQuery:
    size = min(max(1, command.page_size), MOST)
    return OrgQuery(frozenset(kinds), reach, command.text.strip(), but, tops, max(1, command.page), size)


async def _open(uow: UnitOfWork, org_id: str) -> OrgUnit:
    org = await uow.organisations.get(org_id)
    if org is None or org.closed_at is not None:
        raise NotFound(noun="organisation", id=org_id)
    return org


async def _found(uow: UnitOfWork, query: OrgQuery) -> FoundOrgs:
    units, total = await uow.organisations.search(query)
    return FoundOrgs(await _lines(uow, units), total)


async def _lines(uow: UnitOfWork, units: Collection[OrgUnit]) -> list[FoundOrg]:
    """One question, however many."""
    above = await uow.organisations.many({org_id for unit in units for org_id in path_ids(unit)})
    return [FoundOrg(unit, above[unit.parent_id].name if unit.parent_id else "", committee_among(unit, above)) for unit in units]
