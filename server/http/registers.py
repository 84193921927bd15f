"""Old registers in: transfers, floating registrations and contact logs, each with its template."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ledger.access import Actor
from ledger.actions.duesimport import import_dues
from ledger.actions.floatingimport import import_contacts, import_registrations
from ledger.actions.registerimport import Imported, ImportFile
from ledger.actions.transferimport import import_transfers
from ledger.duesregister import dues_template
from ledger.floatingregister import contacts_template, registrations_template
from ledger.ports import Store
from ledger.transferregister import transfer_template
from server.http.call import BadRequest, Call, File
from server.http.roster import KINDS, complaint
from server.schemas.organisations import ImportReport
from server.schemas.queries import RegisterImport, RosterTemplate


@dataclass(frozen=True, slots=True)
class _Register:
    """`zh`, `en`: what its template is called."""

    bring: Callable[[Store, Actor, ImportFile, float], Awaitable[Imported]]
    template: Callable[[str, str], bytes]
    zh: str
    en: str


_REGISTERS: Mapping[str, _Register] = {
    "transfers": _Register(import_transfers, transfer_template, "组织关系转接台账模板", "transfers-template"),
    "registrations": _Register(import_registrations, registrations_template, "流动登记模板", "registrations-template"),
    "contacts": _Register(import_contacts, contacts_template, "联系记录模板", "contacts-template"),
    "dues": _Register(import_dues, dues_template, "党费交纳记录模板", "dues-template"),
}


async def transfers(call: Call, query: RegisterImport) -> ImportReport:
    return await _brought(call, query, "transfers")


async def registrations(call: Call, query: RegisterImport) -> ImportReport:
    return await _brought(call, query, "registrations")


async def contacts(call: Call, query: RegisterImport) -> ImportReport:
    return await _brought(call, query, "contacts")


async def dues(call: Call, query: RegisterImport) -> ImportReport:
    return await _brought(call, query, "dues")


async def transfers_template_file(call: Call, query: RosterTemplate) -> File:
    return await _template("transfers", query)


async def registrations_template_file(call: Call, query: RosterTemplate) -> File:
    return await _template("registrations", query)


async def contacts_template_file(call: Call, query: RosterTemplate) -> File:
    return await _template("contacts", query)


async def dues_template_file(call: Call, query: RosterTemplate) -> File:
    return await _template("dues", query)


async def _brought(call: Call, query: RegisterImport, name: str) -> ImportReport:
    if call.upload is None:
        raise BadRequest("file", "missing")
    file = ImportFile(call.upload.content, call.upload.filename, query.dry_run, query.skip_bad)
    found = await _REGISTERS[name].bring(call.store, call.actor, file, call.now)
    return ImportReport(
        dry_run=found.dry_run,
        rows=found.rows,
        created=found.created,
        updated=0,
        unchanged=found.unchanged,
        skipped=found.skipped,
        complaints=[complaint(one) for one in found.complaints],
        accounts=[],
        applied=found.applied,
    )


async def _template(name: str, query: RosterTemplate) -> File:
    register = _REGISTERS[name]
    content = await asyncio.to_thread(register.template, query.lang, query.format)
    return File(f"{register.zh if query.lang == 'zh' else register.en}.{query.format}", KINDS[query.format], content)
