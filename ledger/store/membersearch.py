"""The members' list in SQL: which rows a query means, so that its cost follows what is found and not how large the installation is.

A reach over few organisations becomes a list of their ids, which an index answers; one over the whole tree becomes no condition at all.
Names are found by any part of them through `name_ends`, every end of a name as a row; numbers by their beginning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from ..model import Member, OrgKind
from ..ports import MemberQuery, Reach
from . import tables
from .rows import PIECE, chunks
from .sql_people import LAST_SIGN, places
from .tables_files import name_ends

MOST_NAMED = 200  # ids written into a statement; beyond that a subquery is cheaper than sending them


async def matching(connection: AsyncConnection, query: MemberQuery) -> ColumnElement[bool]:
    member = tables.members.c
    parts = [await _touches(connection, query.reach, groups=bool(query.reach.org_ids))]
    if query.within is not None:
        group = query.within.kind is OrgKind.PARTY_GROUP
        parts.append(await _touches(connection, Reach(paths=(query.within.path,)), groups=group))
    if query.text:
        parts.append(named(query.text.lower()))
    exact = {"stage": query.stage, "status": query.status, "sex": query.sex, "education": query.education, "exempt": query.exempt}
    parts += [member[name] == value for name, value in exact.items() if value is not None]
    if query.floating is not None:
        parts.append(member.host_branch_id.is_not(None) if query.floating else member.host_branch_id.is_(None))
    if query.born_from is not None:
        parts.append(member.born_on >= query.born_from)
    if query.born_until is not None:
        parts.append(member.born_on < query.born_until)
    return and_(*parts)


async def write_ends(connection: AsyncConnection, members: Sequence[Member], before: Collection[Member] = ()) -> None:
    """The ends of new members' names, and of those whose name or number is no longer as before."""
    known = {one.member_id: one for one in before}
    changed = [one for one in members if _ends(one) != (_ends(known[one.member_id]) if one.member_id in known else set())]
    for chunk in chunks(one.member_id for one in changed if one.member_id in known):
        await connection.execute(delete(name_ends).where(name_ends.c.member_id.in_(chunk)))
    rows = [{"name_end": end, "member_id": one.member_id} for one in changed for end in sorted(_ends(one))]
    for start in range(0, len(rows), PIECE):
        await connection.execute(insert(name_ends), rows[start : start + PIECE])


def ends_of(name: str, number: str) -> set[str]:
    plain = name.lower()
    return {plain[place:] for place in range(len(plain))} | {number.lower()}


def _ends(member: Member) -> set[str]:
    return ends_of(member.name, member.number)


def named(text: str) -> ColumnElement[bool]:
    end = name_ends.c.name_end
    return tables.members.c.member_id.in_(select(name_ends.c.member_id).where((end >= text) & (end < text + LAST_SIGN)))


async def _touches(connection: AsyncConnection, reach: Reach, *, groups: bool) -> ColumnElement[bool]:
    """Home, host or Party group within reach. A group hangs under the home branch, so that subtrees of branches need not ask for it."""
    if reach.everywhere or await _is_whole(connection, reach.paths):
        return true()
    ids: Sequence[str] = (await connection.execute(places(reach).limit(MOST_NAMED + 1))).scalars().all()
    member = tables.members.c
    columns = [member.home_branch_id, member.host_branch_id, *([member.group_id] if groups else [])]
    return or_(*(column.in_(ids if len(ids) <= MOST_NAMED else places(reach)) for column in columns))


async def _is_whole(connection: AsyncConnection, paths: Iterable[str]) -> bool:
    tops = (await connection.execute(select(tables.organisations.c.path).where(tables.organisations.c.parent_id.is_(None)))).scalars().all()
    return bool(tops) and set(tops) <= set(paths)
