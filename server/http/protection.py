"""Impact assessments and breaches, kept by the security office; and the notice a member concerned reads."""

from __future__ import annotations

from typing import Any

from ledger.actions import assessments, breaches
from ledger.protection import Breach, BreachLineKind, Conclusion, Occasion
from ledger.retention import Kind
from server.http.call import Call, day, instant
from server.http.views.moments import iso, iso_or_none
from server.schemas import protection as s


async def assessment_list(call: Call) -> s.AssessmentList:
    found = await assessments.list_assessments(call.store, call.actor, call.now)
    followed = {one.follows for one in found.assessments}
    items = [
        s.AssessmentView(
            assessment_id=one.assessment_id,
            title=one.title,
            occasion=one.occasion.value,
            kinds=[kind.value for kind in one.kinds],
            necessity=one.necessity,
            impact=one.impact,
            measures=one.measures,
            conclusion=one.conclusion.value,
            assessed_on=one.assessed_on.isoformat(),
            next_review_on=one.next_review_on.isoformat(),
            entered_at=iso(one.entered_at),
            entered_by=found.names.get(one.entered_by, ""),
            follows=one.follows,
            followed=one.assessment_id in followed,
            due=one.assessment_id in found.due,
        )
        for one in found.assessments
    ]
    return s.AssessmentList(items=items, may_keep=found.may_keep)


async def assess(call: Call, body: s.NewAssessment) -> s.AssessmentList:
    command = assessments.EnterAssessment(
        body.title,
        Occasion(body.occasion),
        _kinds(body.kinds),
        body.necessity,
        body.impact,
        body.measures,
        Conclusion(body.conclusion),
        day("assessedOn", body.assessed_on),
        day("nextReviewOn", body.next_review_on),
        body.follows,
    )
    await assessments.enter_assessment(call.store, call.actor, command, call.now)
    return await assessment_list(call)


async def breach_list(call: Call) -> s.BreachList:
    found = await breaches.list_breaches(call.store, call.actor)
    return s.BreachList(
        items=[
            s.BreachSummary(
                breach_id=one.breach_id,
                title=one.title,
                found_at=iso(one.found_at),
                people=one.people,
                told_at=iso_or_none(one.told_at),
                told=one.told,
                closed_at=iso_or_none(one.closed_at),
            )
            for one in found
        ]
    )


async def breach(call: Call) -> s.BreachView:
    return await _view(call, call.ids["breachId"])


async def report(call: Call, body: s.NewBreach) -> s.BreachView:
    return await _view(call, (await breaches.enter_breach(call.store, call.actor, _command(body), call.now)).breach_id)


async def change(call: Call, body: s.BreachChange) -> s.BreachView:
    await breaches.change_breach(call.store, call.actor, call.ids["breachId"], body.revision, _command(body), call.now)
    return await breach(call)


async def add_line(call: Call, body: s.NewBreachLine) -> s.BreachView:
    await breaches.add_line(call.store, call.actor, call.ids["breachId"], BreachLineKind(body.kind), body.text, call.now)
    return await breach(call)


async def tell(call: Call, body: s.TellMembers) -> s.ToldMembers:
    orgs = tuple(dict.fromkeys(body.org_ids))
    told = await breaches.tell_members(call.store, call.actor, call.ids["breachId"], orgs, call.now, apply=not body.dry_run)
    return s.ToldMembers(told=told, dry_run=body.dry_run)


async def notice(call: Call) -> s.BreachNotice:
    return s.BreachNotice(**_told(await breaches.notice_of(call.store, call.actor, call.ids["breachId"], call.now)))


def _command(body: s.NewBreach) -> breaches.EnterBreach:
    return breaches.EnterBreach(
        body.title,
        instant("foundAt", body.found_at),
        _kinds(body.kinds),
        body.people,
        body.happened,
        body.harm,
        body.measures,
        body.advice,
        body.contact,
    )


def _kinds(names: list[Any]) -> tuple[Kind, ...]:
    """In the order of the table, each once."""
    return tuple(kind for kind in Kind if kind.value in names)


def _told(one: Breach) -> dict[str, Any]:
    return {
        "breach_id": one.breach_id,
        "title": one.title,
        "found_at": iso(one.found_at),
        "kinds": [kind.value for kind in one.kinds],
        "happened": one.happened,
        "harm": one.harm,
        "measures": one.measures,
        "advice": one.advice,
        "contact": one.contact,
    }


async def _view(call: Call, breach_id: str) -> s.BreachView:
    found = await breaches.breach_file(call.store, call.actor, breach_id)
    one = found.breach
    return s.BreachView(
        **_told(one),
        people=one.people,
        told_at=iso_or_none(one.told_at),
        told=one.told,
        closed_at=iso_or_none(one.closed_at),
        revision=one.revision,
        lines=[
            s.BreachLineView(kind=line.kind.value, at=iso(line.at), by=found.names.get(line.account_id, ""), text=line.text)
            for line in found.lines
        ],
        may_keep=found.may_keep,
    )
