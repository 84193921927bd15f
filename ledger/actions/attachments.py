"""Files added to a record, fetched and removed: the rights are those of the record a file belongs to.

A part of the ledger whose records have files says in `GUARDS` who may see them and who may add to them: noun of the owner → a function that
raises as its own guarded fetch does, and answers the subject and path under which a look is logged ("" for no line).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..access import Action, Actor, member_for
from ..attachments import Attachment, AttachmentDamaged, attachment, check_room, digest
from ..model import Access
from ..ports import Store, UnitOfWork
from ..refusals import Forbidden, NotFound
from ..reports import WRITABLE, handed_in
from .discussions import entry_for
from .reports import ReportNotWritable, report_for


@dataclass(frozen=True, slots=True)
class Seen:
    """Under what a look at a file is logged. `until`: only files added until then (what was handed in), for those who read it."""

    subject: str = ""
    path: str = ""
    until: float | None = None


Guard = Callable[[UnitOfWork, Actor, str, bool], Awaitable[Seen]]


async def add(store: Store, actor: Actor, owner: str, name: str, content: bytes, now: float) -> Attachment:
    """Refusals: those of `ledger.attachments` and of the record's own guard."""
    async with store.writing() as uow:
        await _guarded(uow, actor, owner, True)
        new = attachment(secrets.token_hex(16), owner, name, content, now, actor.account_id)
        check_room(await uow.attachments.of_owner(owner), new)
        await uow.attachments.add(new, content)
    return new


async def fetch(store: Store, actor: Actor, attachment_id: str, now: float) -> tuple[Attachment, bytes]:
    """The file and what is in it, checked against its hash. Refusals: NotFound, AttachmentDamaged."""
    async with store.writing() as uow:
        found = await uow.attachments.get(attachment_id)
        if found is None:
            raise NotFound(noun="attachment", id=attachment_id)
        seen = await _guarded(uow, actor, found.owner, False)
        content = await uow.attachments.content(attachment_id)
        if seen.until is not None and found.added_at > seen.until:
            raise NotFound(noun="attachment", id=attachment_id)
        if content is None or digest(content) != found.sha256:
            raise AttachmentDamaged
        if seen.subject:
            await uow.access_log.append([Access(now, actor.account_id, "readAttachment", seen.subject, seen.path)])
    return found, content


async def remove(store: Store, actor: Actor, attachment_id: str) -> Attachment:
    async with store.writing() as uow:
        found = await uow.attachments.get(attachment_id)
        if found is None:
            raise NotFound(noun="attachment", id=attachment_id)
        await _guarded(uow, actor, found.owner, False)
        await _guarded(uow, actor, found.owner, True)
        await uow.attachments.remove([attachment_id])
    return found


async def _guarded(uow: UnitOfWork, actor: Actor, owner: str, writing: bool) -> Seen:
    noun, _, owner_id = owner.partition(":")
    return await GUARDS[noun](uow, actor, owner_id, writing)


async def _report(uow: UnitOfWork, actor: Actor, report_id: str, writing: bool) -> Seen:
    """A reader sees the files that were there when it was handed in."""
    report = await report_for(uow, actor, report_id, Action.WRITE_REPORT if writing else Action.READ_REPORT)
    if writing and report.state not in WRITABLE:
        raise ReportNotWritable(state=report.state.value)
    if report.member_id == actor.member_id:
        return Seen()
    member = await uow.members.get(report.member_id)
    home = await uow.organisations.get(member.home_branch_id) if member else None
    seen = handed_in(await uow.reports.steps(report_id))
    return Seen(f"member:{report.member_id}", home.path if home else "", seen.at if seen else 0.0)


async def _member(uow: UnitOfWork, actor: Actor, member_id: str, writing: bool) -> Seen:
    member = await member_for(uow, actor, member_id, Action.EDIT_FILE if writing else Action.SEE_FILE)
    home = await uow.organisations.get(member.home_branch_id)
    own = member_id == actor.member_id
    return Seen() if own else Seen(f"member:{member_id}", home.path if home else "")


async def _entry(uow: UnitOfWork, actor: Actor, entry_id: str, writing: bool) -> Seen:
    """Files beside a contribution: shown with it; added by its author as long as it could be taken back."""
    entry, _, _ = await entry_for(uow, actor, entry_id)
    if not entry.is_shown:
        raise NotFound(noun="attachment", id=entry_id)
    if writing and entry.author != actor.account_id:
        raise Forbidden(action="attach")
    return Seen()


GUARDS: Mapping[str, Guard] = {
    "entry": _entry,
    "member": _member,
    "report": _report,
}
