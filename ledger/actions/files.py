"""Members' files: look, edit, see the ID number for a reason, find by it, read the history.

Looking at somebody else's file is logged; the ID number is shown masked, and in full only to those responsible and the member.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, may, member_for, member_target, reach_of
from ..attachments import Attachment
from ..filefields import values_of
from ..idnumber import masked_id_number, read_id_number
from ..memberfile import ID_NUMBER, ChangeRequest, EntryKind, FileChange, FileEntry, How
from ..model import Access, Member, OrgUnit, Post, day_of
from ..ports import Store, UnitOfWork
from ..refusals import EntryMalformed, FileFieldMalformed, NotFound, ReasonMissing, StaleRevision
from ..sealing import Sealer
from .attendance import names_of
from .filing import Act, about_id_number, apply_changes, file_of, record, save_entry
from .members import MemberLine, lines_of, mask_email, mask_phone

MOST_ENTRIES = 60


@dataclass(frozen=True, slots=True)
class FileView:
    """`fields`: key → text, without the ID number; `id_number`: masked. `posts`: past and present. `request`: the open one, if any."""

    line: MemberLine
    fields: Mapping[str, str | None]
    id_number: str | None
    entries: Sequence[FileEntry]
    posts: Sequence[Post]
    units: Mapping[str, OrgUnit]
    attachments: Sequence[Attachment]
    request: ChangeRequest | None
    may_edit: bool
    own: bool


@dataclass(frozen=True, slots=True)
class EditFile:
    """`changes`: field key → text, None or "" to empty. `revision`: of the member, as the editor saw it."""

    member_id: str
    revision: int
    changes: Mapping[str, str | None]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SaveEntry:
    """`entry_id` None: a new one."""

    member_id: str
    kind: EntryKind
    since: date
    unit: str
    title: str = ""
    until: date | None = None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    changes: list[FileChange]
    total: int
    names: dict[str, str]


async def member_file(store: Store, sealer: Sealer, actor: Actor, member_id: str, now: float, *, looked: bool = True) -> FileView:
    """`looked` False: shown again after an edit, which is in the log already."""
    async with store.reading() as uow:
        member = await member_for(uow, actor, member_id, Action.SEE_FILE)
        view = await _view(uow, sealer, actor, member, now)
    if looked and not view.own:
        async with store.writing() as uow:  # the look is written down before anything is shown
            await uow.access_log.append([Access(now, actor.account_id, "seeFile", f"member:{member_id}", view.line.home.path)])
    return view


async def edit_file(store: Store, sealer: Sealer, actor: Actor, command: EditFile, now: float) -> Member:
    async with store.writing() as uow:
        member = await member_for(uow, actor, command.member_id, Action.EDIT_FILE)
        if member.revision != command.revision:
            raise StaleRevision(current=member.revision)
        act = Act(actor, now, How.EDIT, (command.reason or "").strip() or None)
        return await apply_changes(uow, sealer, act, member, await _home(uow, member), command.changes)


async def write_entry(store: Store, actor: Actor, command: SaveEntry, now: float) -> FileEntry:
    """Refusals: EntryMalformed(field), NotFound for an entry that is not this member's."""
    entry = checked_entry(command, day_of(now))
    async with store.writing() as uow:
        member = await member_for(uow, actor, command.member_id, Action.EDIT_FILE)
        before = await uow.files.entry(entry.entry_id) if command.entry_id else None
        if command.entry_id and (before is None or before.member_id != member.member_id):
            raise NotFound(noun="entry", id=command.entry_id)
        if before is None and len(await uow.files.entries(member.member_id)) >= MOST_ENTRIES:
            raise EntryMalformed(field="entry")
        await save_entry(uow, Act(actor, now, How.EDIT), member, (await _home(uow, member)).path, entry, before)
    return entry


async def remove_entry(store: Store, actor: Actor, member_id: str, entry_id: str, now: float) -> None:
    """Removing what is gone is done."""
    async with store.writing() as uow:
        member = await member_for(uow, actor, member_id, Action.EDIT_FILE)
        entry = await uow.files.entry(entry_id)
        if entry is None:
            return
        if entry.member_id != member_id:
            raise NotFound(noun="entry", id=entry_id)
        await uow.files.remove_entry(entry_id)
        lines = [(f"entry.{entry.kind.value}", entry.said, None)]
        await record(uow, Act(actor, now, How.EDIT), member, (await _home(uow, member)).path, lines)


async def reveal_id_number(store: Store, sealer: Sealer, actor: Actor, member_id: str, reason: str, now: float) -> str:
    """In full, for a reason that stays in the log; the own one needs none. NotFound where there is none."""
    async with store.writing() as uow:
        member = await member_for(uow, actor, member_id, Action.SEE_ID_NUMBER)
        own = member_id == actor.member_id
        if not own and len(reason.strip()) < 2:
            raise ReasonMissing
        file = await file_of(uow, member_id)
        if file.id_sealed is None:
            raise NotFound(noun="idNumber", id=member_id)
        number = sealer.open(file.id_sealed, about_id_number(member_id))
        if not own:
            path = (await _home(uow, member)).path
            line = Access(now, actor.account_id, "seeIdNumber", f"member:{member_id}", path, {"reason": reason.strip()[:500]})
            await uow.access_log.append([line])
    return number


async def find_by_id_number(store: Store, sealer: Sealer, actor: Actor, text: str, now: float) -> MemberLine | None:
    """Whoever has exactly this number, within the actor's reach. Logged when found; outside the reach is like not there."""
    number = read_id_number(text, day_of(now))
    if number is None:
        raise FileFieldMalformed(field=ID_NUMBER)
    async with store.writing() as uow:
        reach_of(actor, Action.SEE_ID_NUMBER)
        files = await uow.files.by_index(sealer.look_ups(number.text, ID_NUMBER))
        members = await uow.members.many([one.member_id for one in files])
        for member in members.values():
            if may(actor, Action.SEE_ID_NUMBER, await member_target(uow, member)):
                line = (await lines_of(uow, actor, [member], now))[0]
                subject = f"member:{member.member_id}"
                await uow.access_log.append([Access(now, actor.account_id, "findByIdNumber", subject, line.home.path)])
                masked = replace(member, phone=mask_phone(member.phone), email=mask_email(member.email))
                return replace(line, member=masked, contact_masked=True)
    return None


async def file_history(store: Store, actor: Actor, member_id: str, now: float, page: int = 1, page_size: int = 50) -> History:
    async with store.reading() as uow:
        await member_for(uow, actor, member_id, Action.SEE_FILE)
        changes, total = await uow.files.changes(member_id, max(1, page), min(max(1, page_size), 200))
        return History(changes, total, await names_of(uow, {one.account_id for one in changes}))


def checked_entry(command: SaveEntry, today: date) -> FileEntry:
    unit, title = command.unit.strip(), command.title.strip()
    if not unit or len(unit) > 200 or len(title) > 200:
        raise EntryMalformed(field="unit" if len(title) <= 200 else "title")
    if not date(1900, 1, 1) <= command.since <= today:
        raise EntryMalformed(field="since")
    if command.until is not None and command.until < command.since:
        raise EntryMalformed(field="until")
    entry_id = command.entry_id or secrets.token_hex(8)
    return FileEntry(entry_id, command.member_id, command.kind, command.since, command.until, unit, title)


async def _view(uow: UnitOfWork, sealer: Sealer, actor: Actor, member: Member, now: float) -> FileView:
    file = await file_of(uow, member.member_id)
    line = (await lines_of(uow, actor, [member], now))[0]
    posts = await uow.posts.of_members([member.member_id])
    requests = await uow.change_requests.of_member(member.member_id)
    number = sealer.open(file.id_sealed, about_id_number(member.member_id)) if file.id_sealed else None
    return FileView(
        line=line,
        fields=values_of(member, file),
        id_number=masked_id_number(number) if number else None,
        entries=await uow.files.entries(member.member_id),
        posts=posts,
        units=await uow.organisations.many([post.org_id for post in posts]),
        attachments=await uow.attachments.of_owner(f"member:{member.member_id}"),
        request=next((one for one in requests if one.open), None),
        may_edit=may(actor, Action.EDIT_FILE, await member_target(uow, member)),
        own=member.member_id == actor.member_id,
    )


async def _home(uow: UnitOfWork, member: Member) -> OrgUnit:
    home = await uow.organisations.get(member.home_branch_id)
    if home is None:
        raise NotFound(noun="organisation", id=member.home_branch_id)
    return home
