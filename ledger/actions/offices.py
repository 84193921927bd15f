"""What a security administrator sees: accounts and who holds which office. No person's data but the name behind an account."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..access import Action, Actor, Target, require
from ..model import Access, Account, OrgUnit, RoleGrant
from ..ports import Store
from .accounts import managed_account


@dataclass(frozen=True, slots=True)
class OfficeLine:
    account: Account
    member_name: str | None
    grants: list[RoleGrant]


@dataclass(frozen=True, slots=True)
class OfficePage:
    lines: list[OfficeLine]
    total: int
    units: dict[str, OrgUnit]


async def list_accounts(store: Store, actor: Actor, text: str = "", offices: bool = True, page: int = 1, page_size: int = 50) -> OfficePage:
    """By user name. Refusal: Forbidden to whoever does not grant roles."""
    require(actor, Action.GRANT_ROLE, Target(path=""))
    async with store.reading() as uow:
        found, total = await uow.accounts.search(text.strip().casefold(), offices, max(1, page), min(max(1, page_size), 200))
        members = await uow.members.many([one.member_id for one in found if one.member_id])
        grants = {one.account_id: await uow.accounts.grants_of(one.account_id) for one in found}
        units = await uow.organisations.many({grant.org_id for held in grants.values() for grant in held if grant.org_id})
    names = {key: member.name for key, member in members.items()}
    lines = [OfficeLine(replace(one, password_hash=""), names.get(one.member_id or ""), grants[one.account_id]) for one in found]
    return OfficePage(lines, total, units)


async def lift_lock(store: Store, actor: Actor, account_id: str, now: float) -> Account:
    """Forget failed log-ins, so that the name opens again before its time."""
    async with store.writing() as uow:
        account, path = await managed_account(uow, actor, account_id)
        await uow.sessions.forget_attempts(account.username)
        await uow.access_log.append([Access(now, actor.account_id, "liftLock", f"account:{account_id}", path)])
    return account


async def log_head(store: Store, actor: Actor) -> tuple[int, str]:
    """Where the log of access stands, to be compared with an anchor."""
    require(actor, Action.GRANT_ROLE, Target(path=""))
    async with store.reading() as uow:
        return await uow.access_log.head()
