"""On what a transfer may be told to the receiving side: the member's separate consent to it, or a duty of the organisation.

Providing a member's particulars to another organisation wants separate consent (PIPL, arts. 23 and 29). A relation that must be moved is
moved all the same where the member cannot be asked (Regulations on the Education and Management of Party Members, arts. 25 and 33): then
the home side names the duty, the member is told, and may object or withdraw. Decides nothing about who may name one.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ..mobility import OrgRelationTransfer, SeparateConsent, SharingPurpose


class Basis(StrEnum):
    CONSENT = "consent"
    DUTY = "duty"
    MISSING = "missing"
    ELSEWHERE = "elsewhere"  # the letter came from outside: whoever issued it answers for it


def basis_of(transfer: OrgRelationTransfer, consents: Iterable[SeparateConsent], at: float) -> Basis:
    """A consent is to one recipient: another destination needs another one."""
    if transfer.from_outside:
        return Basis.ELSEWHERE
    if standing_consent(transfer, consents, at) is not None:
        return Basis.CONSENT
    return Basis.DUTY if transfer.duty is not None else Basis.MISSING


def standing_consent(transfer: OrgRelationTransfer, consents: Iterable[SeparateConsent], at: float) -> SeparateConsent | None:
    found = (
        one
        for one in consents
        if one.member_id == transfer.member_id
        and one.purpose is SharingPurpose.TRANSFER
        and (one.recipient_org_id, one.recipient) == (transfer.to_committee_id, transfer.outside)
        and one.given_at >= transfer.applied_at
        and one.holds_at(at)
    )
    return next(found, None)
