"""One step of a registration inside a transaction: the rule decides, the row is saved under the revision it was read with, history and the
log of access get a line, and the member's host follows. Every action on a registration goes through here.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..access import Actor, Relation, Target, registration_target, relations
from ..declining import accepted, refusal_of
from ..dualmanagement import RegistrationLine
from ..memberfile import How
from ..mobility import FloatingRegistration, Side
from ..mobilityrules import MobilityRules
from ..model import Access
from ..notifying import Kind, Notification
from ..ports import UnitOfWork
from ..recipients import acting_for
from ..refusals import Forbidden
from ..rules.declined import declined
from ..rules.floating import TABLE, FloatingStep, RegistrationChange, consented, step_registration
from .filing import Act
from .relationkeeping import close_out, place_member

#: In which parts somebody acts who stands so to a registration. A liaison acts for the home branch.
PARTS: tuple[tuple[Relation, Side], ...] = (
    (Relation.SELF, Side.MEMBER),
    (Relation.SECRETARY, Side.HOME),
    (Relation.ORG_ADMIN, Side.HOME),
    (Relation.LIAISON, Side.HOME),
    (Relation.HOST_SECRETARY, Side.HOST),
)


def sides_of(actor: Actor, target: Target) -> list[Side]:
    """Every part the actor plays, the member's own first. The operator has the home branch's part."""
    if actor.operator:
        return [Side.HOME, Side.HOST]
    held = relations(actor, target)
    return [side for relation, side in PARTS if relation in held]


async def take_step(
    uow: UnitOfWork,
    actor: Actor,
    before: FloatingRegistration,
    step: FloatingStep,
    rules: MobilityRules,
    now: float,
    *,
    target: Target | None = None,
    side: Side | None = None,
    seen_revision: int | None = None,
    subject: str = "",
) -> FloatingRegistration:
    """`side` where the part is given by what was asked, else the first of the actor's parts that may take the step."""
    target = target or await registration_target(uow, before, now)
    consents = await uow.sharing_consents.of_members([before.member_id])
    played = side or _fitting(step, sides_of(actor, target))
    found = accepted(step_registration(before, step, played, now, rules, consents, seen_revision))
    await save_registration(uow, before, found.registration)
    await record(uow, actor, found.change, target.path, subject)
    await place_member(uow, Act(actor, now, How.REGISTRATION), found.registration, consents)
    if not found.registration.is_open:
        await close_out(uow, found.registration, now)
    return found.registration


def _fitting(step: FloatingStep, played: Sequence[Side]) -> Side:
    _, allowed = TABLE[type(step)]
    fitting = [side for side in played if side in allowed]
    if not (fitting or played):
        raise Forbidden(action=type(step).__name__)
    return (fitting or list(played))[0]


async def save_registration(uow: UnitOfWork, before: FloatingRegistration, after: FloatingRegistration) -> None:
    if not await uow.registrations.save(after, before.revision):
        raise refusal_of(declined("changedMeanwhile"))


async def record(uow: UnitOfWork, actor: Actor, change: RegistrationChange, path: str, subject: str = "") -> None:
    """A line of the registration's own history, and one in the log of access."""
    line = RegistrationLine(
        change.registration_id, change.at, change.step, change.side, actor.account_id, change.before, change.after, change.reason, subject
    )
    await uow.registrations.log([line])
    await log(uow, actor, change.step[0].lower() + change.step[1:], change.registration_id, path, change.at)


async def note(
    uow: UnitOfWork,
    actor: Actor,
    registration: FloatingRegistration,
    step: str,
    side: Side,
    now: float,
    subject: str = "",
    reason: str = "",
) -> None:
    """A line for what changes no state: a liaison, a certificate, a consent."""
    home = await uow.organisations.get(registration.home_branch_id)
    change = RegistrationChange(registration.registration_id, registration.state, registration.state, step, side, now, reason)
    await record(uow, actor, change, home.path if home else "", subject)


async def log(uow: UnitOfWork, actor: Actor, action: str, registration_id: str, path: str, now: float) -> None:
    registration = await uow.registrations.get(registration_id)
    about = f"member:{registration.member_id}" if registration else f"registration:{registration_id}"
    await uow.access_log.append([Access(now, actor.account_id, action, about, path, {"registrationId": registration_id})])


async def tell(
    uow: UnitOfWork, actor: Actor, registration: FloatingRegistration, kind: Kind, sides: Sequence[Side], now: float, **params: str
) -> None:
    """Tell the sides named, but not whoever did it. The key is of the kind, the registration and its revision: once for each step."""
    people: list[str] = []
    for side in sides:
        people += await side_members(uow, registration, side, now)
    about = f"registration:{registration.registration_id}"
    key = f"{kind.code}:{registration.registration_id}:{now}"
    told: list[Notification] = [
        kind.to(member_id, about, now, key, **params) for member_id in dict.fromkeys(people) if member_id != actor.member_id
    ]
    await uow.notifications.add(told)


async def side_members(uow: UnitOfWork, registration: FloatingRegistration, side: Side, now: float) -> list[str]:
    """Who acts for a side. A host without the member's consent is told nothing."""
    if side is Side.MEMBER:
        return [registration.member_id]
    if side is Side.HOME:
        return await acting_for(uow, registration.home_branch_id, now)
    if side is Side.HOST:
        consents = await uow.sharing_consents.of_members([registration.member_id])
        host = registration.host_branch_id or registration.host_org_id
        told = host is not None and consented(consents, registration.member_id, registration.host_org_id, now)
        return await acting_for(uow, host, now) if host and told else []
    return []
