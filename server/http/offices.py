"""Accounts and offices for the security administrator."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.actions import accounts, offices
from ledger.model import OrgUnit, RoleKind
from server.http.call import Call
from server.schemas import privacy as p
from server.schemas.accounts import Grant, OneTimePassword
from server.schemas.base import Done


async def search(call: Call, query: p.AccountSearch) -> p.OfficeAccountPage:
    found = await offices.list_accounts(call.store, call.actor, query.q, query.offices, query.page, query.page_size)
    items = [_line(one, found.units) for one in found.lines]
    return p.OfficeAccountPage(items=items, total=found.total, page=query.page, page_size=query.page_size)


async def create(call: Call, body: p.NewOfficeAccount) -> OneTimePassword:
    made = await accounts.create_account(call.store, call.actor, accounts.CreateAccount(body.username), call.now)
    return OneTimePassword(account_id=made.account.account_id, username=made.account.username, password=made.password or "")


async def grant(call: Call, body: p.GrantChange) -> Done:
    await accounts.grant_role(call.store, call.actor, _command(body), call.now)
    return Done()


async def revoke(call: Call, body: p.GrantChange) -> Done:
    await accounts.revoke_role(call.store, call.actor, _command(body), call.now)
    return Done()


async def enable(call: Call) -> Done:
    await accounts.set_disabled(call.store, call.actor, call.ids["accountId"], False, call.now)
    return Done()


async def lift_lock(call: Call) -> Done:
    await offices.lift_lock(call.store, call.actor, call.ids["accountId"], call.now)
    return Done()


async def state(call: Call) -> p.SecurityState:
    line, digest = await offices.log_head(call.store, call.actor)
    ring = call.house.sealer.ring
    keys = [p.KeyLine(key=key, in_use=key == ring.primary) for key in ring.keys]
    return p.SecurityState(cipher=call.house.settings.cipher, keys=keys, log_line=line, log_hash=digest)


def _command(body: p.GrantChange) -> accounts.GrantRole:
    return accounts.GrantRole(body.account_id, RoleKind(body.role), body.org_id)


def _line(one: offices.OfficeLine, units: Mapping[str, OrgUnit]) -> p.OfficeAccount:
    grants = [
        Grant(role=held.role.value, org_id=held.org_id, org_name=units[held.org_id].name if held.org_id and held.org_id in units else None)
        for held in one.grants
    ]
    account = one.account
    return p.OfficeAccount(
        account_id=account.account_id,
        username=account.username,
        member_name=one.member_name,
        disabled=account.disabled,
        grants=grants,
    )
