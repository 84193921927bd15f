"""Whom to tell: those who act for an organisation today."""

from __future__ import annotations

from collections.abc import Collection

from .access import ACTING_POSTS
from .model import ATTENDING, Member, PostKind, day_of
from .ports import UnitOfWork


async def acting_for(uow: UnitOfWork, org_id: str, now: float, kinds: Collection[PostKind] = ACTING_POSTS) -> list[str]:
    """Member ids of the secretary and the deputies of an organisation, in the order in which they took office."""
    today = day_of(now)
    held = [post for post in await uow.posts.of_org(org_id) if post.kind in kinds and post.held_on(today)]
    people = await uow.members.many({post.member_id for post in held})
    active = [post.member_id for post in held if (one := people.get(post.member_id)) and one.status in ATTENDING]
    return list(dict.fromkeys(active))


async def above_alone(uow: UnitOfWork, member: Member) -> list[str]:
    """Who acts for the organisation above, where a member is the only one to act for the own branch: nobody reads one's own papers."""
    if await _in_office(uow, member.home_branch_id) != [member.member_id]:
        return []
    home = await uow.organisations.get(member.home_branch_id)
    return await _in_office(uow, home.parent_id) if home and home.parent_id else []


async def alone_below(uow: UnitOfWork, org_ids: Collection[str]) -> list[str]:
    """Those who alone act for a branch right below one of these organisations."""
    acting = [await _in_office(uow, unit.org_id) for unit in await uow.organisations.below(org_ids)]
    return [people[0] for people in acting if len(people) == 1]


async def _in_office(uow: UnitOfWork, org_id: str) -> list[str]:
    held = [post.member_id for post in await uow.posts.of_org(org_id) if post.kind in ACTING_POSTS and post.until is None]
    return list(dict.fromkeys(held))
