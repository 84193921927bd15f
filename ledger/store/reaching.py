"""Which rows a reach means, said so that an index answers: asked of the tree once for each list.

A reach over few organisations becomes their ids; one over the whole tree no condition at all; what lies between a subquery. So the cost of
a list follows what it finds, and not how large the installation is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from ..ports import Reach
from . import tables
from .sql_people import places

MOST_NAMED = 200  # ids written into a statement; beyond that a subquery is cheaper than sending them


@dataclass(frozen=True, slots=True)
class Where:
    """`ids`: of few organisations; None of many. `whole`: every organisation there is."""

    reach: Reach
    ids: Sequence[str] | None
    whole: bool

    def holds(self, org_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """Of a column that names an organisation, and may name none."""
        if self.whole:
            return true()
        if self.ids is None:
            return org_id.in_(places(self.reach))
        return org_id.in_(self.ids) if self.ids else false()

    def named(self, org_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """The same of a column where no organisation is not within reach."""
        return org_id.is_not(None) if self.whole else self.holds(org_id)


async def where(connection: AsyncConnection, reach: Reach) -> Where:
    if reach == Reach():
        return Where(reach, (), False)
    if reach.everywhere or await _is_whole(connection, reach.paths):
        return Where(reach, None, True)
    ids: Sequence[str] = (await connection.execute(places(reach).limit(MOST_NAMED + 1))).scalars().all()
    return Where(reach, ids if len(ids) <= MOST_NAMED else None, False)


async def _is_whole(connection: AsyncConnection, paths: Sequence[str]) -> bool:
    if not paths:
        return False
    tops = (await connection.execute(select(tables.organisations.c.path).where(tables.organisations.c.parent_id.is_(None)))).scalars().all()
    return bool(tops) and set(tops) <= set(paths)
