"""Accounts: who may log in, with which roles. Log-ins and sessions are in `sessions`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from ..access import Action, Actor, Target, member_target, require
from ..model import Access, Account, Member, RoleGrant, RoleKind
from ..passwords import check_strength, hashed, hashed_one_time, one_time_password
from ..ports import Store, UnitOfWork
from ..refusals import (
    Forbidden,
    GrantNeedsOrganisation,
    LastAdministrator,
    MemberHasAccount,
    NotFound,
    OwnGrant,
    UsernameMalformed,
    UsernameTaken,
)
from ..roles import check_separation
from ..rosterwords import USERNAME

# Over an organisation, so meaningless without one.
OVER_ORGANISATIONS = frozenset({RoleKind.ORG_ADMIN, RoleKind.AUDITOR})


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """`password` None: a one-time password is made, to be changed at the first log-in."""

    username: str
    member_id: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """Shown once. `password` is None where the creator chose it."""

    account: Account
    password: str | None


@dataclass(frozen=True, slots=True)
class GrantRole:
    account_id: str
    role: RoleKind
    org_id: str | None = None


async def create_account(store: Store, actor: Actor, command: CreateAccount, now: float) -> OneTimePassword:
    username = normal_username(command.username)
    if command.password is not None:
        check_strength(username, command.password)
    password = command.password or one_time_password()
    password_hash = await hashed(password) if command.password else (await hashed_one_time([password]))[0]
    account = Account(secrets.token_hex(8), username, password_hash, command.member_id, must_change_password=command.password is None)
    async with store.writing() as uow:
        path = await _check_new(uow, actor, account)
        await uow.accounts.add([account])
        await uow.access_log.append([Access(now, actor.account_id, "createAccount", f"account:{account.account_id}", path)])
    return OneTimePassword(account, None if command.password else password)


async def reset_password(store: Store, actor: Actor, account_id: str, now: float) -> OneTimePassword:
    """Gives a one-time password, ends every session of the account and lifts a lock."""
    password = one_time_password()
    password_hash = (await hashed_one_time([password]))[0]
    async with store.writing() as uow:
        account, path = await managed_account(uow, actor, account_id)
        account = replace(account, password_hash=password_hash, must_change_password=True)
        await uow.accounts.save(account)
        await uow.sessions.remove([session.token_hash for session in await uow.sessions.of_account(account_id)])
        await uow.sessions.forget_attempts(account.username)
        await uow.access_log.append([Access(now, actor.account_id, "resetPassword", f"account:{account_id}", path)])
    return OneTimePassword(account, password)


async def set_disabled(store: Store, actor: Actor, account_id: str, disabled: bool, now: float) -> Account:
    """A disabled account cannot log in, and its sessions end at once."""
    async with store.writing() as uow:
        account, path = await managed_account(uow, actor, account_id)
        if disabled and account_id == actor.account_id:
            raise LastAdministrator
        account = replace(account, disabled=disabled)
        await uow.accounts.save(account)
        if disabled:
            await uow.sessions.remove([session.token_hash for session in await uow.sessions.of_account(account_id)])
        action = "disableAccount" if disabled else "enableAccount"
        await uow.access_log.append([Access(now, actor.account_id, action, f"account:{account_id}", path)])
    return account


async def grant_role(store: Store, actor: Actor, command: GrantRole, now: float) -> RoleGrant:
    """Granting twice is granting once. Refusals besides: OwnGrant, RolesConflict, RoleNeedsOwnAccount."""
    if (command.role in OVER_ORGANISATIONS) != (command.org_id is not None):
        raise GrantNeedsOrganisation(role=command.role.value)
    grant = RoleGrant(command.account_id, command.role, command.org_id)
    async with store.writing() as uow:
        path = await _check_grant(uow, actor, grant)
        held = await uow.accounts.grants_of(grant.account_id)
        check_separation(await _account(uow, grant.account_id), held, grant)
        if grant not in held:
            await uow.accounts.grant([grant])
        await uow.access_log.append([_grant_line("grantRole", actor, grant, path, now)])
    return grant


async def revoke_role(store: Store, actor: Actor, command: GrantRole, now: float) -> None:
    """Nobody takes a role from oneself, so that a security administrator always remains."""
    grant = RoleGrant(command.account_id, command.role, command.org_id)
    async with store.writing() as uow:
        path = await _check_grant(uow, actor, grant)
        await uow.accounts.revoke(grant)
        await uow.access_log.append([_grant_line("revokeRole", actor, grant, path, now)])


def normal_username(username: str) -> str:
    """Lower case and stripped, so that nobody has to remember which letters were capitals."""
    username = username.strip().casefold()
    if not is_username(username):
        raise UsernameMalformed
    return username


def is_username(username: str) -> bool:
    """The same in a roster as anywhere else, so that what is exported can be imported."""
    return USERNAME.fullmatch(username) is not None


async def managed_account(uow: UnitOfWork, actor: Actor, account_id: str) -> tuple[Account, str]:
    """The account and the path it belongs to.

    An organisation administrator manages accounts of members below, but not one that reaches further than the administrator does: taking
    over its password would be taking over its rights.
    """
    account = await uow.accounts.get(account_id)
    member = await uow.members.get(account.member_id) if account and account.member_id else None
    if account is None:
        raise NotFound(noun="account", id=account_id)
    path = await _require_managing(uow, actor, member)
    if not actor.is_security_admin:
        await _require_no_further_reach(uow, actor, account, member)
    return account, path


async def _require_managing(uow: UnitOfWork, actor: Actor, member: Member | None) -> str:
    target = await member_target(uow, member) if member else Target(path="")
    require(actor, Action.MANAGE_ACCOUNT, target)
    return target.path


async def _require_no_further_reach(uow: UnitOfWork, actor: Actor, account: Account, member: Member | None) -> None:
    if any(grant.role is not RoleKind.MEMBER for grant in await uow.accounts.grants_of(account.account_id)):
        raise Forbidden(action=Action.MANAGE_ACCOUNT.value)
    for post in await uow.posts.of_members([member.member_id]) if member else []:
        org = await uow.organisations.get(post.org_id)
        if org is not None:
            require(actor, Action.MANAGE_ACCOUNT, Target(path=org.path))


async def _check_new(uow: UnitOfWork, actor: Actor, account: Account) -> str:
    member = await uow.members.get(account.member_id) if account.member_id else None
    if account.member_id and member is None:
        raise NotFound(noun="member", id=account.member_id)
    path = await _require_managing(uow, actor, member)
    if not actor.is_security_admin:
        await _require_no_further_reach(uow, actor, account, member)
    if await uow.accounts.by_usernames([account.username]):
        raise UsernameTaken(username=account.username)
    if member and await uow.accounts.of_members([member.member_id]):
        raise MemberHasAccount(memberId=member.member_id)
    return path


async def _check_grant(uow: UnitOfWork, actor: Actor, grant: RoleGrant) -> str:
    require(actor, Action.GRANT_ROLE, Target(path=""))
    await _account(uow, grant.account_id)
    if grant.account_id == actor.account_id:
        raise OwnGrant
    org = await uow.organisations.get(grant.org_id) if grant.org_id else None
    if grant.org_id and org is None:
        raise NotFound(noun="organisation", id=grant.org_id)
    return org.path if org else ""


async def _account(uow: UnitOfWork, account_id: str) -> Account:
    account = await uow.accounts.get(account_id)
    if account is None:
        raise NotFound(noun="account", id=account_id)
    return account


def _grant_line(action: str, actor: Actor, grant: RoleGrant, path: str, now: float) -> Access:
    detail = {"role": grant.role.value, "orgId": grant.org_id or ""}
    return Access(now, actor.account_id, action, f"account:{grant.account_id}", path, detail)
