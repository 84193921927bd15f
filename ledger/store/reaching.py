"""Which rows a reach means, said so that an index answers; and the tree of organisations as a transaction sees it, which tells.

A reach over few organisations becomes their ids; one over the whole tree no condition at all; what lies between a subquery. So the cost of
a list follows what it finds, and not how large the installation is.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from ..model import ON_THE_ROLL, OrgKind, OrgUnit, RecordingRule
from ..ports import Reach
from . import tables
from .marks import Memory
from .rows import Rows
from .tree import Roll, Tree, roll_of

MOST_NAMED = 200  # ids written into a statement; beyond that a subquery is cheaper than sending them
LAST_SIGN = "\U0010ffff"  # after every other: what begins with a text lies between it and it with this behind
ORGANISATIONS = Rows(tables.organisations, OrgUnit, kind=OrgKind, recording_rule=RecordingRule)
_ON_THE_ROLL = sorted(status.value for status in ON_THE_ROLL)


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


class Ground:
    """The tree, and how many are on the roll of each organisation, as one transaction sees them. `memory`: what else the process keeps."""

    def __init__(self, connection: AsyncConnection, memory: Memory) -> None:
        self.memory = memory
        self._connection = connection
        self._own: Tree | None = None  # as this transaction has made it

    async def tree(self) -> Tree:
        if self._own is not None:
            return self._own
        tree = await self.memory.of((tables.organisations,), "tree", self._read)
        if await self.memory.stand((tables.organisations,)) is None:
            self._own = tree
        return tree

    async def roll(self) -> Roll:
        return await self.memory.of((tables.organisations, tables.members), "roll", self._count)

    async def where(self, reach: Reach) -> Where:
        if reach == Reach():
            return Where(reach, (), False)
        tree = await self.tree()
        if reach.everywhere or tree.is_whole(reach.paths):
            return Where(reach, None, True)
        found = tree.within(reach)
        return Where(reach, [unit.org_id for unit in found] if len(found) <= MOST_NAMED else None, False)

    async def mark(self) -> str:
        stand = await self.memory.stand((tables.organisations,))
        tree = stand[0] if stand else secrets.token_hex(16)  # what is not committed yet may still become anything
        return f"{tree}-{(await self.roll()).digest}"

    def moved(self) -> None:
        """The transaction is about to change the tree."""
        self._own = None

    async def _read(self) -> Tree:
        return Tree([ORGANISATIONS.read(row) for row in await self._connection.execute(ORGANISATIONS.select())])

    async def _count(self) -> Roll:
        member = tables.members.c
        query = select(member.home_branch_id, func.count()).where(member.status.in_(_ON_THE_ROLL)).group_by(member.home_branch_id)
        return roll_of(await self.tree(), {row[0]: row[1] for row in await self._connection.execute(query)})


def below(path: Any, prefix: str) -> ColumnElement[bool]:
    """A subtree as a range: every path ends in "/", and "0" is the sign after "/"."""
    return (path >= prefix) & (path < prefix[:-1] + "0") if prefix else false()


def places(reach: Reach) -> Select[Any]:
    """Ids of the organisations within reach."""
    return select(tables.organisations.c.org_id).where(_lies_within(reach))


def _lies_within(reach: Reach) -> ColumnElement[bool]:
    """Of an organisation."""
    if reach.everywhere:
        return true()
    column, named = tables.organisations.c, sorted(reach.org_ids)
    parts: list[ColumnElement[bool]] = [below(column.path, path) for path in reach.paths]
    if named:
        groups = (column.kind == OrgKind.PARTY_GROUP.value) & column.parent_id.in_(named)
        parts += [column.org_id.in_(named), groups]
    return or_(false(), *parts)
