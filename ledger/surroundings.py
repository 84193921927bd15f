"""The few organisations somebody stands in: the own branches and those of one's posts, the Party groups right below, and all above.

Asked for by their ids, so that it costs the same however many other branches an installation has. Whole subtrees, of which somebody has
charge by a grant, are not among them: they are `access.reach_of`'s, and lists are asked for within it.
"""

from __future__ import annotations

from .access import Action, Actor, may, organisation_target
from .model import Access, OrgUnit
from .ports import Reach, UnitOfWork


async def near(uow: UnitOfWork, actor: Actor, action: Action) -> list[OrgUnit]:
    """Those of them for which the actor may do this; parents before children, siblings by code."""
    above = {org_id for path in actor.paths.values() for org_id in path.split("/") if org_id}
    branches = (actor.member.home_branch_id, actor.member.host_branch_id) if actor.member else ()
    own = frozenset(filter(None, branches)) | {post.org_id for post in actor.posts}
    found = await uow.organisations.within(Reach(org_ids=own | above))
    return [unit for unit in found if may(actor, action, organisation_target(unit))]


async def log_taken(uow: UnitOfWork, actor: Actor, reach: Reach, action: str, detail: dict[str, str], now: float) -> None:
    """Somebody took a list of all within reach away."""
    subject, path = await _highest(uow, actor, reach)
    await uow.access_log.append([Access(now, actor.account_id, action, subject, path, detail)])


async def _highest(uow: UnitOfWork, actor: Actor, reach: Reach) -> tuple[str, str]:
    """(subject, path) of what lies within reach, for the log: the branch of a secretary, the highest organisation of an administrator."""
    if reach.paths:
        path = min(reach.paths, key=len)
        return f"org:{path.strip('/').rpartition('/')[2]}", path
    units = await uow.organisations.many(reach.org_ids)
    first = units[min(units)] if units else None
    return (f"org:{first.org_id}", first.path) if first else (f"account:{actor.account_id}", "")
