"""Members' files, change requests and saved lists in SQL. The doors and their promises are in `ledger.fileports`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, exists, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..memberfile import ID_NUMBER, ChangeRequest, EntryKind, FileChange, FileEntry, How, MemberFile, SavedList
from ..model import LOOKED_AFTER, Decision
from ..ports import Reach
from ..privacy import DataRequest, DataRequestKind
from . import tables
from .reaching import Ground
from .rows import Rows, chunks
from .tables_files import change_requests, data_requests, file_changes, file_entries, member_files, saved_lists

FILES = Rows(member_files, MemberFile)
ENTRIES = Rows(file_entries, FileEntry, kind=EntryKind)
CHANGES = Rows(file_changes, FileChange, how=How)
REQUESTS = Rows(change_requests, ChangeRequest, decision=Decision)
LISTS = Rows(saved_lists, SavedList)
DATA_REQUESTS = Rows(data_requests, DataRequest, kind=DataRequestKind)


class SqlFiles:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, member_id: str) -> MemberFile | None:
        return (await self.many([member_id])).get(member_id)

    async def many(self, member_ids: Collection[str]) -> dict[str, MemberFile]:
        found = [one for chunk in chunks(member_ids) for one in await self._all(member_files.c.member_id.in_(chunk))]
        return {one.member_id: one for one in found}

    async def save(self, files: Sequence[MemberFile]) -> None:
        last = {one.member_id: one for one in files}
        known = await self.many(last)
        new = [one for key, one in last.items() if key not in known]
        for piece in FILES.write_pieces(new):
            await self._connection.execute(insert(member_files), piece)
        for one in last.values():
            if one.member_id in known and one != known[one.member_id]:
                where = member_files.c.member_id == one.member_id
                await self._connection.execute(update(member_files).where(where).values(FILES.write(one)))

    async def by_index(self, indexes: Collection[str]) -> list[MemberFile]:
        return [one for chunk in chunks(indexes) for one in await self._all(member_files.c.id_index.in_(chunk))]

    async def sealed_after(self, member_id: str, limit: int) -> list[MemberFile]:
        where = (member_files.c.member_id > member_id) & member_files.c.id_sealed.is_not(None)
        query = FILES.select().where(where).order_by(member_files.c.member_id).limit(limit)
        return [FILES.read(row) for row in await self._connection.execute(query)]

    async def entry(self, entry_id: str) -> FileEntry | None:
        row = (await self._connection.execute(ENTRIES.select().where(file_entries.c.entry_id == entry_id))).first()
        return ENTRIES.read(row) if row else None

    async def entries(self, member_id: str) -> list[FileEntry]:
        column = file_entries.c
        query = ENTRIES.select().where(column.member_id == member_id).order_by(column.kind, column.since, column.entry_id)
        return [ENTRIES.read(row) for row in await self._connection.execute(query)]

    async def save_entry(self, entry: FileEntry) -> None:
        await self.remove_entry(entry.entry_id)
        await self._connection.execute(insert(file_entries), ENTRIES.write(entry))

    async def remove_entry(self, entry_id: str) -> None:
        await self._connection.execute(delete(file_entries).where(file_entries.c.entry_id == entry_id))

    async def append_changes(self, changes: Sequence[FileChange]) -> None:
        for piece in CHANGES.write_pieces(changes):
            await self._connection.execute(insert(file_changes), piece)

    async def changes(self, member_id: str, page: int = 1, page_size: int = 50) -> tuple[list[FileChange], int]:
        where = file_changes.c.member_id == member_id
        total = await self._connection.scalar(select(func.count()).select_from(file_changes).where(where))
        query = CHANGES.select().where(where).order_by(file_changes.c.line.desc()).limit(page_size).offset((page - 1) * page_size)
        return [CHANGES.read(row) for row in await self._connection.execute(query)], total or 0

    async def batch(self, batch: str) -> list[FileChange]:
        query = CHANGES.select().where(file_changes.c.batch == batch).order_by(file_changes.c.line)
        return [CHANGES.read(row) for row in await self._connection.execute(query)]

    async def left_before(self, instant: float, limit: int) -> list[str]:
        column = file_changes.c
        left = select(column.member_id).where(column.field == "status").group_by(column.member_id).having(func.max(column.at) < instant)
        member = tables.members.c
        off_the_roll = member.status.not_in([status.value for status in LOOKED_AFTER])
        query = select(member.member_id).where(off_the_roll & member.member_id.in_(left)).order_by(member.member_id).limit(limit)
        rows = await self._connection.execute(query)
        return list(rows.scalars())

    async def forget(self, member_id: str) -> int:
        gone = 0
        for table in (file_entries, file_changes, member_files):
            gone += (await self._connection.execute(delete(table).where(table.c.member_id == member_id))).rowcount
        return gone

    async def _all(self, where: ColumnElement[bool]) -> list[MemberFile]:
        return [FILES.read(row) for row in await self._connection.execute(FILES.select().where(where))]


class SqlChangeRequests:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, request_id: str) -> ChangeRequest | None:
        found = await self._all(change_requests.c.request_id == request_id)
        return found[0] if found else None

    async def save(self, request: ChangeRequest) -> None:
        await self._connection.execute(delete(change_requests).where(change_requests.c.request_id == request.request_id))
        await self._connection.execute(insert(change_requests), _written(request))

    async def of_member(self, member_id: str) -> list[ChangeRequest]:
        return list(reversed(await self._all(change_requests.c.member_id == member_id)))

    async def pending(self, reach: Reach, page: int = 1, page_size: int = 50) -> tuple[list[ChangeRequest], int]:
        column = change_requests.c
        wanted = _is_open() & await _of_members(self._ground, column.member_id, reach)
        total = await self._connection.scalar(select(func.count()).select_from(change_requests).where(wanted))
        query = REQUESTS.select().where(wanted).order_by(column.at, column.request_id)
        rows = await self._connection.execute(query.limit(page_size).offset((page - 1) * page_size))
        return [_read(row) for row in rows], total or 0

    async def remove_over(self, instant: float) -> int:
        return (await self._connection.execute(delete(change_requests).where(~_is_open() & (change_requests.c.at < instant)))).rowcount

    async def all_sealed(self) -> list[ChangeRequest]:
        return [one for one in await self._all(_is_open()) if one.changes.get(ID_NUMBER)]

    async def _all(self, where: ColumnElement[bool]) -> list[ChangeRequest]:
        query = REQUESTS.select().where(where).order_by(change_requests.c.at, change_requests.c.request_id)
        return [_read(row) for row in await self._connection.execute(query)]


def _is_open() -> ColumnElement[bool]:
    return (change_requests.c.decision == Decision.PENDING.value) & change_requests.c.withdrawn.is_(False)


def _written(request: ChangeRequest) -> Mapping[str, Any]:
    entry = None if request.entry is None else _json(request.entry)
    return REQUESTS.write(request) | {"changes": _json(request.changes), "entry": entry}


def _read(row: Row[Any]) -> ChangeRequest:
    values = dict(row._mapping)
    values["changes"] = json.loads(values["changes"])
    values["entry"] = None if values["entry"] is None else json.loads(values["entry"])
    return ChangeRequest(**(values | {"decision": Decision(values["decision"])}))


class SqlSavedLists:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, list_id: str) -> SavedList | None:
        found = await self._all(saved_lists.c.list_id == list_id)
        return found[0] if found else None

    async def of_account(self, account_id: str) -> list[SavedList]:
        return sorted(await self._all(saved_lists.c.account_id == account_id), key=lambda one: (one.name, one.list_id))

    async def add(self, saved: SavedList) -> None:
        await self._connection.execute(insert(saved_lists), LISTS.write(saved) | {"query": _json(saved.query)})

    async def remove(self, list_id: str) -> None:
        await self._connection.execute(delete(saved_lists).where(saved_lists.c.list_id == list_id))

    async def _all(self, where: ColumnElement[bool]) -> list[SavedList]:
        rows = await self._connection.execute(LISTS.select().where(where))
        return [SavedList(row.list_id, row.account_id, row.name, json.loads(row.query), row.saved_at) for row in rows]


class SqlDataRequests:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, request_id: str) -> DataRequest | None:
        found = await self._all(DATA_REQUESTS.select().where(data_requests.c.request_id == request_id))
        return found[0] if found else None

    async def save(self, request: DataRequest) -> None:
        await self._connection.execute(delete(data_requests).where(data_requests.c.request_id == request.request_id))
        await self._connection.execute(insert(data_requests), DATA_REQUESTS.write(request))

    async def of_member(self, member_id: str) -> list[DataRequest]:
        column = data_requests.c
        query = DATA_REQUESTS.select().where(column.member_id == member_id)
        return await self._all(query.order_by(column.raised_at.desc(), column.request_id))

    async def waiting(self, reach: Reach, page: int = 1, page_size: int = 50) -> tuple[list[DataRequest], int]:
        column = data_requests.c
        wanted = column.answered_at.is_(None) & await _of_members(self._ground, column.member_id, reach)
        total = await self._connection.scalar(select(func.count()).select_from(data_requests).where(wanted))
        query = DATA_REQUESTS.select().where(wanted).order_by(column.raised_at, column.request_id)
        return await self._all(query.limit(page_size).offset((page - 1) * page_size)), total or 0

    async def remove_answered(self, instant: float) -> int:
        return (await self._connection.execute(delete(data_requests).where(data_requests.c.answered_at < instant))).rowcount

    async def _all(self, query: Select[Any]) -> list[DataRequest]:
        return [DATA_REQUESTS.read(row) for row in await self._connection.execute(query)]


async def _of_members(ground: Ground, member_id: ColumnElement[Any], reach: Reach) -> ColumnElement[bool]:
    """Of few branches the members are looked up first; of many each open request is asked whose it is, since few are open at a time."""
    here, member = await ground.where(reach), tables.members.c
    if here.whole:
        return true()
    if here.ids is not None:
        return member_id.in_(select(member.member_id).where(here.holds(member.home_branch_id)))
    return exists().where((member.member_id == member_id) & here.holds(member.home_branch_id))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
