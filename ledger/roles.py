"""Which roles one account may hold together: whoever hands out rights reads nobody's data, and whoever audits changes nothing.

The four offices exclude each other, so that misuse needs two people. Running, securing and auditing need an account of their own, without
a member behind it: a member may become secretary tomorrow, and would then read and change people's records by the same log-in. Pure.
"""

from __future__ import annotations

from collections.abc import Collection

from .model import Account, RoleGrant, RoleKind
from .refusals import RoleNeedsOwnAccount, RolesConflict

OFFICES = frozenset({RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN, RoleKind.AUDITOR, RoleKind.ORG_ADMIN})
#: Held by an account that is nobody's member account.
APART = frozenset({RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN, RoleKind.AUDITOR})


def check_separation(account: Account, held: Collection[RoleGrant], wanted: RoleGrant) -> None:
    """Refusals: RolesConflict(role, held), RoleNeedsOwnAccount(role)."""
    if wanted.role in APART and account.member_id is not None:
        raise RoleNeedsOwnAccount(role=wanted.role.value)
    other = next((grant.role for grant in held if grant.role in OFFICES and grant.role is not wanted.role), None)
    if wanted.role in OFFICES and other is not None:
        raise RolesConflict(role=wanted.role.value, held=other.value)
