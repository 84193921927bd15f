"""Members, their posts and their accounts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ledger.actions import accounts, members, posts
from ledger.model import Education, MemberStatus, PostKind, Stage, day_of
from server.http.call import Call, day, given
from server.http.views import people
from server.schemas.accounts import NewAccount, OneTimePassword
from server.schemas.base import Done
from server.schemas.organisations import MemberChange, MemberPage, MemberView, NewMember, NewPost
from server.schemas.queries import MemberSearch

CLEARS = frozenset({"sex", "joined_on", "phone", "email"})


async def search(call: Call, query: MemberSearch) -> MemberPage:
    command = members.SearchMembers(
        text=query.q,
        org_id=query.org_id,
        stage=Stage(query.stage) if query.stage else None,
        status=MemberStatus(query.status) if query.status else None,
        floating=query.floating,
        page=query.page,
        page_size=query.page_size,
        sex=query.sex,
        education=Education(query.education) if query.education else None,
        exempt=query.exempt,
        age_from=query.age_from,
        age_to=query.age_to,
    )
    found = await members.search_members(call.store, call.actor, command, call.now)
    items = [people.member(line) for line in found.lines]
    return MemberPage(items=items, total=found.total, page=query.page, page_size=query.page_size)


async def create(call: Call, body: NewMember) -> MemberView:
    command = members.CreateMember(**given(body, _READ))
    member = await members.create_member(call.store, call.actor, command, call.now)
    return await _view(call, member.member_id)


async def record(call: Call) -> MemberView:
    return await _view(call, call.ids["memberId"])


async def change(call: Call, body: MemberChange) -> MemberView:
    command = members.ChangeMember(call.ids["memberId"], body.revision, **given(body, _READ, CLEARS))
    await members.change_member(call.store, call.actor, command, call.now)
    return await _view(call, command.member_id)


async def appoint(call: Call, body: NewPost) -> MemberView:
    command = posts.Appoint(call.ids["memberId"], body.org_id, PostKind(body.kind), day("since", body.since))
    await posts.appoint(call.store, call.actor, command, call.now)
    return await _view(call, command.member_id)


async def end_post(call: Call) -> Done:
    command = posts.EndPost(call.ids["postId"], day_of(call.now))
    await posts.end_post(call.store, call.actor, command, call.now)
    return Done()


async def create_account(call: Call, body: NewAccount) -> OneTimePassword:
    command = accounts.CreateAccount(body.username, call.ids["memberId"])
    return _shown(await accounts.create_account(call.store, call.actor, command, call.now))


async def reset_password(call: Call) -> OneTimePassword:
    return _shown(await accounts.reset_password(call.store, call.actor, call.ids["accountId"], call.now))


async def disable_account(call: Call) -> Done:
    await accounts.set_disabled(call.store, call.actor, call.ids["accountId"], True, call.now)
    return Done()


def _shown(made: accounts.OneTimePassword) -> OneTimePassword:
    return OneTimePassword(account_id=made.account.account_id, username=made.account.username, password=made.password or "")


async def _view(call: Call, member_id: str) -> MemberView:
    line = await members.member_record(call.store, call.actor, member_id, call.now)
    return people.member(line)


_READ: dict[str, Callable[[Any], Any]] = {"stage": Stage, "status": MemberStatus, "joined_on": partial(day, "joinedOn")}
