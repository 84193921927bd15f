"""A transfer as people look at it: who, from where to where, how far, who has it, until when, and what the reader may do now.

Fetched for many at once in a fixed number of questions. Nothing is stored that can be worked out: days come from the rules in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..access import Actor, sides_of, target_of_transfer
from ..mobility import MOVED, OrgRelationTransfer, SeparateConsent, Side
from ..mobilityrules import MobilityRules
from ..model import Member, OrgKind, OrgUnit, day_of
from ..ports import UnitOfWork
from ..rules.transfer import step_due, table_of
from ..rules.transferbasis import Basis, basis_of, standing_consent
from ..rules.transfersteps import Expire, IssueLetter, PresentLetter
from ..transferports import TransferLine


@dataclass(frozen=True, slots=True)
class TransferCase:
    """`name`: of the member, or of the newcomer whose record is not there yet. Organisations are None where they lie outside.

    `waits_for`: whose turn it is, empty when it is nobody's. `steps`: class names of what the reader may do in this state.
    `responsible`: the branch responsible today; None while it is one outside.
    """

    transfer: OrgRelationTransfer
    member: Member | None
    name: str
    number: str
    from_branch: OrgUnit | None
    from_committee: OrgUnit | None
    to_committee: OrgUnit | None
    to_branch: OrgUnit | None
    due_on: date | None
    overdue: bool
    soon: bool
    waits_for: frozenset[Side]
    own: bool
    sides: frozenset[Side]
    steps: tuple[str, ...]
    responsible: OrgUnit | None
    basis: Basis
    consented_at: float | None = None
    history: tuple[TransferLine, ...] = ()
    authors: Mapping[str, str] | None = None  # account id → name, where the history is shown


async def cases_of(
    uow: UnitOfWork, actor: Actor, transfers: Sequence[OrgRelationTransfer], now: float, rules: MobilityRules
) -> list[TransferCase]:
    members = await uow.members.many({one.member_id for one in transfers})
    named = {org_id for one in transfers for org_id in (one.from_branch_id, one.from_committee_id, one.to_committee_id, one.to_branch_id)}
    units = await uow.organisations.many({org_id for org_id in named if org_id})
    consents = await uow.sharing_consents.of_members({one.member_id for one in transfers})
    return [_case(actor, one, members.get(one.member_id), units, consents, now, rules) for one in transfers]


async def case_of(uow: UnitOfWork, actor: Actor, transfer: OrgRelationTransfer, now: float, rules: MobilityRules) -> TransferCase:
    return (await cases_of(uow, actor, [transfer], now, rules))[0]


async def authors_of(uow: UnitOfWork, history: Iterable[TransferLine]) -> dict[str, str]:
    """Account id → the person's name, or the user name of an account without one."""
    accounts = await uow.accounts.many({line.author for line in history})
    people = await uow.members.many({one.member_id for one in accounts.values() if one.member_id})
    return {key: people[one.member_id].name if one.member_id in people else one.username for key, one in accounts.items()}


async def committee_of(uow: UnitOfWork, branch: OrgUnit) -> OrgUnit:
    """The committee that transfers for a branch: the nearest above it; where there is none, the top of its tree."""
    return committee_among(branch, await uow.organisations.many(path_ids(branch)))


def path_ids(unit: OrgUnit) -> list[str]:
    return unit.path.strip("/").split("/")


def committee_among(branch: OrgUnit, units: Mapping[str, OrgUnit]) -> OrgUnit:
    """`units`: those of its path, at least."""
    above = [units[org_id] for org_id in path_ids(branch) if org_id in units]
    return next((unit for unit in reversed(above) if unit.kind is OrgKind.COMMITTEE), above[0])


def _case(
    actor: Actor,
    one: OrgRelationTransfer,
    member: Member | None,
    units: Mapping[str, OrgUnit],
    consents: Sequence[SeparateConsent],
    now: float,
    rules: MobilityRules,
) -> TransferCase:
    sides = sides_of(actor, target_of_transfer(one, units))
    due, today = step_due(one, rules), day_of(now)
    due_on, waits_for = due if due is not None else (None, frozenset[Side]())
    basis, consent = basis_of(one, consents, now), standing_consent(one, consents, now)
    unlettered = basis is Basis.MISSING and (IssueLetter, one.state) in table_of(one)
    if unlettered:  # whoever may issue it can do nothing yet
        waits_for = frozenset({Side.MEMBER})
    left, entered = units.get(one.from_branch_id), units.get(one.to_branch_id or "")
    person = member or one.newcomer
    return TransferCase(
        transfer=one,
        member=member,
        name=person.name if person else "",
        number=person.number if person else "",
        from_branch=left,
        from_committee=units.get(one.from_committee_id),
        to_committee=units.get(one.to_committee_id),
        to_branch=entered,
        due_on=due_on,
        overdue=due_on is not None and due_on < today,
        soon=due_on is not None and today <= due_on <= today + timedelta(days=min(rules.remind_days, 7)),
        waits_for=waits_for,
        own=member is not None and member.member_id == actor.member_id,
        sides=sides,
        steps=tuple(step for step in _steps(one, sides, today) if not (unlettered and step == IssueLetter.__name__)),
        responsible=entered if one.state in MOVED else left,
        basis=basis,
        consented_at=consent.given_at if consent else None,
    )


def _steps(one: OrgRelationTransfer, sides: frozenset[Side], today: date) -> tuple[str, ...]:
    """Presenting a letter is possible in every state, so that its fault is told; it is offered where it leads on."""
    offered = {step.__name__ for (step, state), may in table_of(one).items() if state is one.state and may & sides}
    letter = one.letter
    in_force = letter is not None and today <= letter.last_valid_day
    if PresentLetter.__name__ in offered and not (Expire.__name__ in _possible(one) and in_force):
        offered.discard(PresentLetter.__name__)
    if in_force:
        offered.discard(Expire.__name__)
    return tuple(sorted(offered))


def _possible(one: OrgRelationTransfer) -> frozenset[str]:
    return frozenset(step.__name__ for step, state in table_of(one) if state is one.state)
