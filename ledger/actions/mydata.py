"""What a member sees of the own data, takes away as a file, and asks about it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..access import Action, Actor, member_for, reach_of
from ..exports.mydata import MyDataExport, packed
from ..mobility import SeparateConsent
from ..model import Access, Consent, Member, OrgUnit
from ..ports import Store, UnitOfWork
from ..privacy import ANSWER_DAYS, DataRequest, DataRequestKind
from ..refusals import AlreadyDecided, Forbidden, NotFound, OwnCase, ReasonMissing, TooManyDataRequests
from ..retention import DEFAULT, Kind
from ..sealing import Sealer
from .holdings import Asked, holdings

MOST_OPEN = 5
LONGEST_TEXT = 4000
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class MyData:
    """`counts`: kind → how many lines are held. `organisations`: id → name, of those the consents are for."""

    counts: Mapping[Kind, int]
    notices: Sequence[Consent]
    sharing: Sequence[SeparateConsent]
    organisations: Mapping[str, OrgUnit]
    requests: Sequence[DataRequest]


@dataclass(frozen=True, slots=True)
class WaitingDataRequest:
    """`due_at`: by when it is to be answered."""

    request: DataRequest
    member: Member
    home: OrgUnit
    due_at: float


async def my_data(store: Store, actor: Actor) -> MyData:
    async with store.reading() as uow:
        member = await _own(uow, actor)
        held = await holdings(Asked(uow, member))
        sharing = await uow.sharing_consents.of_members([member.member_id])
        return MyData(
            counts={kind: len(rows) for kind, rows in held.items()},
            notices=await uow.attendance.consents_of(member.member_id),
            sharing=sharing,
            organisations=await uow.organisations.many({one.recipient_org_id for one in sharing} - {""}),
            requests=await uow.data_requests.of_member(member.member_id),
        )


def consent_id(one: SeparateConsent) -> str:
    """A handle to a separate consent, made of what makes it one."""
    parts = (one.member_id, one.recipient_org_id, one.recipient, one.purpose.value, repr(one.given_at))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


async def export_my_data(store: Store, sealer: Sealer, actor: Actor, now: float, locale: str = "zh") -> bytes:
    """A ZIP of `data.json` and the same to read, `index.html`. Everything in full: it is the member's own. Logged."""
    async with store.reading() as uow:
        member = await _own(uow, actor)
        held = await holdings(Asked(uow, member, sealer))
        home = await uow.organisations.get(member.home_branch_id)
    async with store.writing() as uow:
        line = Access(now, actor.account_id, "exportOwnData", f"member:{member.member_id}", home.path if home else "")
        await uow.access_log.append([line])
    export = MyDataExport(member.name, member.number, home.name if home else "", now, DEFAULT, held)
    return await asyncio.to_thread(packed, export, locale)


async def raise_request(store: Store, actor: Actor, kind: DataRequestKind, text: str, now: float) -> DataRequest:
    """Refusals: ReasonMissing, TooManyDataRequests."""
    if len(text.strip()) < 2:
        raise ReasonMissing
    async with store.writing() as uow:
        member = await _own(uow, actor)
        waiting = [one for one in await uow.data_requests.of_member(member.member_id) if one.answered_at is None]
        if len(waiting) >= MOST_OPEN:
            raise TooManyDataRequests(limit=MOST_OPEN)
        request = DataRequest(secrets.token_hex(8), member.member_id, kind, text.strip()[:LONGEST_TEXT], now)
        await uow.data_requests.save(request)
        await _log(uow, actor, "raiseDataRequest", member, now, kind)
    return request


async def waiting_requests(store: Store, actor: Actor, page: int = 1, page_size: int = 20) -> tuple[list[WaitingDataRequest], int]:
    reach = reach_of(actor, Action.ANSWER_DATA_REQUEST)
    if not (reach.everywhere or reach.paths or reach.org_ids):
        raise Forbidden(action=Action.ANSWER_DATA_REQUEST.value)
    async with store.reading() as uow:
        found, total = await uow.data_requests.waiting(reach, max(1, page), min(max(1, page_size), 100))
        members = await uow.members.many([one.member_id for one in found])
        units = await uow.organisations.many([one.home_branch_id for one in members.values()])
    due = ANSWER_DAYS * DAY_SECONDS
    pairs = [(one, members[one.member_id]) for one in found]
    return [WaitingDataRequest(one, member, units[member.home_branch_id], one.raised_at + due) for one, member in pairs], total


async def answer_request(store: Store, actor: Actor, request_id: str, agreed: bool, answer: str, now: float) -> DataRequest:
    """Every answer has words in it. Nobody answers the own request. What is agreed to is then done by people, with the means they have."""
    if len(answer.strip()) < 2:
        raise ReasonMissing
    async with store.writing() as uow:
        request = await uow.data_requests.get(request_id)
        if request is None:
            raise NotFound(noun="request", id=request_id)
        try:
            member = await member_for(uow, actor, request.member_id, Action.ANSWER_DATA_REQUEST)
        except NotFound:
            raise NotFound(noun="request", id=request_id) from None
        if request.member_id == actor.member_id:
            raise OwnCase(action=Action.ANSWER_DATA_REQUEST.value)
        if request.answered_at is not None:
            raise AlreadyDecided(decision="answered")
        said = answer.strip()[:LONGEST_TEXT]
        request = replace(request, answered_at=now, answered_by=actor.account_id, agreed=agreed, answer=said)
        await uow.data_requests.save(request)
        await _log(uow, actor, "answerDataRequest", member, now, request.kind)
    return request


async def _own(uow: UnitOfWork, actor: Actor) -> Member:
    member = await uow.members.get(actor.member_id) if actor.member_id else None
    if member is None:
        raise NotFound(noun="member", id="")
    return member


async def _log(uow: UnitOfWork, actor: Actor, action: str, member: Member, now: float, kind: DataRequestKind) -> None:
    home = await uow.organisations.get(member.home_branch_id)
    path = home.path if home else ""
    await uow.access_log.append([Access(now, actor.account_id, action, f"member:{member.member_id}", path, {"kind": kind.value})])
