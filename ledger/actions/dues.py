"""The book of dues: payments entered by those responsible for the branch, corrections as new lines, and what is agreed with a member.

No money moves here. Everybody sees the own book with who entered what; a member's standing is made anew from the book with every line.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, may, member_for, member_target
from ..declining import refusal_of
from ..dues import DuesEntry, DuesGroup, DuesStanding, DuesTerms
from ..duesrules import DEFAULT, DuesRules
from ..model import ON_THE_ROLL, Access, Member, OrgKind, OrgUnit, day_of
from ..ports import Store, UnitOfWork
from ..refusals import NotFound, ReasonMissing
from ..rules.declined import declined
from ..rules.dues import DuesDue, month_of, months_between, next_due, standing, wrong_entry, wrong_months
from .attendance import names_of


@dataclass(frozen=True, slots=True)
class EnterDues:
    """The same months of several members in one go. `amount_fen` of each; None: what is agreed with each, if anything is."""

    member_ids: tuple[str, ...]
    from_month: str
    to_month: str
    paid_on: date
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class CorrectDues:
    """`withdrawn`: the line is taken back, and the months and amount are of no matter."""

    entry_id: str
    reason: str
    withdrawn: bool = False
    from_month: str = ""
    to_month: str = ""
    paid_on: date | None = None
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class SetTerms:
    member_id: str
    since: str
    group: DuesGroup
    monthly_fen: int | None = None
    quarterly: bool = False
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class DuesFile:
    """One member's book. `names`: account id → who."""

    member: Member
    home: OrgUnit
    entries: list[DuesEntry]
    terms: list[DuesTerms]
    standing: DuesStanding | None
    due: DuesDue | None
    names: dict[str, str]
    may_record: bool


async def dues_file(store: Store, actor: Actor, member_id: str, now: float, rules: DuesRules = DEFAULT) -> DuesFile:
    """Looking at somebody else's is logged."""
    async with store.writing() as uow:
        member = await member_for(uow, actor, member_id, Action.SEE_DUES)
        target = await member_target(uow, member)
        if member.member_id != actor.member_id:
            await uow.access_log.append([Access(now, actor.account_id, "seeDues", f"member:{member_id}", target.path)])
        return await _file(uow, actor, member, now, rules)


async def enter_dues(store: Store, actor: Actor, command: EnterDues, now: float) -> list[DuesEntry]:
    """All of them or none. Refusals: duesMonthsWrong, duesDayWrong, duesMonthPaid, duesNotOwed; params: member (number)."""
    async with store.writing() as uow:
        made: list[DuesEntry] = []
        members = [await member_for(uow, actor, one, Action.RECORD_DUES) for one in dict.fromkeys(command.member_ids)]
        standings = await uow.dues.standings([one.member_id for one in members])
        for member in members:
            entry = DuesEntry(
                secrets.token_hex(12),
                member.member_id,
                command.from_month,
                command.to_month,
                command.paid_on,
                _amount(command, standings.get(member.member_id)),
                now,
                actor.account_id,
            )
            made.append(await enter(uow, actor, member, entry, now))
    return made


def _amount(command: EnterDues, found: DuesStanding | None) -> int | None:
    if command.amount_fen is not None or found is None or found.monthly_fen is None:
        return command.amount_fen
    return found.monthly_fen * max(1, len(_months(command)))


def _months(command: EnterDues) -> list[str]:
    try:
        return months_between(command.from_month, command.to_month)
    except ValueError:
        return []  # the rule will say what is wrong with them


async def enter(uow: UnitOfWork, actor: Actor, member: Member, entry: DuesEntry, now: float) -> DuesEntry:
    """One line of somebody who owes dues, inside a transaction."""
    await _owing(uow, member)
    others = (await uow.dues.entries([member.member_id])).get(member.member_id, [])
    if wrong := wrong_entry(entry, member.number, others, day_of(now)):
        raise refusal_of(wrong)
    await uow.dues.add([entry])
    await _keep(uow, member.member_id)
    await _log(uow, actor, member, "enterDues", now, months=f"{entry.from_month}–{entry.to_month}", entry=entry.entry_id)
    return entry


async def correct_dues(store: Store, actor: Actor, command: CorrectDues, now: float) -> DuesEntry:
    """Another line in place of one. Refusals: NotFound, ReasonMissing, duesLineReplaced, and those of entering."""
    async with store.writing() as uow:
        old = await uow.dues.entry(command.entry_id)
        if old is None:
            raise NotFound(noun="duesEntry", id=command.entry_id)
        member = await member_for(uow, actor, old.member_id, Action.RECORD_DUES)
        if not command.reason.strip():
            raise ReasonMissing
        lines = (await uow.dues.entries([member.member_id]))[member.member_id]
        if old.withdrawn or any(one.corrects == old.entry_id for one in lines):
            raise refusal_of(declined("duesLineReplaced"))
        made = _corrected(old, command, actor, now)
        others = [one for one in lines if one.entry_id != old.entry_id]
        if not made.withdrawn and (wrong := wrong_entry(made, member.number, others, day_of(now))):
            raise refusal_of(wrong)
        await uow.dues.add([made])
        await _keep(uow, member.member_id)
        await _log(uow, actor, member, "correctDues", now, entry=made.entry_id, corrects=old.entry_id)
    return made


def _corrected(old: DuesEntry, command: CorrectDues, actor: Actor, now: float) -> DuesEntry:
    made = replace(
        old,
        entry_id=secrets.token_hex(12),
        entered_at=now,
        entered_by=actor.account_id,
        corrects=old.entry_id,
        withdrawn=command.withdrawn,
        reason=command.reason.strip(),
    )
    if command.withdrawn:
        return made
    return replace(
        made,
        from_month=command.from_month,
        to_month=command.to_month,
        paid_on=command.paid_on or old.paid_on,
        amount_fen=command.amount_fen,
    )


async def set_terms(store: Store, actor: Actor, command: SetTerms, now: float) -> DuesTerms:
    """Refusals: duesMonthsWrong (also for a month to come), duesNotOwed, duesLineReplaced, NotFound."""
    async with store.writing() as uow:
        member = await member_for(uow, actor, command.member_id, Action.RECORD_DUES)
        await _owing(uow, member)
        this_month = month_of(day_of(now))
        if wrong := wrong_months(command.since, command.since, day_of(now)):
            raise refusal_of(wrong)
        if command.since > this_month:
            raise refusal_of(declined("duesMonthsWrong", first=command.since, last=this_month, limit=1))
        before = (await uow.dues.terms([member.member_id])).get(member.member_id, [])
        if command.corrects is not None:
            if all(one.terms_id != command.corrects for one in before):
                raise NotFound(noun="duesTerms", id=command.corrects)
            if any(one.corrects == command.corrects for one in before):
                raise refusal_of(declined("duesLineReplaced"))
        terms = DuesTerms(
            secrets.token_hex(12),
            member.member_id,
            command.since,
            command.group,
            command.monthly_fen,
            command.quarterly,
            now,
            actor.account_id,
            command.corrects,
        )
        await uow.dues.set_terms(terms)
        await _keep(uow, member.member_id)
        await _log(uow, actor, member, "setDuesTerms", now, since=command.since, terms=terms.terms_id)
    return terms


async def _owing(uow: UnitOfWork, member: Member) -> None:
    home = await uow.organisations.get(member.home_branch_id)
    if member.status not in ON_THE_ROLL or home is None or home.kind is OrgKind.TEMPORARY_BRANCH:
        raise refusal_of(declined("duesNotOwed", member=member.number))


async def _keep(uow: UnitOfWork, member_id: str) -> None:
    entries = (await uow.dues.entries([member_id])).get(member_id, [])
    terms = (await uow.dues.terms([member_id])).get(member_id, [])
    found = standing(member_id, terms, entries)
    await uow.dues.keep_standing(member_id, found)


async def _log(uow: UnitOfWork, actor: Actor, member: Member, action: str, now: float, **detail: str) -> None:
    path = (await member_target(uow, member)).path
    await uow.access_log.append([Access(now, actor.account_id, action, f"member:{member.member_id}", path, detail)])


async def _file(uow: UnitOfWork, actor: Actor, member: Member, now: float, rules: DuesRules) -> DuesFile:
    key = member.member_id
    entries, terms = (await uow.dues.entries([key])).get(key, []), (await uow.dues.terms([key])).get(key, [])
    found = standing(key, terms, entries)
    owes = member.status in ON_THE_ROLL
    home = await uow.organisations.get(member.home_branch_id)
    assert home is not None
    return DuesFile(
        member,
        home,
        entries[::-1],
        terms[::-1],
        found,
        next_due(found, rules, day_of(now)) if found and owes else None,
        await names_of(uow, _authors(entries, terms)),
        owes and may(actor, Action.RECORD_DUES, await member_target(uow, member)),
    )


def _authors(entries: Sequence[DuesEntry], terms: Sequence[DuesTerms]) -> set[str]:
    return {one.entered_by for one in entries} | {one.set_by for one in terms}
