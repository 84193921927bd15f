"""Lists of members worth keeping, and what is done to many members at once.

A bulk change takes one confirmation: whoever can be changed is, in one transaction, and every refusal is named with its member.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..access import Action, Actor, may, member_for, member_target
from ..memberfile import How, SavedList
from ..model import Access, Member, OrgKind
from ..ports import Store, UnitOfWork
from ..refusals import Forbidden, GroupElsewhere, NameMissing, NotFound, Refusal, TooManySavedLists
from ..roster import write_roster_csv, write_roster_xlsx
from ..sealing import Sealer
from .filing import Act, member_lines, record
from .rosteridentity import shown_identity
from .rosters import roster_rows

MOST_LISTS = 30
MOST_AT_ONCE = 500
BulkAction = Literal["setGroup", "setExempt"]


@dataclass(frozen=True, slots=True)
class BulkChange:
    """`value`: a Party group's id or "" for none; "true" or "false"."""

    member_ids: Sequence[str]
    action: BulkAction
    value: str


@dataclass(frozen=True, slots=True)
class Refused:
    member_id: str
    name: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class BulkResult:
    changed: int
    unchanged: int
    refused: list[Refused]


async def save_list(store: Store, actor: Actor, name: str, query: Mapping[str, str], now: float) -> SavedList:
    if not name.strip():
        raise NameMissing
    saved = SavedList(secrets.token_hex(8), actor.account_id, name.strip(), dict(query), now)
    async with store.writing() as uow:
        if len(await uow.saved_lists.of_account(actor.account_id)) >= MOST_LISTS:
            raise TooManySavedLists(limit=MOST_LISTS)
        await uow.saved_lists.add(saved)
    return saved


async def saved_lists(store: Store, actor: Actor) -> list[SavedList]:
    async with store.reading() as uow:
        return await uow.saved_lists.of_account(actor.account_id)


async def remove_list(store: Store, actor: Actor, list_id: str) -> None:
    async with store.writing() as uow:
        saved = await uow.saved_lists.get(list_id)
        if saved is None or saved.account_id != actor.account_id:
            raise NotFound(noun="list", id=list_id)
        await uow.saved_lists.remove(list_id)


async def change_many(store: Store, actor: Actor, command: BulkChange, now: float) -> BulkResult:
    """Whoever does not exist for the actor is refused as notFound, nameless. Forbidden where nobody of them may be changed at all."""
    changed = unchanged = 0
    refused: list[Refused] = []
    act = Act(actor, now, How.BULK)
    async with store.writing() as uow:
        for member_id in dict.fromkeys(command.member_ids[:MOST_AT_ONCE]):
            try:
                member = await member_for(uow, actor, member_id, Action.EDIT_MEMBER)
                done = await _change_one(uow, act, member, command)
            except Refusal as refusal:
                refused.append(Refused(member_id, await _name(uow, actor, member_id), refusal))
            else:
                changed, unchanged = changed + done, unchanged + (not done)
        if not changed and not unchanged and all(isinstance(one.refusal, Forbidden | NotFound) for one in refused):
            raise Forbidden(action=Action.EDIT_MEMBER.value)
    return BulkResult(changed, unchanged, refused)


async def export_selection(
    store: Store,
    actor: Actor,
    member_ids: Sequence[str],
    reason: str,
    now: float,
    file_format: str = "xlsx",
    locale: str = "zh",
    sealer: Sealer | None = None,
) -> bytes:
    """The roster's columns of the members chosen, ID numbers masked. All of them must be the actor's to export. Logged once per member,
    with the reason."""
    async with store.writing() as uow:
        members = [await member_for(uow, actor, member_id, Action.EXPORT_ROSTER) for member_id in dict.fromkeys(member_ids)]
        members.sort(key=lambda one: one.number)
        homes = await uow.organisations.many([one.home_branch_id for one in members])
        detail = {"rows": str(len(members)), "reason": reason.strip()[:500]}
        paths = {one.member_id: homes[one.home_branch_id].path for one in members}
        lines = [Access(now, actor.account_id, "exportMember", f"member:{key}", path, detail) for key, path in paths.items()]
        await uow.access_log.append(lines)
        rows = await roster_rows(uow, members, now, await shown_identity(uow, sealer, actor, members, None, now))
    write = write_roster_xlsx if file_format == "xlsx" else write_roster_csv
    return await asyncio.to_thread(write, rows, locale)


async def _change_one(uow: UnitOfWork, act: Act, member: Member, command: BulkChange) -> bool:
    after = replace(member, exempt=command.value == "true") if command.action == "setExempt" else await _grouped(uow, member, command.value)
    if after == member:
        return False
    after = replace(after, revision=member.revision + 1)
    await uow.members.save([after])
    places = {org_id for one in (member, after) for org_id in (one.home_branch_id, one.group_id) if org_id}
    units = await uow.organisations.many(places)
    await record(uow, act, after, units[after.home_branch_id].path, member_lines(member, after, units), "changeMember")
    return True


async def _grouped(uow: UnitOfWork, member: Member, group_id: str) -> Member:
    group = await uow.organisations.get(group_id) if group_id else None
    if group_id and (group is None or group.kind is not OrgKind.PARTY_GROUP or group.parent_id != member.home_branch_id):
        raise GroupElsewhere(groupId=group_id)
    return replace(member, group_id=group_id or None)


async def _name(uow: UnitOfWork, actor: Actor, member_id: str) -> str:
    """Empty for whoever the actor may not know of."""
    member = await uow.members.get(member_id)
    return member.name if member and may(actor, Action.SEE_MEMBER, await member_target(uow, member)) else ""
