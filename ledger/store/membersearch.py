"""The members' list in SQL: which rows a query means, so that its cost follows what is found and not how large the installation is.

Names are found by any part of them through `name_ends`, every end of a name as a row; numbers by their beginning.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..model import Member, OrgKind
from ..ports import MemberQuery, Reach
from . import tables
from .reaching import LAST_SIGN, Ground
from .rows import PIECE, chunks
from .tables_files import name_ends

MANY_ENDS = 5_000  # beyond that those who bear the text are looked for among the members, not the members among them


async def matching(connection: AsyncConnection, ground: Ground, query: MemberQuery) -> list[ColumnElement[bool]]:
    """Conditions; none where everybody is meant."""
    member = tables.members.c
    parts = await _touches(ground, query.reach, groups=bool(query.reach.org_ids))
    if query.within is not None:
        group = query.within.kind is OrgKind.PARTY_GROUP
        parts += await _touches(ground, Reach(paths=(query.within.path,)), groups=group)
    if query.text:
        parts.append(await _named(connection, query.text.lower()))
    exact = {"stage": query.stage, "status": query.status, "sex": query.sex, "education": query.education, "exempt": query.exempt}
    parts += [member[name] == value for name, value in exact.items() if value is not None]
    if query.floating is not None:
        parts.append(member.host_branch_id.is_not(None) if query.floating else member.host_branch_id.is_(None))
    if query.born_from is not None:
        parts.append(member.born_on >= query.born_from)
    if query.born_until is not None:
        parts.append(member.born_on < query.born_until)
    return parts


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


def bearing(text: str) -> ColumnElement[bool]:
    """Of an end of a name: it begins with the text, which is in lower case."""
    end = name_ends.c.name_end
    return (end >= text) & (end < text + LAST_SIGN)


def named(text: str) -> ColumnElement[bool]:
    """Of a member: those who bear the text are looked up first."""
    return tables.members.c.member_id.in_(select(name_ends.c.member_id).where(bearing(text)))


async def _named(connection: AsyncConnection, text: str) -> ColumnElement[bool]:
    some = select(name_ends.c.member_id).where(bearing(text)).limit(MANY_ENDS + 1).subquery()
    if (await connection.scalar(select(func.count()).select_from(some)) or 0) <= MANY_ENDS:
        return named(text)
    return exists().where((name_ends.c.member_id == tables.members.c.member_id) & bearing(text))


async def _touches(ground: Ground, reach: Reach, *, groups: bool) -> list[ColumnElement[bool]]:
    """Home, host or Party group within reach. A group hangs under the home branch, so that subtrees of branches need not ask for it."""
    here, member = await ground.where(reach), tables.members.c
    if here.whole:
        return []
    columns = [member.home_branch_id, member.host_branch_id, *([member.group_id] if groups else [])]
    return [or_(*(here.holds(column) for column in columns))]
