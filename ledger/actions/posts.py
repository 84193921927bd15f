"""Posts: who is secretary, deputy, on the committee, leads a Party group, and from when until when."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, organisation_for
from ..model import ATTENDING, Access, Member, OrgKind, OrgUnit, Post, PostKind
from ..ports import Store, UnitOfWork
from ..refusals import NotAMemberHere, NotFound, PostEndsBeforeStart, PostNotHere, PostTaken

# One holder at a time in one organisation.
SINGLE = frozenset({PostKind.SECRETARY, PostKind.GROUP_LEADER})


@dataclass(frozen=True, slots=True)
class Appoint:
    member_id: str
    org_id: str
    kind: PostKind
    since: date


@dataclass(frozen=True, slots=True)
class EndPost:
    """`until`: the last day in office."""

    post_id: str
    until: date


async def appoint(store: Store, actor: Actor, command: Appoint, now: float) -> Post:
    post = Post(secrets.token_hex(8), command.member_id, command.org_id, command.kind, command.since)
    async with store.writing() as uow:
        org = await organisation_for(uow, actor, command.org_id, appointing(command.kind))
        if (org.kind is OrgKind.PARTY_GROUP) != (command.kind is PostKind.GROUP_LEADER):
            raise PostNotHere(kind=command.kind.value, orgKind=org.kind.value)
        await _check_belongs(uow, await uow.members.get(command.member_id), org, command.member_id)
        await _check_free(uow, post)
        await uow.posts.add(post)
        await uow.access_log.append([_line("appoint", actor, post, org, now)])
    return post


async def end_post(store: Store, actor: Actor, command: EndPost, now: float) -> Post:
    async with store.writing() as uow:
        post = await uow.posts.get(command.post_id)
        if post is None:
            raise NotFound(noun="post", id=command.post_id)
        org = await organisation_for(uow, actor, post.org_id, appointing(post.kind))
        if command.until < post.since:
            raise PostEndsBeforeStart
        post = replace(post, until=command.until)
        await uow.posts.save(post)
        await uow.access_log.append([_line("endPost", actor, post, org, now)])
    return post


def appointing(kind: PostKind) -> Action:
    """Secretary and deputy come from above; the own committee and group leaders are named by the branch itself."""
    return Action.APPOINT if kind in (PostKind.SECRETARY, PostKind.DEPUTY_SECRETARY) else Action.APPOINT_BELOW


async def _check_belongs(uow: UnitOfWork, member: Member | None, org: OrgUnit, member_id: str) -> None:
    if member is None:
        raise NotFound(noun="member", id=member_id)
    home = await uow.organisations.get(member.home_branch_id)
    here = member.group_id == org.org_id if org.kind is OrgKind.PARTY_GROUP else home is not None and home.path.startswith(org.path)
    if not here or member.status not in ATTENDING:
        raise NotAMemberHere(memberId=member_id)


async def _check_free(uow: UnitOfWork, new: Post) -> None:
    for held in await uow.posts.of_org(new.org_id):
        overlaps = held.until is None or held.until >= new.since
        same_place = held.kind is new.kind and (new.kind in SINGLE or held.member_id == new.member_id)
        if overlaps and same_place:
            raise PostTaken(kind=new.kind.value, memberId=held.member_id)


def _line(action: str, actor: Actor, post: Post, org: OrgUnit, now: float) -> Access:
    detail = {"post": post.kind.value, "orgId": org.org_id, "since": post.since.isoformat()}
    if post.until:
        detail["until"] = post.until.isoformat()
    return Access(now, actor.account_id, action, f"member:{post.member_id}", org.path, detail)
