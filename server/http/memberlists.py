"""Saved lists of members, bulk changes, and the export of a selection."""

from __future__ import annotations

from ledger.actions import memberlists
from server.http.attendance import CSV, XLSX
from server.http.call import Call, File
from server.http.views import files as views
from server.schemas import files as s
from server.schemas.base import Done


async def save(call: Call, body: s.NewSavedList) -> s.SavedListView:
    return views.saved(await memberlists.save_list(call.store, call.actor, body.name, body.query, call.now))


async def lists(call: Call) -> s.SavedListPage:
    return s.SavedListPage(lists=[views.saved(one) for one in await memberlists.saved_lists(call.store, call.actor)])


async def remove(call: Call) -> Done:
    await memberlists.remove_list(call.store, call.actor, call.ids["listId"])
    return Done()


async def change(call: Call, body: s.BulkChange) -> s.BulkResult:
    command = memberlists.BulkChange(body.member_ids, body.action, body.value)
    return views.bulk(await memberlists.change_many(call.store, call.actor, command, call.now))


async def export(call: Call, body: s.Selection) -> File:
    content = await memberlists.export_selection(
        call.store, call.actor, body.member_ids, body.reason, call.now, body.format, body.lang, call.house.sealer
    )
    name = "党员名册（所选）" if body.lang == "zh" else "members-selected"
    return File(f"{name}.{body.format}", XLSX if body.format == "xlsx" else CSV, content)
