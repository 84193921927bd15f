"""Impact assessments: written by the security office, read by auditors; the next one follows the last. Kept three years at the least."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from ..access import Action, Actor, require_somewhere
from ..model import Access, day_of
from ..ports import Store
from ..protection import Assessment, Conclusion, Occasion
from ..refusals import Conflict, Invalid, NotFound
from ..retention import Kind
from .attendance import names_of


class ReviewTooEarly(Invalid):
    """params: day."""

    code = "reviewTooEarly"


class AssessmentFollowed(Conflict):
    """Another assessment has taken its place already."""

    code = "assessmentFollowed"


@dataclass(frozen=True, slots=True)
class EnterAssessment:
    title: str
    occasion: Occasion
    kinds: tuple[Kind, ...]
    necessity: str
    impact: str
    measures: str
    conclusion: Conclusion
    assessed_on: date
    next_review_on: date
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """Latest first. `names`: account id → who; `due`: of those in force, whose review is past its day."""

    assessments: list[Assessment]
    names: dict[str, str]
    due: frozenset[str]
    may_keep: bool


async def list_assessments(store: Store, actor: Actor, now: float) -> AssessmentPage:
    require_somewhere(actor, Action.SEE_PROTECTION)
    async with store.reading() as uow:
        found = await uow.protection.assessments()
        names = await names_of(uow, {one.entered_by for one in found})
    followed = {one.follows for one in found}
    due = {one.assessment_id for one in found if one.assessment_id not in followed and one.next_review_on < day_of(now)}
    return AssessmentPage(found, names, frozenset(due), actor.is_security_admin)


async def enter_assessment(store: Store, actor: Actor, command: EnterAssessment, now: float) -> Assessment:
    """Refusals: ReviewTooEarly, AssessmentFollowed, NotFound."""
    require_somewhere(actor, Action.KEEP_PROTECTION)
    if command.assessed_on > day_of(now) or command.next_review_on <= command.assessed_on:
        raise ReviewTooEarly(day=command.next_review_on.isoformat())
    async with store.writing() as uow:
        if command.follows is not None:
            if await uow.protection.assessment(command.follows) is None:
                raise NotFound(noun="assessment", id=command.follows)
            if any(one.follows == command.follows for one in await uow.protection.assessments()):
                raise AssessmentFollowed
        values = {name: getattr(command, name) for name in EnterAssessment.__dataclass_fields__}
        made = Assessment(assessment_id=secrets.token_hex(12), entered_at=now, entered_by=actor.account_id, **values)
        await uow.protection.add_assessment(made)
        await uow.access_log.append([Access(now, actor.account_id, "enterAssessment", f"assessment:{made.assessment_id}")])
    return made
