"""`python -m ledger account` and `role`: log-ins without a member, and offices, from the machine itself: the first security administrator
has to come from somewhere."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from ..access import OPERATOR
from ..actions.accounts import CreateAccount, GrantRole, create_account, grant_role, normal_username, revoke_role
from ..model import RoleKind
from ..ports import Store
from ..refusals import NotFound
from .opening import with_store

if TYPE_CHECKING:
    from .opening import Subparsers

ROLES = tuple(role.value for role in RoleKind if role is not RoleKind.MEMBER)


def register(commands: Subparsers) -> None:
    account = commands.add_parser("account", help="make a log-in without a member, with a one-time password")
    account.add_argument("username")
    account.set_defaults(run=run_account)
    role = commands.add_parser("role", help="grant or revoke an office of an account")
    role.add_argument("what", choices=("grant", "revoke"))
    role.add_argument("username")
    role.add_argument("role", choices=ROLES)
    role.add_argument("--org", metavar="CODE", help="code of the organisation, for orgAdmin and auditor")
    role.set_defaults(run=run_role)


async def run_account(arguments: argparse.Namespace, url: str) -> int:
    async def make(store: Store) -> int:
        made = await create_account(store, OPERATOR, CreateAccount(arguments.username), time.time())
        print(f"{made.account.username}  一次性密码 · one-time password: {made.password}")
        return 0

    return await with_store(url, make)


async def run_role(arguments: argparse.Namespace, url: str) -> int:
    async def change(store: Store) -> int:
        command = await _command(store, arguments)
        if arguments.what == "grant":
            await grant_role(store, OPERATOR, command, time.time())
        else:
            await revoke_role(store, OPERATOR, command, time.time())
        print(f"{arguments.what} {arguments.role} {arguments.username}")
        return 0

    return await with_store(url, change)


async def _command(store: Store, arguments: argparse.Namespace) -> GrantRole:
    name = normal_username(arguments.username)
    async with store.reading() as uow:
        account = (await uow.accounts.by_usernames([name])).get(name)
        org = await uow.organisations.by_code(arguments.org) if arguments.org else None
    if account is None:
        raise NotFound(noun="account", id=name)
    if arguments.org and org is None:
        raise NotFound(noun="organisation", id=arguments.org)
    return GrantRole(account.account_id, RoleKind(arguments.role), org.org_id if org else None)
