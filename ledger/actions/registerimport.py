"""Importing a register, whichever it is: read, laid beside what is stored, complained of row by row, and written in one transaction.

Nothing is written while any row is bad, unless told to leave those out; a dry run writes nothing at all. Importing a file twice changes
nothing the second time, since what a row becomes has an id made of the row.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from ..access import Action, Actor, may, member_target, reach_of
from ..model import Member
from ..ports import Store, UnitOfWork
from ..refusals import Forbidden, Refusal
from ..registerfile import Complaint, Register
from ..rules.declined import SENTENCES as DECLINED


@dataclass(frozen=True, slots=True)
class ImportFile:
    """`skip_bad`: write the good rows and leave out the bad."""

    content: bytes
    filename: str
    dry_run: bool = True
    skip_bad: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """`rows`: with something in them. What was (or, in a dry run, would be) created, is there already, and is left out."""

    dry_run: bool
    rows: int
    created: int
    unchanged: int
    skipped: int
    complaints: tuple[Complaint, ...]
    applied: bool


class DeclinedComplaint(Complaint):
    """A row that a rule declined, in the rule's own words."""

    def sentence(self, locale: str) -> str:
        if self.code in DECLINED:
            _, zh, en = DECLINED[self.code]
            return (zh if locale == "zh" else en).format(**self.params)
        return Complaint.sentence(self, locale)


class NamedRow(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def name(self) -> str: ...


Row = TypeVar("Row", bound=NamedRow)


@dataclass(slots=True)
class Desk(Generic[Row]):
    """One import at work. `member` of the row that is looked at; `complain` puts the row aside."""

    uow: UnitOfWork
    actor: Actor
    now: float
    headings: Mapping[str, str]
    members: Mapping[str, Member]
    complaints: list[Complaint] = field(default_factory=list)
    created: int = 0
    unchanged: int = 0

    def complain(self, row: Row, key: str, code: str, **params: Any) -> None:
        self.complaints.append(DeclinedComplaint(row.line, self.headings.get(key, ""), code, params))

    async def member_of(self, row: Row, action: Action) -> Member | None:
        """Whom the row is about, if the actor may do this for the member; complained of otherwise."""
        member = self.members.get(row.number)
        if member is None or not may(self.actor, action, await member_target(self.uow, member)):
            self.complain(row, "number", "memberUnknown", value=row.number)
            return None
        if row.name and row.name != member.name:
            self.complain(row, "name", "nameDiffers", value=row.number)
            return None
        return member


async def import_register(
    store: Store,
    actor: Actor,
    command: ImportFile,
    now: float,
    action: Action,
    read: Callable[[bytes, str], Register[Row]],
    take: Callable[[Desk[Row], Row], Awaitable[None]],
) -> Imported:
    """Refusal: Forbidden for whoever may do `action` nowhere; where it may be done is asked of every row. `take` writes one row, or
    complains of it. Written rows are undone again where nothing may be written."""
    reach = reach_of(actor, action)
    if not (reach.everywhere or reach.paths or reach.org_ids):
        raise Forbidden(action=action.value)
    register = await asyncio.to_thread(read, command.content, command.filename)
    desk, applied = await _try(store, actor, command, now, register, take)
    complaints = tuple(sorted((*register.complaints, *desk.complaints), key=lambda one: (one.line, one.column)))
    bad = {one.line for one in complaints if one.line > 1}
    return Imported(
        command.dry_run, len({row.line for row in register.rows} | bad), desk.created, desk.unchanged, len(bad), complaints, applied
    )


class _Undone(Exception):
    """Leaves the transaction without a trace."""


async def _try(
    store: Store,
    actor: Actor,
    command: ImportFile,
    now: float,
    register: Register[Row],
    take: Callable[[Desk[Row], Row], Awaitable[None]],
) -> tuple[Desk[Row], bool]:
    """Rows are taken in a transaction even in a dry run, so that a second row meets what the first would have written."""
    desk: Desk[Row] | None = None
    try:
        async with store.writing() as uow:
            desk = Desk(uow, actor, now, register.headings, await uow.members.by_numbers([row.number for row in register.rows]))
            await _take_all(desk, register.rows, take)
            faulty = bool(desk.complaints or register.complaints)
            unreadable = any(one.line <= 1 for one in register.complaints)
            if command.dry_run or unreadable or (faulty and not command.skip_bad):
                raise _Undone
        return desk, True
    except _Undone:
        assert desk is not None
        return desk, False


async def _take_all(desk: Desk[Row], rows: Sequence[Row], take: Callable[[Desk[Row], Row], Awaitable[None]]) -> None:
    for row in rows:
        try:
            await take(desk, row)
        except Refusal as refused:
            desk.complain(row, "number", refused.code, **refused.params)


def row_id(*parts: object) -> str:
    """The id of what a row becomes: the same row, the same id."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]
