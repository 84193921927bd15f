"""Records to rows and back: a table and a frozen record of the same field names, with enums as their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

Record = TypeVar("Record")
# Both databases bind at most 32,766 values in one statement.
CHUNK = 10_000
# Rows handed over at once: preparing them holds up the event loop, a thousand for about ten milliseconds.
PIECE = 1_000


class Rows(Generic[Record]):
    """`enums`: field name → enum, for those that are one."""

    def __init__(self, table: Table, record: type[Record], **enums: type[StrEnum]) -> None:
        self.table = table
        self._record = record
        self._names = [field.name for field in fields(record)]  # type: ignore[arg-type]
        self._columns = [table.c[name] for name in self._names]
        # Looked up and not called: reading a record is most of what a page computes.
        self._enums = [(self._names.index(name), {one.value: one for one in enum}) for name, enum in enums.items()]

    def select(self) -> Select[Any]:
        return select(*self._columns)

    def read(self, row: Row[Any]) -> Record:
        values: list[Any] = list(row)
        for place, members in self._enums:
            if values[place] is not None:
                values[place] = members[values[place]]
        return self._record(*values)

    def write(self, record: Record) -> dict[str, Any]:
        values = {name: getattr(record, name) for name in self._names}
        return {name: value.value if isinstance(value, StrEnum) else value for name, value in values.items()}

    def write_all(self, records: Iterable[Record]) -> list[Mapping[str, Any]]:
        return [self.write(record) for record in records]

    def write_pieces(self, records: Sequence[Record]) -> Iterator[list[Mapping[str, Any]]]:
        for start in range(0, len(records), PIECE):
            yield self.write_all(records[start : start + PIECE])

    async def by(self, name: str, keys: Iterable[str], order: Sequence[str], connection: AsyncConnection) -> dict[str, list[Record]]:
        """Value of a column → the records that have it, in the order of these columns; nothing for values that no record has."""
        columns, found = self.table.c, dict[str, list[Record]]()
        for chunk in chunks(keys):
            query = self.select().where(columns[name].in_(chunk)).order_by(*(columns[one] for one in order))
            for one in map(self.read, await connection.execute(query)):
                found.setdefault(getattr(one, name), []).append(one)
        return found


def chunks(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """Distinct values in pieces that fit one statement; nothing for nothing."""
    distinct = sorted(set(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]
