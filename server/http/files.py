"""A member's electronic file: look, edit, entries, attachments, the ID number for a reason, and the history."""

from __future__ import annotations

from ledger.actions import files
from ledger.memberfile import EntryKind
from server.http import attachments
from server.http.call import Call, day
from server.http.views import files as views
from server.http.views import people
from server.schemas import files as s
from server.schemas.organisations import MemberPage
from server.schemas.reports import AttachmentLine


async def file(call: Call) -> s.FileView:
    return await _view(call, looked=True)


async def edit(call: Call, body: s.FileEdit) -> s.FileView:
    command = files.EditFile(call.ids["memberId"], body.revision, named(body.changes), body.reason)
    await files.edit_file(call.store, call.house.sealer, call.actor, command, call.now)
    return await _view(call)


async def add_entry(call: Call, body: s.EntryDraft) -> s.FileView:
    await files.write_entry(call.store, call.actor, drafted(call.ids["memberId"], body), call.now)
    return await _view(call)


async def change_entry(call: Call, body: s.EntryDraft) -> s.FileView:
    command = drafted(call.ids["memberId"], body, call.ids["entryId"])
    await files.write_entry(call.store, call.actor, command, call.now)
    return await _view(call)


async def remove_entry(call: Call) -> s.FileView:
    await files.remove_entry(call.store, call.actor, call.ids["memberId"], call.ids["entryId"], call.now)
    return await _view(call)


async def attach(call: Call) -> AttachmentLine:
    return await attachments.added(call, f"member:{call.ids['memberId']}")


async def reveal(call: Call, body: s.Reveal) -> s.IdNumberView:
    number = await files.reveal_id_number(call.store, call.house.sealer, call.actor, call.ids["memberId"], body.reason, call.now)
    return s.IdNumberView(id_number=number)


async def find(call: Call, body: s.IdNumberQuery) -> MemberPage:
    line = await files.find_by_id_number(call.store, call.house.sealer, call.actor, body.id_number, call.now)
    items = [people.member(line)] if line else []
    return MemberPage(items=items, total=len(items), page=1, page_size=1)


async def history(call: Call, query: s.HistorySearch) -> s.ChangePage:
    found = await files.file_history(call.store, call.actor, call.ids["memberId"], call.now, query.page, query.page_size)
    return views.history(found, query.page, query.page_size)


def named(changes: s.FileChanges) -> dict[str, str | None]:
    """Field key → text, of those that the request names."""
    return changes.model_dump(by_alias=True, exclude_unset=True)


def drafted(member_id: str, body: s.EntryDraft, entry_id: str | None = None) -> files.SaveEntry:
    until = day("until", body.until) if body.until else None
    return files.SaveEntry(member_id, EntryKind(body.kind), day("since", body.since), body.unit, body.title, until, entry_id)


async def _view(call: Call, *, looked: bool = False) -> s.FileView:
    found = await files.member_file(call.store, call.house.sealer, call.actor, call.ids["memberId"], call.now, looked=looked)
    return views.file(found)
