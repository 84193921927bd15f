"""Whom to tell: those who act for an organisation today."""

from __future__ import annotations

from collections.abc import Collection

from .access import ACTING_POSTS
from .model import ATTENDING, PostKind, day_of
from .ports import UnitOfWork


async def acting_for(uow: UnitOfWork, org_id: str, now: float, kinds: Collection[PostKind] = ACTING_POSTS) -> list[str]:
    """Member ids of the secretary and the deputies of an organisation, in the order in which they took office."""
    today = day_of(now)
    held = [post for post in await uow.posts.of_org(org_id) if post.kind in kinds and post.held_on(today)]
    people = await uow.members.many({post.member_id for post in held})
    active = [post.member_id for post in held if (one := people.get(post.member_id)) and one.status in ATTENDING]
    return list(dict.fromkeys(active))
