"""Impact assessments and breaches in SQL. The door and its promises are in `ledger.protectionports`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, Select, Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..protection import Assessment, Breach, BreachLine, BreachLineKind, Conclusion, Occasion
from ..retention import Kind
from . import tables_protection as own
from .rows import Rows

LINES = Rows(own.breach_lines, BreachLine, kind=BreachLineKind)


class SqlProtection:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def assessment(self, assessment_id: str) -> Assessment | None:
        query = _select(own.assessments, Assessment).where(own.assessments.c.assessment_id == assessment_id)
        row = (await self._connection.execute(query)).first()
        return _assessment(row) if row else None

    async def add_assessment(self, assessment: Assessment) -> None:
        await self._connection.execute(insert(own.assessments), _written(assessment))

    async def assessments(self) -> list[Assessment]:
        column = own.assessments.c
        query = _select(own.assessments, Assessment).order_by(column.assessed_on.desc(), column.entered_at.desc(), column.assessment_id)
        return [_assessment(row) for row in await self._connection.execute(query)]

    async def breach(self, breach_id: str) -> Breach | None:
        row = (await self._connection.execute(_select(own.breaches, Breach).where(own.breaches.c.breach_id == breach_id))).first()
        return _breach(row) if row else None

    async def add_breach(self, breach: Breach) -> None:
        await self._connection.execute(insert(own.breaches), _written(breach))

    async def save_breach(self, breach: Breach, seen_revision: int) -> bool:
        column = own.breaches.c
        seen = (column.breach_id == breach.breach_id) & (column.revision == seen_revision)
        done = await self._connection.execute(update(own.breaches).where(seen).values(_written(breach)))
        return done.rowcount == 1

    async def breaches(self) -> list[Breach]:
        query = _select(own.breaches, Breach).order_by(own.breaches.c.found_at.desc(), own.breaches.c.breach_id)
        return [_breach(row) for row in await self._connection.execute(query)]

    async def add_line(self, line: BreachLine) -> None:
        await self._connection.execute(insert(own.breach_lines), LINES.write(line))

    async def lines(self, breach_id: str) -> list[BreachLine]:
        query = LINES.select().where(own.breach_lines.c.breach_id == breach_id).order_by(own.breach_lines.c.number)
        return [LINES.read(row) for row in await self._connection.execute(query)]


def _select(table: Table, record: type[Any]) -> Select[Any]:
    return select(*(table.c[one.name] for one in fields(record)))


def _kinds(text: str) -> tuple[Kind, ...]:
    return tuple(Kind(one) for one in text.split(",") if one)


def _assessment(row: Row[Any]) -> Assessment:
    values = dict(row._mapping)
    values |= {"occasion": Occasion(row.occasion), "kinds": _kinds(row.kinds), "conclusion": Conclusion(row.conclusion)}
    return Assessment(**values)


def _breach(row: Row[Any]) -> Breach:
    return Breach(**dict(row._mapping) | {"kinds": _kinds(row.kinds)})


def _written(record: Assessment | Breach) -> Mapping[str, Any]:
    values = {one.name: getattr(record, one.name) for one in fields(record)}
    return {key: getattr(value, "value", value) for key, value in values.items()} | {"kinds": ",".join(record.kinds)}
