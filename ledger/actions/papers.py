"""The paper a branch takes into its meeting when a long clock is full: what is known, by which rule, and room for what people decide.

A draft, and said to be one on every page. It is made from the advice of that day; where the clock is not full there is no paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..access import Action, Actor, registration_for
from ..clocks import duty_record
from ..mobility import ContactEntry, FloatingRegistration
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import Member, OrgUnit, day_of
from ..ports import Store
from ..refusals import NotFound
from ..rules.duties import Advice, AdviceKind, evaluate
from .registrationsteps import log


@dataclass(frozen=True, slots=True)
class DraftPaper:
    """`attempts`: the contact log, oldest first."""

    advice: Advice
    rules: MobilityRules
    member: Member
    home: OrgUnit
    registration: FloatingRegistration
    attempts: tuple[ContactEntry, ...]
    last_life_on: date | None
    drawn_up_on: date


async def draft_paper(
    store: Store, actor: Actor, registration_id: str, about: AdviceKind, now: float, rules: MobilityRules = DEFAULT
) -> DraftPaper:
    """Refusal: NotFound where that clock gives no advice today. Logged."""
    async with store.writing() as uow:
        registration, target = await registration_for(uow, actor, registration_id, Action.MANAGE_REGISTRATION, now)
        rows = await uow.clocks.rows_of([registration.member_id])
        found = evaluate(map(duty_record, rows), rules, day_of(now)).advice
        advice = next((one for one in found if one.kind is about), None)
        if advice is None:
            raise NotFound(noun="paper", id=about.value)
        member = await uow.members.get(registration.member_id)
        home = await uow.organisations.get(registration.home_branch_id)
        attempts = await uow.contacts.entries(registration.member_id)
        await log(uow, actor, "draftPaper", registration_id, target.path, now)
    assert member is not None
    assert home is not None
    return DraftPaper(advice, rules, member, home, registration, tuple(reversed(attempts)), rows[0].last_life_on, day_of(now))
