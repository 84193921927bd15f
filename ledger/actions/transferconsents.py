"""The member's separate consent to a transfer: given with the own application or on the page of one that the branch made, taken back as
easily. What it permits is `rules.transferbasis`.
"""

from __future__ import annotations

from dataclasses import replace

from ..declining import refusal_of
from ..mobility import OrgRelationTransfer, SeparateConsent, SharingPurpose
from ..ports import UnitOfWork
from ..refusals import NoticeVersionUnknown
from ..rules.declined import declined
from ..rules.transferbasis import standing_consent
from ..sharingnotice import TRANSFER_VERSION


async def keep_consent(uow: UnitOfWork, transfer: OrgRelationTransfer, version: str | None, now: float) -> None:
    """Refusals: transferConsentNeeded where nothing was consented to, NoticeVersionUnknown where it was to another text."""
    if version is None:
        raise refusal_of(declined("transferConsentNeeded"))
    if version != TRANSFER_VERSION:
        raise NoticeVersionUnknown(version=version)
    recipient = "" if transfer.to_committee_id else transfer.outside
    given = SeparateConsent(
        transfer.member_id, transfer.to_committee_id, SharingPurpose.TRANSFER, version, max(now, transfer.applied_at), None, recipient
    )
    await uow.sharing_consents.save(given)


async def end_consent(uow: UnitOfWork, transfer: OrgRelationTransfer, now: float) -> bool:
    """A consent ends with the transfer it was for. False if none stands."""
    standing = standing_consent(transfer, await uow.sharing_consents.of_members([transfer.member_id]), now)
    if standing is None:
        return False
    await uow.sharing_consents.save(replace(standing, withdrawn_at=now))
    return True
