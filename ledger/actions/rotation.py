"""Sealing anew with the key in use, in small transactions that can be broken off and gone on with; and what is sealed with which key.

No actor: keys are turned on the machine, by whoever has the key file in hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from ..access import OPERATOR
from ..memberfile import ID_NUMBER, ChangeRequest, MemberFile
from ..mobility import Newcomer, OrgRelationTransfer, TransferState
from ..model import Access
from ..ports import Store, UnitOfWork
from ..refusals import KeyMissing, SealBroken
from ..sealing import Sealer, key_of
from .changerequests import about_request
from .filing import about_id_number

BATCH = 200
ARRIVING = frozenset({TransferState.RECEIVED, TransferState.ASSIGNED})


@dataclass(slots=True)
class KeyReport:
    """`by_key`: key id → how many values it seals. `broken`: subjects whose value does not open."""

    by_key: Counter[str] = field(default_factory=Counter)
    stale: int = 0
    missing: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


async def check_keys(store: Store, sealer: Sealer) -> KeyReport:
    """Opens everything once."""
    report = KeyReport()
    async for subject, sealed, about in _all_sealed(store):
        report.by_key[key_of(sealed)] += 1
        report.stale += not sealer.is_current(sealed)
        try:
            sealer.open(sealed, about)
        except KeyMissing as missing:
            report.missing.add(str(missing.params["key"]))
        except SealBroken:
            report.broken.append(subject)
    return report


async def reseal(store: Store, sealer: Sealer, now: float, batch: int = BATCH) -> int:
    """Seals and indexes anew what is not under the key in use. Broken off, it goes on where it stopped: what is done is known by its key.

    Refusals: KeyMissing, SealBroken – what was done before stays done.
    """
    done, after = 0, ""
    while True:
        async with store.writing() as uow:
            files = await uow.files.sealed_after(after, batch)
            stale = [_resealed(sealer, one) for one in files if one.id_sealed and not sealer.is_current(one.id_sealed)]
            await uow.files.save(stale)
            done += len(stale)
        if len(files) < batch:
            break
        after = files[-1].member_id
    async with store.writing() as uow:
        for request in await uow.change_requests.all_sealed():
            if not sealer.is_current(str(request.changes[ID_NUMBER])):
                await uow.change_requests.save(_resealed_request(sealer, request))
                done += 1
        for transfer in await _arriving(uow):
            newcomer = transfer.newcomer
            if newcomer is not None and newcomer.id_sealed and not sealer.is_current(newcomer.id_sealed):
                await uow.transfers.save_newcomer(transfer.transfer_id, _resealed_newcomer(sealer, transfer.member_id, newcomer))
                done += 1
        detail = {"key": sealer.ring.primary, "resealed": str(done)}
        await uow.access_log.append([Access(now, OPERATOR.account_id, "rotateKeys", "ledger:keys", "", detail)])
    return done


async def _all_sealed(store: Store) -> AsyncIterator[tuple[str, str, str]]:
    """Subject, sealed value, and what it is bound to."""
    after = ""
    while True:
        async with store.reading() as uow:
            files = await uow.files.sealed_after(after, BATCH)
        for one in files:
            yield f"member:{one.member_id}", one.id_sealed or "", about_id_number(one.member_id)
        if len(files) < BATCH:
            break
        after = files[-1].member_id
    async with store.reading() as uow:
        requests = await uow.change_requests.all_sealed()
        arriving = await _arriving(uow)
    for transfer in arriving:
        if transfer.newcomer is not None and transfer.newcomer.id_sealed:
            yield f"transfer:{transfer.transfer_id}", transfer.newcomer.id_sealed, about_id_number(transfer.member_id)
    for request in requests:
        yield f"request:{request.request_id}", str(request.changes[ID_NUMBER]), about_request(request.request_id)


async def _arriving(uow: UnitOfWork) -> list[OrgRelationTransfer]:
    """Those on the way in, whose numbers are not on a file yet: there are never many."""
    found: list[OrgRelationTransfer] = []
    while piece := await uow.transfers.in_states(ARRIVING, found[-1].transfer_id if found else "", BATCH):
        found += piece
    return [one for one in found if one.from_outside]


def _resealed_newcomer(sealer: Sealer, member_id: str, newcomer: Newcomer) -> Newcomer:
    about = about_id_number(member_id)
    number = sealer.open(newcomer.id_sealed or "", about)
    return replace(newcomer, id_sealed=sealer.seal(number, about), id_index=sealer.blind_index(number, ID_NUMBER))


def _resealed(sealer: Sealer, file: MemberFile) -> MemberFile:
    about = about_id_number(file.member_id)
    number = sealer.open(file.id_sealed or "", about)
    return replace(file, id_sealed=sealer.seal(number, about), id_index=sealer.blind_index(number, ID_NUMBER))


def _resealed_request(sealer: Sealer, request: ChangeRequest) -> ChangeRequest:
    about = about_request(request.request_id)
    number = sealer.open(str(request.changes[ID_NUMBER]), about)
    return replace(request, changes={**request.changes, ID_NUMBER: sealer.seal(number, about)})
