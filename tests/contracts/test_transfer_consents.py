"""Transfers and the member's separate consent, over all three stores: asked for, given, replaced by a duty, taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.actions.transferagreeing import agree_to_transfer, take_consent_back
from ledger.actions.transferapplying import (
    ApplyForTransfer,
    Whither,
    apply_for_transfer,
)
from ledger.actions.transferclock import evaluate_transfers
from ledger.actions.transfers import HandInAgain, hand_in_again
from ledger.mobility import (
    SeparateConsent,
    SharingPurpose,
    Side,
    TransferDuty,
    TransferState,
)
from ledger.ports import Store
from ledger.rules.transferbasis import Basis
from ledger.rules.transfersteps import (
    CancelTransfer,
    IssueLetter,
    Refuse,
    ReturnForChange,
)
from ledger.sharingnotice import TRANSFER_VERSION
from tests.ledger.records import DAY
from tests.ledger.transferring import TO_E, Desk, code_of, told

S = TransferState


async def consents_of(store: Store, member_id: str) -> list[SeparateConsent]:
    async with store.reading() as uow:
        return await uow.sharing_consents.of_members([member_id])


async def by_the_branch(desk: Desk, duty: TransferDuty | None = None, to: Whither = TO_E) -> None:
    """The secretary applies for a member; the committee has approved."""
    desk.case = await apply_for_transfer(desk.store, await desk.who("a1"), ApplyForTransfer("m-a4", to, "毕业", duty=duty), desk.now)
    await desk.go_to(S.APPROVED)


async def test_without_a_duty_no_letter_goes_out_before_the_member_has_agreed(desk: Desk) -> None:
    await by_the_branch(desk)
    assert await told(desk.store, "m-a4") == ["transferConsentAsked", "transferMovedOn", "transferConsentAsked"]
    assert (desk.case.basis, desk.case.waits_for) == (Basis.MISSING, frozenset({Side.MEMBER}))
    assert "IssueLetter" not in await desk.step_names("c1")
    assert await code_of(desk.step("c1", IssueLetter("", 30, ""))) == "transferConsentMissing"
    for name in ("a1", "c1", "admin"):  # nobody agrees for another
        assert (
            await code_of(agree_to_transfer(desk.store, await desk.who(name), desk.transfer_id, TRANSFER_VERSION, desk.now)) == "forbidden"
        )
    member = await desk.who("a4")
    assert await code_of(agree_to_transfer(desk.store, member, desk.transfer_id, "0", desk.now)) == "noticeVersionUnknown"
    desk.case = await agree_to_transfer(desk.store, member, desk.transfer_id, TRANSFER_VERSION, desk.now)
    again = await agree_to_transfer(desk.store, member, desk.transfer_id, TRANSFER_VERSION, desk.now + 5)
    assert (desk.case.basis, again.transfer) == (Basis.CONSENT, desk.case.transfer)
    assert await told(desk.store, "m-c1") == ["transferWaits", "transferConsentGiven"]  # to approve; then there is something to do again
    await desk.go_to(S.LETTER_ISSUED)
    [one] = await consents_of(desk.store, "m-a4")
    assert (one.recipient_org_id, one.purpose, one.text_version, one.withdrawn_at) == ("D", SharingPurpose.TRANSFER, TRANSFER_VERSION, None)


async def test_while_the_consent_is_missing_the_member_is_reminded_and_nobody_else(desk: Desk) -> None:
    await by_the_branch(desk)
    before = [await told(desk.store, name) for name in ("m-a1", "m-c1", "m-a4")]
    assert (await evaluate_transfers(desk.store, desk.now + 14 * DAY)).reminded == 1
    assert [await told(desk.store, name) for name in ("m-a1", "m-c1", "m-a4")] == [*before[:2], [*before[2], "transferDueSoon"]]


async def test_a_member_who_applies_consents_with_it_or_does_not_apply(desk: Desk) -> None:
    member, to = await desk.who("a4"), Whither(outside="某大学党委")
    for version, code in ((None, "transferConsentNeeded"), ("0", "noticeVersionUnknown")):
        command = ApplyForTransfer("m-a4", to, "升学", consent_version=version, duty=TransferDuty.GRADUATED)
        assert await code_of(apply_for_transfer(desk.store, member, command, desk.now)) == code
    async with desk.store.reading() as uow:
        assert await uow.transfers.of_member("m-a4") == []
    await desk.apply(to=to)
    [one] = await consents_of(desk.store, "m-a4")
    assert (one.recipient_org_id, one.recipient, desk.case.transfer.duty, desk.case.basis) == ("", "某大学党委", None, Basis.CONSENT)


async def test_a_branch_that_names_its_duty_needs_no_consent_and_the_member_is_told(desk: Desk) -> None:
    await by_the_branch(desk, TransferDuty.GRADUATED)
    assert (desk.case.basis, desk.case.transfer.duty) == (Basis.DUTY, TransferDuty.GRADUATED)
    async with desk.store.reading() as uow:
        assert (await uow.transfers.get(desk.transfer_id)) == desk.case.transfer  # kept by every store
    await desk.go_to(S.LETTER_ISSUED)
    assert await told(desk.store, "m-a4") == ["transferMovedOn"] * 4
    assert await consents_of(desk.store, "m-a4") == []


async def test_another_destination_is_agreed_to_anew(desk: Desk) -> None:
    await desk.apply()
    await desk.step("a1", ReturnForChange("去向不明"))
    member = await desk.who("a4")
    elsewhere = HandInAgain(desk.transfer_id, desk.case.transfer.revision, None, Whither(outside="外省某县委"))
    assert await code_of(hand_in_again(desk.store, member, elsewhere, desk.now)) == "transferConsentNeeded"
    desk.case = await hand_in_again(desk.store, member, replace(elsewhere, consent_version=TRANSFER_VERSION), desk.now)
    assert desk.case.basis is Basis.CONSENT
    given = [(one.recipient_org_id, one.recipient, one.withdrawn_at is None) for one in await consents_of(desk.store, "m-a4")]
    assert given == [("D", "", False), ("", "外省某县委", True)]  # the consent to what is no longer asked for is over


@pytest.mark.parametrize("state", [S.APPLIED, S.APPROVED, S.IN_TRANSIT])
async def test_a_consent_taken_back_before_the_letter_is_presented_takes_the_transfer_back(desk: Desk, state: TransferState) -> None:
    await desk.apply()
    await desk.go_to(state)
    desk.case = await take_consent_back(desk.store, await desk.who("a4"), desk.transfer_id, desk.now + 60)
    assert (desk.state, desk.case.transfer.letter, desk.case.basis) == (S.WITHDRAWN, None, Basis.MISSING)
    [one] = await consents_of(desk.store, "m-a4")
    assert one.withdrawn_at == desk.now + 60
    assert await code_of(take_consent_back(desk.store, await desk.who("a4"), desk.transfer_id, desk.now + 90)) == "stepNotPossible"


async def test_taken_back_afterwards_it_is_told_to_both_committees_and_settled_by_people(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.RECEIVED)
    desk.case = await take_consent_back(desk.store, await desk.who("a4"), desk.transfer_id, desk.now + 60)
    assert desk.state is S.RECEIVED
    for name in ("m-a1", "m-c1", "m-d1"):
        assert (await told(desk.store, name))[-1] == "transferConsentWithdrawn"
    async with desk.store.reading() as uow:
        history = await uow.transfers.history(desk.transfer_id)
    assert (history[-1].change.step, history[-1].change.side) == ("WithdrawConsent", Side.MEMBER)
    await desk.step("c1", CancelTransfer("本人不愿转接"))


async def test_a_consent_ends_with_a_transfer_that_came_to_nothing(desk: Desk) -> None:
    await desk.apply()
    await desk.step("a1", Refuse("去向不实"))
    [one] = await consents_of(desk.store, "m-a4")
    assert one.withdrawn_at == desk.now
