"""Breaches: entered and put right by the security office, with every further step as a line; members concerned are told in the application.

The security office chooses organisations, not people: it is told how many are concerned and sees nobody's name. A member reads the notice
of a breach if, and only if, the member was told of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from ..access import Action, Actor, may_somewhere, require_somewhere
from ..kinds.protection import BREACH
from ..model import LOOKED_AFTER, Access
from ..notifying import Notification
from ..ports import Reach, Store, UnitOfWork
from ..protection import Breach, BreachLine, BreachLineKind
from ..refusals import Conflict, Invalid, NotFound, ReasonMissing, StaleRevision
from ..retention import Kind
from .attendance import names_of

AT_ONCE = 5_000  # notifications written in one transaction
#: Lines that people write; the others are written with what they are about.
WRITTEN = frozenset({BreachLineKind.NOTE, BreachLineKind.AUTHORITY_TOLD, BreachLineKind.NOT_TOLD, BreachLineKind.CLOSED})


class BreachTold(Conflict):
    """Members have been told in these words: from now on there are further lines only."""

    code = "breachTold"


class BreachClosed(Conflict):
    code = "breachClosed"


class FoundInTheFuture(Invalid):
    code = "foundInTheFuture"


@dataclass(frozen=True, slots=True)
class EnterBreach:
    title: str
    found_at: float
    kinds: tuple[Kind, ...]
    people: int
    happened: str
    harm: str
    measures: str
    advice: str
    contact: str


@dataclass(frozen=True, slots=True)
class BreachFile:
    """`names`: account id → who."""

    breach: Breach
    lines: list[BreachLine]
    names: dict[str, str]
    may_keep: bool


async def list_breaches(store: Store, actor: Actor) -> list[Breach]:
    require_somewhere(actor, Action.SEE_PROTECTION)
    async with store.reading() as uow:
        return await uow.protection.breaches()


async def breach_file(store: Store, actor: Actor, breach_id: str) -> BreachFile:
    async with store.reading() as uow:
        breach = await _breach(uow, actor, breach_id, Action.SEE_PROTECTION)
        lines = await uow.protection.lines(breach_id)
        return BreachFile(breach, lines, await names_of(uow, {one.account_id for one in lines}), actor.is_security_admin)


async def enter_breach(store: Store, actor: Actor, command: EnterBreach, now: float) -> Breach:
    """Refusal: FoundInTheFuture."""
    require_somewhere(actor, Action.KEEP_PROTECTION)
    if command.found_at > now:
        raise FoundInTheFuture
    values = {name: getattr(command, name) for name in EnterBreach.__dataclass_fields__}
    made = Breach(breach_id=secrets.token_hex(12), entered_at=now, entered_by=actor.account_id, **values)
    async with store.writing() as uow:
        await uow.protection.add_breach(made)
        await _line(uow, actor, made, BreachLineKind.ENTERED, "", now)
    return made


async def change_breach(store: Store, actor: Actor, breach_id: str, revision: int, command: EnterBreach, now: float) -> Breach:
    """Until members have been told. Refusals: BreachTold, BreachClosed, StaleRevision, FoundInTheFuture."""
    async with store.writing() as uow:
        before = await _open(uow, actor, breach_id)
        if command.found_at > now:
            raise FoundInTheFuture
        if before.told_at is not None:
            raise BreachTold
        values = {name: getattr(command, name) for name in EnterBreach.__dataclass_fields__}
        after = replace(before, revision=before.revision + 1, **values)
        if not await uow.protection.save_breach(after, revision):
            raise StaleRevision(current=before.revision)
        changed = [name for name in values if getattr(before, name) != getattr(after, name)]
        await _line(uow, actor, after, BreachLineKind.CHANGED, ", ".join(changed), now)
    return after


async def add_line(store: Store, actor: Actor, breach_id: str, kind: BreachLineKind, text: str, now: float) -> Breach:
    """Refusals: ReasonMissing, BreachClosed."""
    async with store.writing() as uow:
        breach = await _open(uow, actor, breach_id)
        if kind not in WRITTEN or not text.strip():
            raise ReasonMissing
        if kind is BreachLineKind.CLOSED:
            breach = replace(breach, closed_at=now, revision=breach.revision + 1)
            await uow.protection.save_breach(breach, breach.revision - 1)
        await _line(uow, actor, breach, kind, text.strip(), now)
    return breach


async def tell_members(store: Store, actor: Actor, breach_id: str, org_ids: tuple[str, ...], now: float, *, apply: bool) -> int:
    """How many members of these organisations and all below them are told, or would be. Who was told already is not told again.

    Refusals: NotFound (also for an organisation), BreachClosed.
    """
    async with store.reading() as uow:
        await _open(uow, actor, breach_id)
        people = await _concerned(uow, org_ids)
        notes = [_notice(breach_id, one, now) for one in people]
        known = await uow.notifications.many([one.notification_id for one in notes])
    fresh = [one for one in notes if one.notification_id not in known]
    if not apply or not fresh:
        return len(fresh)
    told = 0
    for start in range(0, len(fresh), AT_ONCE):
        async with store.writing() as uow:
            told += len(await uow.notifications.add(fresh[start : start + AT_ONCE]))
    async with store.writing() as uow:
        breach = await _breach(uow, actor, breach_id, Action.KEEP_PROTECTION)
        units = await uow.organisations.many(org_ids)
        after = replace(breach, told_at=breach.told_at or now, told=breach.told + told, revision=breach.revision + 1)
        await uow.protection.save_breach(after, breach.revision)
        names = "、".join(sorted(one.name for one in units.values()))
        await _line(uow, actor, after, BreachLineKind.MEMBERS_TOLD, f"{names}: {told}", now)
    return told


async def notice_of(store: Store, actor: Actor, breach_id: str, now: float) -> Breach:
    """What a member concerned is told. The security office and auditors may read it as well. Refusal: NotFound to everybody else."""
    async with store.writing() as uow:
        breach = await uow.protection.breach(breach_id)
        if breach is not None and actor.member_id is not None:
            note = _notice(breach_id, actor.member_id, now)
            if note.notification_id in await uow.notifications.many([note.notification_id]):
                await uow.notifications.mark_read_about(actor.member_id, note.about, now)
                return breach
        return await _breach(uow, actor, breach_id, Action.SEE_PROTECTION)


def _notice(breach_id: str, member_id: str, now: float) -> Notification:
    return BREACH.to(member_id, f"breach:{breach_id}", now, f"breach:{breach_id}")


async def _concerned(uow: UnitOfWork, org_ids: tuple[str, ...]) -> list[str]:
    units = await uow.organisations.many(org_ids)
    for org_id in org_ids:
        if org_id not in units:
            raise NotFound(noun="organisation", id=org_id)
    found = await uow.members.within(Reach(paths=tuple(one.path for one in units.values()))) if units else []
    return [one.member_id for one in found if one.status in LOOKED_AFTER]


async def _breach(uow: UnitOfWork, actor: Actor, breach_id: str, action: Action) -> Breach:
    """Unknown and not for the actor to see give the same NotFound; to be seen and not kept gives Forbidden."""
    breach = await uow.protection.breach(breach_id)
    if breach is None or not may_somewhere(actor, Action.SEE_PROTECTION):
        raise NotFound(noun="breach", id=breach_id)
    require_somewhere(actor, action)
    return breach


async def _open(uow: UnitOfWork, actor: Actor, breach_id: str) -> Breach:
    breach = await _breach(uow, actor, breach_id, Action.KEEP_PROTECTION)
    if breach.closed_at is not None:
        raise BreachClosed
    return breach


async def _line(uow: UnitOfWork, actor: Actor, breach: Breach, kind: BreachLineKind, text: str, now: float) -> None:
    number = len(await uow.protection.lines(breach.breach_id)) + 1
    await uow.protection.add_line(BreachLine(breach.breach_id, number, kind, now, actor.account_id, text))
    await uow.access_log.append([Access(now, actor.account_id, "recordBreach", f"breach:{breach.breach_id}", "", {"line": kind.value})])
