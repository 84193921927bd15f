"""Old registers of floating members and of contact, line by line, each through the rules and for those who may enter it by hand.

A host named in a register is kept as words: handing over to a branch here, and the member's consent to it, are steps of their own.
"""

from __future__ import annotations

from dataclasses import replace

from ..access import Action, Actor, member_target
from ..declining import accepted
from ..dualmanagement import Declaration
from ..floatingregister import ContactRow, RegistrationRow, read_contacts, read_registrations
from ..mobility import ContactEntry, DepartureReport, FloatingRegistration, Place, RegistrationState, Side
from ..model import ON_THE_ROLL, Access, Member, day_of
from ..ports import Store
from ..rules.floating import register
from .registerimport import Desk, Imported, ImportFile, import_register, row_id
from .registrationsteps import record


async def import_registrations(store: Store, actor: Actor, command: ImportFile, now: float) -> Imported:
    return await import_register(store, actor, command, now, Action.MANAGE_REGISTRATION, read_registrations, _take_registration)


async def import_contacts(store: Store, actor: Actor, command: ImportFile, now: float) -> Imported:
    return await import_register(store, actor, command, now, Action.MANAGE_REGISTRATION, read_contacts, _take_contact)


async def _take_registration(desk: Desk[RegistrationRow], row: RegistrationRow) -> None:
    member = await desk.member_of(row, Action.MANAGE_REGISTRATION)
    if member is None:
        return None
    registration_id = row_id("registration", row.number, row.left_on, row.place)
    if await desk.uow.registrations.get(registration_id) is not None:
        desk.unchanged += 1
        return None
    if (row.returned_on or row.left_on) > day_of(desk.now):
        return desk.complain(row, "returned_on" if row.returned_on else "left_on", "inTheFuture")
    if row.returned_on is None and member.status not in ON_THE_ROLL:
        return desk.complain(row, "number", "notOnTheRoll")
    await _register(desk, row, member, registration_id)
    desk.created += 1
    return None


async def _register(desk: Desk[RegistrationRow], row: RegistrationRow, member: Member, registration_id: str) -> None:
    """Who is back already had no other registration open then: only one that is open is held against others."""
    place = Place(row.place, country=row.country)
    report = DepartureReport(member.member_id, row.reason, row.flow_range, place, row.left_on, row.contact, row.unit, row.industry)
    before = [] if row.returned_on else await desk.uow.registrations.of_member(member.member_id)
    found = accepted(register(report, registration_id, member.home_branch_id, before, Side.HOME, desk.now))
    registration: FloatingRegistration = replace(found.registration, host_contact=row.host)
    if row.returned_on is not None:
        registration = replace(registration, state=RegistrationState.RETURNED, returned_on=row.returned_on, closed_at=desk.now)
    await desk.uow.registrations.add(registration)
    path = (await member_target(desk.uow, member)).path
    await record(desk.uow, desk.actor, replace(found.change, after=registration.state, step="Import"), path)
    declared = Declaration(registration_id, place, desk.now, Side.HOME, desk.actor.account_id, True, row.unit, row.contact)
    await desk.uow.registrations.declare(declared)


async def _take_contact(desk: Desk[ContactRow], row: ContactRow) -> None:
    member = await desk.member_of(row, Action.MANAGE_REGISTRATION)
    if member is None:
        return None
    if row.on > day_of(desk.now):
        return desk.complain(row, "on", "inTheFuture")
    entry_id = row_id("contact", row.number, row.on, row.means.value, row.learned)
    if any(one.entry_id == entry_id for one in await desk.uow.contacts.entries(member.member_id)):
        desk.unchanged += 1
        return None
    author = desk.actor.account_id
    await desk.uow.contacts.add(ContactEntry(entry_id, member.member_id, row.on, row.means, row.reached, row.learned, author))
    path = (await member_target(desk.uow, member)).path
    await desk.uow.access_log.append([Access(desk.now, author, "importContact", f"member:{member.member_id}", path, {"by": "import"})])
    desk.created += 1
    return None
