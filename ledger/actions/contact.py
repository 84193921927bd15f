"""Keeping in touch with members away: the liaison, the contact log, and the search for who cannot be reached.

The member may read the log: it is kept with that in mind. Suspension and removal are decided by people elsewhere; here only their days are
entered, so that the long clocks can be shown.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, registration_for
from ..declining import refusal_of
from ..kinds import floating as kinds
from ..mobility import ContactEntry, ContactMeans, ContactStatus, FloatingRegistration, Liaison, LostContactCase, Side
from ..model import ATTENDING, day_of
from ..ports import Store, UnitOfWork
from ..refusals import AlreadyDecided, NoSearchOpen, NotAMemberHere
from ..rules.declined import declined
from .registrationsteps import note, save_registration


@dataclass(frozen=True, slots=True)
class NameLiaison:
    registration_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class LogContact:
    registration_id: str
    on: date
    means: ContactMeans
    reached: bool
    learned: str = ""


@dataclass(frozen=True, slots=True)
class BeginSearch:
    registration_id: str
    revision: int
    on: date


@dataclass(frozen=True, slots=True)
class EnterSuspension:
    """What the organisation decided about a member it searched for."""

    registration_id: str
    on: date


async def name_liaison(store: Store, actor: Actor, command: NameLiaison, now: float) -> Liaison:
    """Of the home branch. The one before ends today. Refusal: NotAMemberHere, also for the member away."""
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, command.registration_id, Action.MANAGE_REGISTRATION, now)
        if not registration.is_open:
            raise refusal_of(declined("stepNotPossible", act="NameLiaison", state=registration.state.value))
        member = await uow.members.get(command.member_id)
        here = member is not None and member.home_branch_id == registration.home_branch_id and member.status in ATTENDING
        if not here or command.member_id == registration.member_id:
            raise NotAMemberHere(memberId=command.member_id)
        today = day_of(now)
        for one in await uow.contacts.liaisons([registration.registration_id]):
            if one.until is None and one.liaison_member_id == command.member_id:
                return one
            if one.until is None:
                await uow.contacts.save_liaison(replace(one, until=today))
        liaison = Liaison(registration.registration_id, command.member_id, today)
        await uow.contacts.save_liaison(liaison)
        await note(uow, actor, registration, "NameLiaison", Side.HOME, now, command.member_id)
        about, key = f"registration:{registration.registration_id}", f"liaison:{registration.registration_id}:{now}"
        if command.member_id != actor.member_id:
            await uow.notifications.add([kinds.LIAISON_NAMED.to(command.member_id, about, now, key)])
    return liaison


async def log_contact(store: Store, actor: Actor, command: LogContact, now: float) -> ContactEntry:
    """An attempt that reached nobody is kept too and meets no duty. Reaching the member ends a search. Refusal: dayOutOfOrder."""
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, command.registration_id, Action.LOG_CONTACT, now)
        if not registration.is_open:
            raise refusal_of(declined("stepNotPossible", act="LogContact", state=registration.state.value))
        if not registration.report.left_on <= command.on <= day_of(now):
            raise refusal_of(declined("dayOutOfOrder", day=command.on.isoformat()))
        entry = ContactEntry(
            f"{int(now * 1000):013d}-{secrets.token_hex(4)}",
            registration.member_id,
            command.on,
            command.means,
            command.reached,
            command.learned.strip(),
            actor.account_id,
        )
        await uow.contacts.add(entry)
        await note(uow, actor, registration, "LogContact" if command.reached else "TryContact", Side.HOME, now)
        if command.reached:
            await _found(uow, registration, now)
    return entry


async def begin_search(store: Store, actor: Actor, command: BeginSearch, now: float) -> LostContactCase:
    """The member is out of contact: from this day on it is searched for. Refusals: changedMeanwhile, dayOutOfOrder, AlreadyDecided."""
    async with store.writing() as uow:
        before, _ = await registration_for(uow, actor, command.registration_id, Action.MANAGE_REGISTRATION, now)
        if not before.report.left_on <= command.on <= day_of(now):
            raise refusal_of(declined("dayOutOfOrder", day=command.on.isoformat()))
        if before.revision != command.revision or not before.is_open:
            raise refusal_of(declined("changedMeanwhile"))
        if await _open_case(uow, before.member_id) is not None:
            raise AlreadyDecided(decision="search")
        case = LostContactCase(secrets.token_hex(8), before.member_id, command.on)
        await uow.contacts.save_case(case)
        lost = replace(before, contact_status=ContactStatus.OUT_OF_CONTACT, lost_on=command.on, revision=before.revision + 1)
        await save_registration(uow, before, lost)
        await note(uow, actor, lost, "BeginSearch", Side.HOME, now)
    return case


async def enter_suspension(store: Store, actor: Actor, command: EnterSuspension, now: float) -> LostContactCase:
    """Refusals: NoSearchOpen, dayOutOfOrder before it began."""
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, command.registration_id, Action.MANAGE_REGISTRATION, now)
        case = await _open_case(uow, registration.member_id)
        if case is None:
            raise NoSearchOpen
        if not case.search_began_on <= command.on <= day_of(now):
            raise refusal_of(declined("dayOutOfOrder", day=command.on.isoformat()))
        suspended = replace(case, suspended_on=command.on)
        await uow.contacts.save_case(suspended)
        await note(uow, actor, registration, "EnterSuspension", Side.HOME, now)
    return suspended


async def _found(uow: UnitOfWork, registration: FloatingRegistration, now: float) -> None:
    """A member who was reached is in contact again. A suspension that people decided stays until they lift it."""
    if registration.contact_status is ContactStatus.OUT_OF_CONTACT:
        found = replace(registration, contact_status=ContactStatus.IN_CONTACT, lost_on=None, revision=registration.revision + 1)
        await save_registration(uow, registration, found)
    case = await _open_case(uow, registration.member_id)
    if case is not None:
        await uow.contacts.save_case(replace(case, closed_on=day_of(now)))


async def _open_case(uow: UnitOfWork, member_id: str) -> LostContactCase | None:
    return next((one for one in await uow.contacts.cases(member_id) if one.closed_on is None), None)
