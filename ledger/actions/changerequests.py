"""What members ask to have changed in their own file: proposed, then accepted or declined with a reason by those responsible.

An ID number waits sealed, bound to the request. Accepting changes the file as an edit would, and the history says whose request it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, member_for, reach_of
from ..filefields import FIELDS, read_value, text_of, values_of
from ..memberfile import ID_NUMBER, ChangeRequest, EntryKind, How, MemberFile
from ..model import Access, Decision, Member, OrgUnit, day_of
from ..ports import Store, UnitOfWork
from ..refusals import (
    AlreadyDecided,
    ChangeRequestOpen,
    FileFieldMalformed,
    Forbidden,
    NotFound,
    NothingProposed,
    OwnCase,
    ReasonMissing,
)
from ..sealing import Sealer
from .attendance import names_of
from .files import SaveEntry, checked_entry
from .filing import Act, about_id_number, apply_changes, save_entry

LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Propose:
    """`changes`: field key → text; `entry`: one entry to be added."""

    changes: Mapping[str, str | None]
    entry: SaveEntry | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request with whose it is, and the ID number it proposes opened for who decides. `current`: what the named fields hold now."""

    request: ChangeRequest
    member: Member
    home: OrgUnit
    changes: Mapping[str, str | None]
    current: Mapping[str, str | None]


async def propose(store: Store, sealer: Sealer, actor: Actor, command: Propose, now: float) -> ChangeRequest:
    """Refusals: ChangeRequestOpen, NothingProposed, FileFieldMalformed, EntryMalformed, Forbidden for a field that is not the member's."""
    today = day_of(now)
    if not command.changes and command.entry is None:
        raise NothingProposed
    foreign = next((key for key in command.changes if key not in FIELDS or not FIELDS[key].own), None)
    if foreign is not None:
        raise FileFieldMalformed(field=foreign[:64])
    request_id, member_id = secrets.token_hex(8), _member(actor)
    changes = {key: text_of(key, read_value(key, text, today)) for key, text in command.changes.items()}
    if changes.get(ID_NUMBER):
        changes[ID_NUMBER] = sealer.seal(str(changes[ID_NUMBER]), about_request(request_id))
    entry = _entry_json(replace(command.entry, member_id=member_id, entry_id=None), today) if command.entry else None
    request = ChangeRequest(request_id, member_id, actor.account_id, now, changes, entry, command.note.strip()[:LONGEST_NOTE])
    async with store.writing() as uow:
        member = await member_for(uow, actor, member_id, Action.REQUEST_CHANGE)
        if any(one.open for one in await uow.change_requests.of_member(member_id)):
            raise ChangeRequestOpen
        await uow.change_requests.save(request)
        await _log(uow, actor, "proposeChange", member, now, ",".join(changes))
    return request


async def own_requests(store: Store, actor: Actor) -> list[ChangeRequest]:
    """None of an account without a member behind it."""
    async with store.reading() as uow:
        return await uow.change_requests.of_member(actor.member_id) if actor.member_id else []


async def withdraw_request(store: Store, actor: Actor, request_id: str, now: float) -> ChangeRequest:
    async with store.writing() as uow:
        request = await uow.change_requests.get(request_id)
        if request is None or request.member_id != actor.member_id:
            raise NotFound(noun="request", id=request_id)
        member = await member_for(uow, actor, request.member_id, Action.REQUEST_CHANGE)
        if not request.open:
            raise AlreadyDecided(decision=request.decision.value)
        request = replace(request, withdrawn=True)
        await uow.change_requests.save(_forgetting(request))
        await _log(uow, actor, "withdrawRequest", member, now)
    return request


async def waiting_requests(store: Store, sealer: Sealer, actor: Actor, page: int = 1, page_size: int = 20) -> tuple[list[Waiting], int]:
    """Open ones the actor may decide, oldest first."""
    reach = reach_of(actor, Action.DECIDE_CHANGE)
    if not (reach.everywhere or reach.paths or reach.org_ids):
        raise Forbidden(action=Action.DECIDE_CHANGE.value)
    async with store.reading() as uow:
        found, total = await uow.change_requests.pending(reach, max(1, page), min(max(1, page_size), 100))
        members = await uow.members.many([one.member_id for one in found])
        units = await uow.organisations.many([one.home_branch_id for one in members.values()])
        files = await uow.files.many(members)
    lines = []
    for one in found:
        member = members[one.member_id]
        file = files.get(member.member_id) or MemberFile(member.member_id)
        values = values_of(member, file) | {ID_NUMBER: _number(sealer, file)}
        current = {key: values[key] for key in one.changes}
        lines.append(Waiting(one, member, units[member.home_branch_id], _opened(sealer, one), current))
    return lines, total


async def decide_request(
    store: Store, sealer: Sealer, actor: Actor, request_id: str, accepted: bool, answer: str, now: float
) -> ChangeRequest:
    """Declining needs a reason. Nobody decides the own request. What an accepted one changes is refused as an edit would be."""
    if not accepted and len(answer.strip()) < 2:
        raise ReasonMissing
    async with store.writing() as uow:
        request = await uow.change_requests.get(request_id)
        if request is None:
            raise NotFound(noun="request", id=request_id)
        member = await _decided_member(uow, actor, request)
        if not request.open:
            raise AlreadyDecided(decision=request.decision.value)
        decision = Decision.APPROVED if accepted else Decision.REJECTED
        if accepted:
            await _carry_out(uow, sealer, Act(actor, now, How.REQUEST, request.note or None), member, request)
        said = answer.strip()[:LONGEST_NOTE] or None
        decided = replace(request, decision=decision, decided_by=actor.account_id, decided_at=now, answer=said)
        await uow.change_requests.save(_forgetting(decided))
        await _log(uow, actor, "decideRequest", member, now, decision.value)
    return decided


async def names_for(store: Store, requests: list[ChangeRequest]) -> dict[str, str]:
    async with store.reading() as uow:
        return await names_of(uow, {one.decided_by for one in requests if one.decided_by})


def about_request(request_id: str) -> str:
    """What an ID number in a request is bound to."""
    return f"request:{request_id}:{ID_NUMBER}"


def _opened(sealer: Sealer, request: ChangeRequest) -> dict[str, str | None]:
    changes = dict(request.changes)
    if changes.get(ID_NUMBER):
        changes[ID_NUMBER] = sealer.open(str(changes[ID_NUMBER]), about_request(request.request_id))
    return changes


def _number(sealer: Sealer, file: MemberFile) -> str | None:
    return sealer.open(file.id_sealed, about_id_number(file.member_id)) if file.id_sealed else None


def _forgetting(request: ChangeRequest) -> ChangeRequest:
    """A request that is over needs no ID number any more; the field stays named."""
    changes = {key: None if key == ID_NUMBER else value for key, value in request.changes.items()}
    return replace(request, changes=changes)


async def _decided_member(uow: UnitOfWork, actor: Actor, request: ChangeRequest) -> Member:
    try:
        member = await member_for(uow, actor, request.member_id, Action.DECIDE_CHANGE)
    except NotFound:
        raise NotFound(noun="request", id=request.request_id) from None
    if request.member_id == actor.member_id:
        raise OwnCase(action=Action.DECIDE_CHANGE.value)
    return member


async def _carry_out(uow: UnitOfWork, sealer: Sealer, act: Act, member: Member, request: ChangeRequest) -> None:
    home = await uow.organisations.get(member.home_branch_id)
    if home is None:
        raise NotFound(noun="organisation", id=member.home_branch_id)
    changes = _opened(sealer, request)
    after = await apply_changes(uow, sealer, act, member, home, changes) if changes else member
    if request.entry:
        entry = checked_entry(_entry_command(member.member_id, request.entry), act.today)
        await save_entry(uow, act, after, home.path, entry, None)


def _entry_json(command: SaveEntry, today: date) -> dict[str, str]:
    entry = checked_entry(command, today)
    shape = {"kind": entry.kind.value, "since": entry.since.isoformat(), "unit": entry.unit, "title": entry.title}
    return shape | ({"until": entry.until.isoformat()} if entry.until else {})


def _entry_command(member_id: str, entry: Mapping[str, str]) -> SaveEntry:
    until = date.fromisoformat(entry["until"]) if "until" in entry else None
    return SaveEntry(member_id, EntryKind(entry["kind"]), date.fromisoformat(entry["since"]), entry["unit"], entry.get("title", ""), until)


def _member(actor: Actor) -> str:
    if actor.member_id is None:
        raise NotFound(noun="member", id="")
    return actor.member_id


async def _log(uow: UnitOfWork, actor: Actor, action: str, member: Member, now: float, what: str = "") -> None:
    home = await uow.organisations.get(member.home_branch_id)
    detail = {"what": what} if what else {}
    line = Access(now, actor.account_id, action, f"member:{member.member_id}", home.path if home else "", detail)
    await uow.access_log.append([line])
