"""Lists of transfers as people need them: what waits for me, what is on the way, what expires, whose receipt is missing; and the own ones.

A list is a filter over what the reader may see, never more. How many stand in each is counted by the same question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from ..access import PARTS, Action, Actor, reach_of, transfer_for
from ..mobility import ENDED_WITHOUT_MOVE, MOVED, OPEN_TRANSFER, Side, TransferState
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import Access, day_of
from ..ports import Reach, Store, UnitOfWork
from ..transferports import Part, TransferQuery
from .transferviews import TransferCase, authors_of, cases_of

_S = TransferState
ON_THE_WAY = frozenset({_S.LETTER_ISSUED, _S.IN_TRANSIT})
WITH_HOST = frozenset({_S.RECEIVED, _S.ASSIGNED})
DAY = 86_400.0


class Box(StrEnum):
    WAITING = "waiting"  # for a step of the reader's own
    OPEN = "open"
    ON_THE_WAY = "onTheWay"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    RECEIPT_MISSING = "receiptMissing"
    DONE = "done"
    ENDED = "ended"
    ALL = "all"


#: What waits for whoever acts in a part.
TURN: Mapping[Side, frozenset[TransferState]] = {
    Side.HOME: frozenset({_S.APPLIED}),
    Side.HOME_COMMITTEE: frozenset({_S.HOME_CHECKED, _S.APPROVED, _S.LETTER_ISSUED, _S.EXPIRED, _S.RECEIPTED}),
    Side.HOST_COMMITTEE: frozenset({_S.IN_TRANSIT, _S.RECEIVED, _S.ASSIGNED}),
}
_STATES: Mapping[Box, frozenset[TransferState]] = {
    Box.OPEN: OPEN_TRANSFER,
    Box.ON_THE_WAY: ON_THE_WAY,
    Box.EXPIRING: ON_THE_WAY,
    Box.EXPIRED: frozenset({_S.EXPIRED}),
    Box.RECEIPT_MISSING: WITH_HOST,
    Box.DONE: MOVED,
    Box.ENDED: ENDED_WITHOUT_MOVE,
    Box.ALL: frozenset(_S),
}
COUNTED = (Box.WAITING, Box.ON_THE_WAY, Box.EXPIRING, Box.EXPIRED, Box.RECEIPT_MISSING)


@dataclass(frozen=True, slots=True)
class ListTransfers:
    box: Box = Box.OPEN
    text: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class TransferPage:
    """`counts`: how many stand in the boxes worth a look."""

    cases: list[TransferCase]
    total: int
    counts: dict[Box, int]


async def list_transfers(store: Store, actor: Actor, command: ListTransfers, now: float, rules: MobilityRules = DEFAULT) -> TransferPage:
    async with store.reading() as uow:
        query = _query(actor, command.box, now, rules)
        size = min(max(1, command.page_size), 200)
        query = replace(query, text=command.text.strip(), page=max(1, command.page), page_size=size)
        found, total = await uow.transfers.search(query)
        counted = await uow.transfers.counts([_query(actor, box, now, rules) for box in COUNTED])
        counts = dict(zip(COUNTED, counted, strict=True))
        return TransferPage(await cases_of(uow, actor, found, now, rules), total, counts)


async def own_transfers(store: Store, actor: Actor, now: float, rules: MobilityRules = DEFAULT) -> list[TransferCase]:
    """The actor's own, latest first."""
    async with store.reading() as uow:
        found = await uow.transfers.of_member(actor.member_id) if actor.member_id else []
        return [await _told(uow, case) for case in await cases_of(uow, actor, found[::-1], now, rules)]


async def transfer_case(store: Store, actor: Actor, transfer_id: str, now: float, rules: MobilityRules = DEFAULT) -> TransferCase:
    """With its history. Looking at somebody else's is logged."""
    async with store.writing() as uow:
        transfer = await transfer_for(uow, actor, transfer_id, Action.SEE_TRANSFER)
        (case,) = await cases_of(uow, actor, [transfer], now, rules)
        if not case.own:
            org = case.from_branch or case.to_committee
            detail = {"transferId": transfer_id}
            line = Access(now, actor.account_id, "seeTransfer", f"member:{transfer.member_id}", org.path if org else "", detail)
            await uow.access_log.append([line])
        return await _told(uow, case)


async def _told(uow: UnitOfWork, case: TransferCase) -> TransferCase:
    history = tuple(await uow.transfers.history(case.transfer.transfer_id))
    return replace(case, history=history, authors=await authors_of(uow, history))


async def counts_below(uow: UnitOfWork, path: str, now: float, rules: MobilityRules = DEFAULT) -> dict[Box, int]:
    """For a dashboard: of everything that leaves or reaches a subtree, how much is on the way, expiring, and without receipt."""
    reach, boxes = Reach(paths=(path,)), (Box.ON_THE_WAY, Box.EXPIRING, Box.RECEIPT_MISSING)
    sides = (Side.HOME, Side.HOME_COMMITTEE, Side.HOST_COMMITTEE, Side.HOST)
    queries = [_bounded(TransferQuery(tuple(Part(side, reach, _STATES[box]) for side in sides)), box, now, rules) for box in boxes]
    return dict(zip(boxes, await uow.transfers.counts(queries), strict=True))


def _query(actor: Actor, box: Box, now: float, rules: MobilityRules) -> TransferQuery:
    if box is Box.WAITING:
        parts = tuple(Part(side, reach_of(actor, PARTS[side]), states) for side, states in TURN.items())
        return TransferQuery(parts, oldest_first=True)
    return _bounded(TransferQuery(_visible(actor, _STATES[box])), box, now, rules)


def _bounded(query: TransferQuery, box: Box, now: float, rules: MobilityRules) -> TransferQuery:
    if box is Box.EXPIRING:
        return replace(query, letter_until=day_of(now) + timedelta(days=rules.remind_days), oldest_first=True)
    if box is Box.RECEIPT_MISSING:
        return replace(query, waiting_since=now // 60 * 60 - rules.host_decision_days * DAY, oldest_first=True)
    return query


def _visible(actor: Actor, states: frozenset[TransferState]) -> tuple[Part, ...]:
    """The same as `access.transfer_target` says of one: the receiving side from the letter on, the branch there once it is assigned."""
    own = reach_of(actor, Action.SEE_TRANSFER)
    return (
        Part(Side.HOME, own, states),
        Part(Side.HOME_COMMITTEE, own, states),
        Part(Side.HOST_COMMITTEE, own, states, lettered=True),
        Part(Side.HOST, own, states & (MOVED | {_S.ASSIGNED})),
    )
