"""Transfers in SQL. The door and its promises are in `ledger.transferports`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, false, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..mobility import (
    ENDED_WITHOUT_MOVE,
    MOVED,
    IntroductionLetter,
    Newcomer,
    OrgRelationTransfer,
    Side,
    TransferDuty,
    TransferReceipt,
    TransferState,
)
from ..ports import Reach
from ..rules.transfer import TransferChange
from ..transferports import Letterhead, Part, TransferLine, TransferQuery
from . import tables
from . import tables_transfers as t
from .membersearch import bearing
from .reaching import Ground, Where
from .rows import Rows, chunks
from .tables_files import name_ends

LETTERHEADS = Rows(t.letterheads, Letterhead)
_OVER = sorted(state.value for state in ENDED_WITHOUT_MOVE | MOVED)
_PLAIN = (
    "transfer_id",
    "member_id",
    "from_branch_id",
    "from_committee_id",
    "to_committee_id",
    "to_branch_id",
    "reason",
    "applied_at",
    "state_since",
    "dues_paid_until",
    "national_reference",
    "answer",
    "outside",
    "outside_branch",
    "revision",
)
#: Without an id in the record means null in the row: a foreign key leads somewhere or nowhere.
_EMPTY_IS_NULL = ("from_branch_id", "from_committee_id", "to_committee_id")
_SIDE = {
    Side.HOME: t.transfers.c.from_branch_id,
    Side.HOST: t.transfers.c.to_branch_id,
    Side.HOME_COMMITTEE: t.transfers.c.from_committee_id,
    Side.HOST_COMMITTEE: t.transfers.c.to_committee_id,
}


#: What a count of transfers is taken from.
_COUNTED = (tables.organisations, t.transfers, t.transfer_letters)


class SqlTransfers:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, transfer_id: str) -> OrgRelationTransfer | None:
        found = await self._all(select(t.transfers).where(t.transfers.c.transfer_id == transfer_id))
        return found[0] if found else None

    async def add(self, transfer: OrgRelationTransfer, lines: Sequence[TransferLine]) -> None:
        await self._connection.execute(insert(t.transfers), _row(transfer))
        await self._papers(transfer)
        if lines:
            await self._connection.execute(insert(t.transfer_lines), [_line_row(line) for line in lines])

    async def save(self, transfer: OrgRelationTransfer, seen_revision: int, line: TransferLine) -> bool:
        column = t.transfers.c
        seen = (column.transfer_id == transfer.transfer_id) & (column.revision == seen_revision)
        done = await self._connection.execute(update(t.transfers).where(seen).values(_row(transfer)))
        if done.rowcount != 1:
            return False
        for table in (t.transfer_letters, t.transfer_receipts):
            await self._connection.execute(delete(table).where(table.c.transfer_id == transfer.transfer_id))
        await self._papers(transfer)
        await self._connection.execute(insert(t.transfer_lines), _line_row(line))
        return True

    async def of_member(self, member_id: str) -> list[OrgRelationTransfer]:
        column = t.transfers.c
        query = select(t.transfers).where(column.member_id == member_id)
        return await self._all(query.order_by(column.applied_at, column.transfer_id))

    async def open_of(self, member_ids: Collection[str]) -> dict[str, OrgRelationTransfer]:
        found: list[OrgRelationTransfer] = []
        for chunk in chunks(member_ids):
            wanted = t.transfers.c.member_id.in_(chunk) & t.transfers.c.state.not_in(_OVER)
            found += await self._all(select(t.transfers).where(wanted))
        return {one.member_id: one for one in found}

    async def by_code(self, verification_code: str) -> OrgRelationTransfer | None:
        letter = t.transfer_letters.c
        found = await self._connection.scalar(select(letter.transfer_id).where(letter.verification_code == verification_code))
        return await self.get(found) if found else None

    async def numbers_of(self, committee_id: str, starting: str = "") -> list[str]:
        letter = t.transfer_letters.c
        wanted = (letter.committee_id == committee_id) & letter.number.startswith(starting, autoescape=True)
        return [row[0] for row in await self._connection.execute(select(letter.number).where(wanted).order_by(letter.number))]

    async def numbers_from(self, outside: str) -> list[str]:
        letter, column = t.transfer_letters.c, t.transfers.c
        query = select(letter.number).join(t.transfers, column.transfer_id == letter.transfer_id)
        wanted = column.from_committee_id.is_(None) & (column.outside == outside)
        return [row[0] for row in await self._connection.execute(query.where(wanted).order_by(letter.number))]

    async def history(self, transfer_id: str) -> list[TransferLine]:
        query = select(t.transfer_lines).where(t.transfer_lines.c.transfer_id == transfer_id).order_by(t.transfer_lines.c.line)
        return [_line(row._mapping) for row in await self._connection.execute(query)]

    async def search(self, query: TransferQuery) -> tuple[list[OrgRelationTransfer], int]:
        """Counted apart: a page by itself follows the index on the latest step and ends when it is full."""
        (total,) = await self.counts([query])
        if total <= (query.page - 1) * query.page_size:
            return [], total
        column, wanted = t.transfers.c, _matching(query, await self._heres([query]))
        order = [column.state_since, column.transfer_id] if query.oldest_first else [column.state_since.desc(), column.transfer_id.desc()]
        found = select(t.transfers).where(wanted).order_by(*order)
        return await self._all(found.limit(query.page_size).offset((query.page - 1) * query.page_size)), total

    async def counts(self, queries: Sequence[TransferQuery]) -> list[int]:
        sources = (*_COUNTED, name_ends) if any(query.text for query in queries) else _COUNTED
        keys = [replace(query, page=1, page_size=1, oldest_first=False) for query in queries]
        meant = dict(zip(keys, queries, strict=True))
        return await self._ground.memory.several(sources, keys, lambda asked: self._count([meant[key] for key in asked]))

    async def _count(self, queries: Sequence[TransferQuery]) -> list[int]:
        heres = await self._heres(queries)
        found = [func.coalesce(func.sum(case((_matching(query, heres), 1), else_=0)), 0) for query in queries]
        states = frozenset(state for query in queries for state in _states(query))
        row = (await self._connection.execute(select(*found).select_from(t.transfers).where(_in_states(states)))).one()
        return [int(count) for count in row]

    async def _heres(self, queries: Sequence[TransferQuery]) -> dict[Reach, Where]:
        return {reach: await self._ground.where(reach) for reach in {part.reach for query in queries for part in query.parts}}

    async def in_states(self, states: Collection[TransferState], after: str = "", limit: int = 500) -> list[OrgRelationTransfer]:
        column = t.transfers.c
        wanted = column.state.in_(sorted(state.value for state in states)) & (column.transfer_id > after)
        return await self._all(select(t.transfers).where(wanted).order_by(column.transfer_id).limit(limit))

    async def save_newcomer(self, transfer_id: str, newcomer: Newcomer) -> None:
        own = t.transfers.c.transfer_id == transfer_id
        await self._connection.execute(update(t.transfers).where(own).values(newcomer=_newcomer_text(newcomer)))

    async def letterhead(self, org_id: str) -> Letterhead | None:
        row = (await self._connection.execute(LETTERHEADS.select().where(t.letterheads.c.org_id == org_id))).first()
        return LETTERHEADS.read(row) if row else None

    async def save_letterhead(self, letterhead: Letterhead) -> None:
        await self._connection.execute(delete(t.letterheads).where(t.letterheads.c.org_id == letterhead.org_id))
        await self._connection.execute(insert(t.letterheads), LETTERHEADS.write(letterhead))

    async def _papers(self, transfer: OrgRelationTransfer) -> None:
        if transfer.letters:
            await self._connection.execute(insert(t.transfer_letters), [_letter_row(transfer, n) for n in range(len(transfer.letters))])
        if transfer.receipt is not None:
            row = {**asdict(transfer.receipt), "transfer_id": transfer.transfer_id, "branch_id": transfer.receipt.branch_id or None}
            await self._connection.execute(insert(t.transfer_receipts), row)

    async def _all(self, query: Select[Any]) -> list[OrgRelationTransfer]:
        """Three questions, however many transfers."""
        rows = [dict(row._mapping) for row in await self._connection.execute(query)]
        letters: dict[str, list[IntroductionLetter]] = {}
        receipts: dict[str, TransferReceipt] = {}
        for chunk in chunks(row["transfer_id"] for row in rows):
            letter, receipt = t.transfer_letters.c, t.transfer_receipts.c
            of_these = select(t.transfer_letters).where(letter.transfer_id.in_(chunk)).order_by(letter.transfer_id, letter.place)
            for row in await self._connection.execute(of_these):
                letters.setdefault(row.transfer_id, []).append(_letter(row._mapping))
            for row in await self._connection.execute(select(t.transfer_receipts).where(receipt.transfer_id.in_(chunk))):
                receipts[row.transfer_id] = TransferReceipt(
                    row.letter_number, row.branch_id or "", row.at, row.signed_by, row.outside_branch
                )
        return [_transfer(row, tuple(letters.get(row["transfer_id"], ())), receipts.get(row["transfer_id"])) for row in rows]


def _row(transfer: OrgRelationTransfer) -> dict[str, Any]:
    values = {name: getattr(transfer, name) for name in _PLAIN}
    values |= {name: values[name] or None for name in _EMPTY_IS_NULL}
    return {
        **values,
        "state": transfer.state.value,
        "duty": transfer.duty.value if transfer.duty else None,
        "newcomer": _newcomer_text(transfer.newcomer) if transfer.newcomer else None,
    }


def _newcomer_text(newcomer: Newcomer) -> str:
    return json.dumps(asdict(newcomer), default=str, ensure_ascii=False)


def _transfer(row: dict[str, Any], letters: tuple[IntroductionLetter, ...], receipt: TransferReceipt | None) -> OrgRelationTransfer:
    values = {name: row[name] for name in _PLAIN} | {name: row[name] or "" for name in _EMPTY_IS_NULL}
    newcomer = _newcomer(json.loads(row["newcomer"])) if row["newcomer"] else None
    duty = TransferDuty(row["duty"]) if row["duty"] else None
    state = TransferState(row["state"])
    return OrgRelationTransfer(**values, state=state, letters=letters, receipt=receipt, newcomer=newcomer, duty=duty)


def _newcomer(values: dict[str, Any]) -> Newcomer:
    days = {key: date.fromisoformat(values[key]) if values.get(key) else None for key in ("joined_on", "born_on")}
    return Newcomer(**{**values, **days})


def _letter_row(transfer: OrgRelationTransfer, place: int) -> dict[str, Any]:
    letter = transfer.letters[place]
    values = {**asdict(letter), "verification_code": letter.verification_code or None}
    committee = transfer.from_committee_id or None
    return {
        **values,
        "transfer_id": transfer.transfer_id,
        "place": place,
        "committee_id": committee,
        "last_valid_day": letter.last_valid_day,
    }


def _letter(row: Any) -> IntroductionLetter:
    code = row["verification_code"] or ""
    return IntroductionLetter(row["number"], row["issued_on"], row["valid_days"], row["dues_paid_until"], code, row["void"])


def _receipt(row: Any) -> TransferReceipt:
    return TransferReceipt(row.letter_number, row.branch_id or "", row.at, row.signed_by, row.outside_branch)


def _line_row(line: TransferLine) -> dict[str, Any]:
    change = line.change
    before = change.before.value if change.before else None
    return {**asdict(change), "before": before, "after": change.after.value, "side": change.side.value, "author": line.author}


def _line(row: Any) -> TransferLine:
    before = TransferState(row["before"]) if row["before"] else None
    after, side = TransferState(row["after"]), Side(row["side"])
    change = TransferChange(row["transfer_id"], before, after, row["step"], side, row["at"], row["reason"])
    return TransferLine(change, row["author"])


def _matching(query: TransferQuery, heres: Mapping[Reach, Where]) -> ColumnElement[bool]:
    column = t.transfers.c
    # The states of all parts once more by themselves: an index on them leads to the few that are under way among all there ever were.
    wanted: list[ColumnElement[bool]] = [
        _in_states(_states(query)),
        or_(false(), *(_part(part, heres[part.reach]) for part in query.parts)),
    ]
    if query.waiting_since is not None:
        wanted.append(column.state_since < query.waiting_since)
    if query.letter_until is not None:
        letter = t.transfer_letters.c
        ending = (letter.transfer_id == column.transfer_id) & letter.void.is_(False) & (letter.last_valid_day <= query.letter_until)
        wanted.append(exists(select(letter.transfer_id).where(ending)))
    if query.text:
        wanted.append(_named(query.text, whole=any(heres[part.reach].whole for part in query.parts)))
    return and_(true(), *wanted)


def _part(part: Part, here: Where) -> ColumnElement[bool]:
    column = t.transfers.c
    wanted: list[ColumnElement[bool]] = [here.named(_SIDE[part.side]), _in_states(part.states)]
    if part.lettered:
        wanted.append(exists(select(t.transfer_letters.c.place).where(t.transfer_letters.c.transfer_id == column.transfer_id)))
    return and_(*wanted)


def _states(query: TransferQuery) -> frozenset[TransferState]:
    return frozenset(state for part in query.parts for state in part.states)


def _in_states(states: frozenset[TransferState]) -> ColumnElement[bool]:
    if states == frozenset(TransferState):
        return true()
    return t.transfers.c.state.in_(sorted(state.value for state in states))


def _named(text: str, *, whole: bool) -> ColumnElement[bool]:
    """Over the whole tree those who bear the text are looked up first; within few organisations each of their transfers is looked at."""
    column, letter = t.transfers.c, t.transfer_letters.c
    people, letters = bearing(text.lower()), letter.number.icontains(text, autoescape=True)
    named: tuple[ColumnElement[bool], ...] = (
        exists().where((name_ends.c.member_id == column.member_id) & people),
        exists().where((letter.transfer_id == column.transfer_id) & letters),
    )
    if whole:
        named = (
            column.member_id.in_(select(name_ends.c.member_id).where(people)),
            column.transfer_id.in_(select(letter.transfer_id).where(letters)),
        )
    return or_(*named, column.outside.icontains(text, autoescape=True), column.newcomer.icontains(text, autoescape=True))
