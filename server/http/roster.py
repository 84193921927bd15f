"""The roster in and out."""

from __future__ import annotations

import asyncio

from ledger.access import Action, organisation_for
from ledger.actions import rosters
from ledger.model import day_of
from ledger.roster import RosterComplaint as Complaint
from ledger.roster import template_csv, template_xlsx
from server.http.attendance import CSV, XLSX
from server.http.call import BadRequest, Call, File
from server.schemas.organisations import FullRoster, ImportReport, RosterComplaint
from server.schemas.queries import RosterExport, RosterImport, RosterTemplate

KINDS = {"csv": CSV, "xlsx": XLSX}
TEMPLATES = {"csv": template_csv, "xlsx": template_xlsx}


async def import_roster(call: Call, query: RosterImport) -> ImportReport:
    """Rights are checked row by row; an organisation that is named must be one whose members may be added."""
    if call.upload is None:
        raise BadRequest("file", "missing")
    if query.org_id:
        async with call.store.reading() as uow:
            await organisation_for(uow, call.actor, query.org_id, Action.ADD_MEMBER)
    command = rosters.ImportRoster(call.upload.content, call.upload.filename, query.dry_run, query.skip_bad, query.accounts)
    found = await rosters.import_roster(call.store, call.actor, command, call.now, call.house.sealer)
    return await asyncio.to_thread(_report, found)  # thousands of log-ins, or of complaints


async def export_roster(call: Call, query: RosterExport) -> File:
    """ID numbers masked."""
    return await _exported(call, rosters.ExportRoster(query.org_id, query.format, query.lang))


async def export_in_full(call: Call, body: FullRoster) -> File:
    """ID numbers in full, for a reason that stays in the log of each member. Not in the address, which other logs keep."""
    return await _exported(call, rosters.ExportRoster(body.org_id, body.format, body.lang, body.reason))


async def _exported(call: Call, command: rosters.ExportRoster) -> File:
    content = await rosters.export_roster(call.store, call.actor, command, call.now, call.house.sealer)
    word = "名册" if command.locale == "zh" else "roster"
    return File(f"{word}-{day_of(call.now).isoformat()}.{command.file_format}", KINDS[command.file_format], content)


async def template(call: Call, query: RosterTemplate) -> File:
    word = "名册模板" if query.lang == "zh" else "roster-template"
    return File(f"{word}.{query.format}", KINDS[query.format], TEMPLATES[query.format](query.lang))


def _report(found: rosters.ImportReport) -> ImportReport:
    return ImportReport(
        dry_run=found.dry_run,
        rows=found.rows,
        created=found.created,
        updated=found.updated,
        unchanged=found.unchanged,
        skipped=found.skipped,
        complaints=[complaint(one) for one in found.complaints],
        accounts=[{"number": one.number, "name": one.name, "username": one.username, "password": one.password} for one in found.accounts],
        applied=found.applied,
    )


def complaint(one: Complaint) -> RosterComplaint:
    return RosterComplaint(
        line=one.line, column=one.column, code=one.code, params=one.params, message_zh=one.sentence("zh"), message_en=one.sentence("en")
    )
