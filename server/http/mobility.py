"""Members away: the list, one registration, and every step of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ledger.actions import contact, floating, sharing, threads
from ledger.actions.floatingfile import own_file, registration_file
from ledger.actions.floatinglists import Filter, SearchFloating, search_floating
from ledger.actions.hosts import FindOrg, find_hosts
from ledger.dualmanagement import EvaluationGrade
from ledger.mobility import ContactMeans, FlowRange, FlowReason, Place
from ledger.sharingnotice import NOTICES
from server.http.call import Call, day, given
from server.http.views import mobility as views
from server.schemas import mobility as m

_READ: dict[str, Callable[[Any], Any]] = {"reason": FlowReason, "expected_return_on": partial(day, "expectedReturnOn")}


async def search(call: Call, query: m.FloatingSearch) -> m.FloatingPageView:
    command = SearchFloating(Filter(query.filter), query.q, query.page, query.page_size)
    found = await search_floating(call.store, call.actor, command, call.now, call.house.mobility)
    return m.FloatingPageView.model_validate(
        {
            "items": [views.line(one) for one in found.lines],
            "total": found.total,
            "page": query.page,
            "page_size": query.page_size,
            "counts": {one.value: number for one, number in found.counts.items()},
        }
    )


async def away(call: Call) -> m.AwayView:
    file = await own_file(call.store, call.actor, call.now, call.house.mobility)
    notice = NOTICES[call.house.mobility.consent_version]
    return m.AwayView(
        registration=views.registration(file, call.house.mobility) if file else None,
        notice=m.SharingNoticeView(version=notice.version, zh=list(notice.zh), en=list(notice.en)),
        report_in_days=call.house.mobility.report_in_days,
    )


async def hosts(call: Call, query: m.HostSearch) -> m.HostList:
    found = await find_hosts(call.store, call.actor, FindOrg(query.q, query.page, query.page_size))
    items = [m.HostChoice(org_id=one.org.org_id, name=one.org.name, kind=one.org.kind.value, above=one.above) for one in found.lines]
    return m.HostList(items=items, total=found.total, page=query.page, page_size=query.page_size)


async def report_departure(call: Call, body: m.NewDeparture) -> m.RegistrationView:
    command = floating.ReportDeparture(
        call.ids["memberId"],
        FlowReason(body.reason),
        FlowRange(body.flow_range),
        _place(body.destination),
        day("leftOn", body.left_on),
        body.contact,
        body.destination_unit,
        body.industry,
        body.former_occupation,
        day("expectedReturnOn", body.expected_return_on) if body.expected_return_on else None,
    )
    registration = await floating.report_departure(call.store, call.actor, command, call.now)
    return await view(call, registration.registration_id)


async def registration(call: Call) -> m.RegistrationView:
    return await view(call)


async def correct_report(call: Call, body: m.ReportChange) -> m.RegistrationView:
    changes = given(body, _READ, frozenset({"expected_return_on"}))
    await floating.correct_report(call.store, call.actor, _id(call), body.revision, changes, call.now)
    return await view(call)


async def choose_host(call: Call, body: m.ChooseHost) -> m.RegistrationView:
    command = floating.ChooseHost(_id(call), body.revision, body.host_org_id, body.host_contact)
    await floating.choose_host(call.store, call.actor, command, call.now, call.house.mobility)
    return await view(call)


async def take_in(call: Call, body: m.TakeIn) -> m.RegistrationView:
    command = floating.TakeIn(_id(call), body.revision, body.host_branch_id, body.host_contact)
    await floating.take_in(call.store, call.actor, command, call.now, call.house.mobility)
    return await view(call)


async def declare(call: Call, body: m.DeclareWhereabouts) -> m.RegistrationView:
    command = floating.Declare(_id(call), _place(body.place), body.unit, body.contact, body.leaves_host, body.revision)
    await floating.declare(call.store, call.actor, command, call.now, call.house.mobility)
    return await view(call)


async def come_back(call: Call, body: m.RecordReturn) -> m.RegistrationView:
    command = floating.ComeBack(_id(call), body.revision, day("on", body.on))
    await floating.come_back(call.store, call.actor, command, call.now, call.house.mobility)
    return await view(call)


async def close(call: Call, body: m.CloseRegistration) -> m.RegistrationView:
    command = floating.CloseRegistration(_id(call), body.revision, body.reason, body.membership_ended)
    await floating.close_registration(call.store, call.actor, command, call.now, call.house.mobility)
    return await view(call)


async def share(call: Call, body: m.ShareRecord) -> m.RegistrationView:
    command = sharing.ShareRecord(_id(call), body.org_id, body.text_version)
    await sharing.share_record(call.store, call.actor, command, call.now, call.house.mobility)
    return await view(call)


async def stop_sharing(call: Call, body: m.StopSharing) -> m.RegistrationView:
    await sharing.stop_sharing(call.store, call.actor, sharing.StopSharing(_id(call), body.org_id), call.now)
    return await view(call)


async def decline_request(call: Call, body: m.StopSharing) -> m.RegistrationView:
    await sharing.decline_request(call.store, call.actor, _id(call), body.org_id, call.now)
    return await view(call)


async def name_liaison(call: Call, body: m.NameLiaison) -> m.RegistrationView:
    await contact.name_liaison(call.store, call.actor, contact.NameLiaison(_id(call), body.member_id), call.now)
    return await view(call)


async def log_contact(call: Call, body: m.NewContact) -> m.RegistrationView:
    command = contact.LogContact(_id(call), day("on", body.on), ContactMeans(body.means), body.reached, body.learned)
    await contact.log_contact(call.store, call.actor, command, call.now)
    return await view(call)


async def begin_search(call: Call, body: m.BeginSearch) -> m.RegistrationView:
    await contact.begin_search(call.store, call.actor, contact.BeginSearch(_id(call), body.revision, day("on", body.on)), call.now)
    return await view(call)


async def enter_suspension(call: Call, body: m.EnterSuspension) -> m.RegistrationView:
    await contact.enter_suspension(call.store, call.actor, contact.EnterSuspension(_id(call), day("on", body.on)), call.now)
    return await view(call)


async def write_message(call: Call, body: m.NewThreadEntry) -> m.RegistrationView:
    due_on = day("dueOn", body.due_on) if body.due_on else None
    await threads.write_message(call.store, call.actor, threads.WriteMessage(_id(call), body.text, due_on, body.task), call.now)
    return await view(call)


async def finish_task(call: Call) -> m.RegistrationView:
    await threads.finish_task(call.store, call.actor, _id(call), call.ids["taskId"], call.now)
    return await view(call)


async def evaluate(call: Call, body: m.NewEvaluation) -> m.RegistrationView:
    command = threads.GiveEvaluation(_id(call), body.year, EvaluationGrade(body.grade), body.remark)
    await threads.give_evaluation(call.store, call.actor, command, call.now)
    return await view(call)


async def note_evaluation(call: Call) -> m.RegistrationView:
    await threads.note_evaluation(call.store, call.actor, _id(call), call.ids["evaluationId"], call.now)
    return await view(call)


async def view(call: Call, registration_id: str | None = None) -> m.RegistrationView:
    """The registration as it stands now, as the actor may see it."""
    file = await registration_file(call.store, call.actor, registration_id or _id(call), call.now, call.house.mobility)
    return views.registration(file, call.house.mobility)


def _id(call: Call) -> str:
    return call.ids["registrationId"]


def _place(shape: m.PlaceShape) -> Place:
    return Place(shape.name, shape.code, shape.country)
