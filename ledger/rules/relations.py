"""Where a member's relation is at an instant, who is responsible, and where one votes – also in the middle of a meeting.

Relations are stretches of time, half open, one after the other without gap or overlap: at every instant there is exactly one. A transfer
moves the relation at the instant of its receipt and at no other. A ballot keeps the electorate of the instant at which it was opened: a
member moved while it runs votes in the branch one belonged to when it was opened, and so never in two branches over one question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..mobility import FloatingRegistration, OrgRelation, OrgRelationTransfer, RegistrationState, Side
from ..mobilityrules import MobilityRules
from .declined import Declined, declined
from .floating import BecomeTransferred, RegistrationStep, step_registration

Relations = tuple[OrgRelation, ...]


@dataclass(frozen=True, slots=True)
class Responsibility:
    """`branch_id` alone is responsible; `host_branch_id` looks after the member together with it; `transfer_id`: one is under way."""

    branch_id: str
    host_branch_id: str | None = None
    transfer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a receipt changes, together or not at all. `registration` None: there was none open."""

    relations: Relations
    registration: RegistrationStep | None


def first_relation(member_id: str, branch_id: str, since: float) -> Relations:
    return (OrgRelation(member_id, branch_id, since),)


def relation_at(relations: Iterable[OrgRelation], instant: float) -> OrgRelation | None:
    """None only before the member's record begins or after membership ended."""
    return next((one for one in relations if one.holds_at(instant)), None)


def settle(
    transfer: OrgRelationTransfer, relations: Relations, registration: FloatingRegistration | None, rules: MobilityRules
) -> Settled | Declined:
    """Carry out a receipt: end the old relation, begin the new one, close the open registration as transferred.

    Doing it again changes nothing. Declined: stepNotPossible without a receipt or if the relation has moved on since, dayOutOfOrder.
    """
    receipt = transfer.receipt
    current = relations[-1] if relations else None
    if any(one.transfer_id == transfer.transfer_id for one in relations) or _left_already(transfer, current):
        return Settled(relations, None)
    if transfer.from_outside:
        return _arrived(transfer, relations)
    if receipt is None or current is None or current.until is not None or current.branch_id != transfer.from_branch_id:
        return declined("stepNotPossible", act="Settle", state=transfer.state.value)
    if receipt.at <= current.since:
        return declined("dayOutOfOrder", day=str(receipt.at))
    closed: RegistrationStep | Declined | None = None
    if registration is not None and registration.is_open:
        closed = step_registration(registration, BecomeTransferred(transfer.transfer_id), Side.HOST_COMMITTEE, receipt.at, rules)
    if isinstance(closed, Declined):
        return closed
    ended = (*relations[:-1], replace(current, until=receipt.at))
    if transfer.to_outside:
        return Settled(ended, closed)
    return Settled((*ended, OrgRelation(transfer.member_id, receipt.branch_id, receipt.at, None, transfer.transfer_id)), closed)


def _left_already(transfer: OrgRelationTransfer, current: OrgRelation | None) -> bool:
    """Whether the receipt of a committee outside has ended the relation: nothing follows it here that could name the transfer."""
    receipt = transfer.receipt
    return transfer.to_outside and receipt is not None and current is not None and current.until == receipt.at


def _arrived(transfer: OrgRelationTransfer, relations: Relations) -> Settled | Declined:
    """From outside: the relation begins here, after whatever ended before."""
    receipt, current = transfer.receipt, relations[-1] if relations else None
    if receipt is None or (current is not None and current.until is None):
        return declined("stepNotPossible", act="Settle", state=transfer.state.value)
    if current is not None and current.until is not None and receipt.at < current.until:
        return declined("dayOutOfOrder", day=str(receipt.at))
    return Settled((*relations, OrgRelation(transfer.member_id, receipt.branch_id, receipt.at, None, transfer.transfer_id)), None)


def responsible_at(
    relations: Relations,
    instant: float,
    registrations: Iterable[FloatingRegistration] = (),
    transfers: Iterable[OrgRelationTransfer] = (),
) -> Responsibility | None:
    """Who is responsible now, for what all three see. The relation decides; `registrations` and `transfers` only say who else is in it."""
    relation = relation_at(relations, instant)
    if relation is None:
        return None
    host = next((one.host_branch_id for one in registrations if one.is_open and one.state is RegistrationState.REPORTED_IN), None)
    under_way = next((one.transfer_id for one in transfers if one.is_open), None)
    return Responsibility(relation.branch_id, host, under_way)


def may_vote_in(relations: Relations, branch_id: str, ballot_opened_at: float) -> bool:
    """Whether the branch is where the member votes on a question put at that instant. Whether the member votes at all is another rule."""
    relation = relation_at(relations, ballot_opened_at)
    return relation is not None and relation.branch_id == branch_id


def check_relations(relations: Sequence[OrgRelation]) -> tuple[Declined, ...]:
    """What is wrong with stretches from outside, such as an import: they overlap or leave a gap. Empty: nothing is."""
    found = []
    for before, after in pairwise(relations):
        if before.until is None or before.until > after.since:
            found.append(declined("relationsOverlap", branch=after.branch_id))
        elif before.until < after.since:
            found.append(declined("relationGap", branch=after.branch_id))
    return tuple(found)
