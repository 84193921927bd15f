"""Finding a host among all branches and committees.

The directory of organisations is no secret inside an installation; who is in them is.
"""

from __future__ import annotations

from ..access import Actor
from ..model import BRANCH_KINDS, OrgKind, OrgUnit
from ..ports import Store
from ..refusals import PasswordChangeNeeded

MOST = 20


async def find_hosts(store: Store, actor: Actor, text: str) -> list[tuple[OrgUnit, str]]:
    """By name or code, branches first, with the name of what each belongs to; the first twenty. Not the actor's own home branch."""
    if actor.account.must_change_password:
        raise PasswordChangeNeeded
    own = actor.member.home_branch_id if actor.member else None
    wanted = text.strip().lower()
    async with store.reading() as uow:
        units = await uow.organisations.all()
    names = {unit.org_id: unit.name for unit in units}
    kinds = BRANCH_KINDS | {OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH}
    found = [
        unit
        for unit in units
        if unit.kind in kinds
        and unit.closed_at is None
        and unit.org_id != own
        and (wanted in unit.name.lower() or wanted in unit.code.lower())
    ]
    found.sort(key=lambda unit: (unit.kind not in BRANCH_KINDS, unit.code))
    return [(unit, names.get(unit.parent_id or "", "")) for unit in found[:MOST]]
