"""Registrations and certificates as the wire spells them."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.actions.floatingfile import RegistrationFile
from ledger.actions.floatinglists import FloatingLine
from ledger.dualmanagement import Declaration, HostEvaluation, ThreadEntry
from ledger.mobility import ContactEntry, ContactStatus, Place
from ledger.mobilityrules import MobilityRules
from ledger.model import OrgUnit
from ledger.rules.certificate import Verification
from ledger.rules.duties import Advice, Due
from server.http.views.moments import day_or_none, iso, iso_or_none
from server.schemas import mobility as m
from server.schemas.base import Sentence


def org(unit: OrgUnit) -> m.NamedOrg:
    return m.NamedOrg(org_id=unit.org_id, name=unit.name, kind=unit.kind.value)


def org_or_none(unit: OrgUnit | None) -> m.NamedOrg | None:
    return org(unit) if unit else None


def place(one: Place) -> m.PlaceShape:
    return m.PlaceShape(name=one.name, code=one.code, country=one.country)


def dues(found: Iterable[Due]) -> list[m.DueView]:
    return [m.DueView.model_validate({"kind": one.kind.value, "due_on": one.due_on.isoformat(), "state": one.state.value}) for one in found]


def advice(found: Iterable[Advice], rules: MobilityRules) -> list[m.AdviceView]:
    return [
        m.AdviceView(
            kind=one.kind.value,
            since=one.since.isoformat(),
            full_on=one.full_on.isoformat(),
            sentence=Sentence(zh=one.sentence(rules, "zh"), en=one.sentence(rules, "en")),
            basis=Sentence(zh=one.clause(rules).basis("zh"), en=one.clause(rules).basis("en")),
        )
        for one in found
    ]


def line(one: FloatingLine) -> m.FloatingLineView:
    registration = one.registration
    return m.FloatingLineView(
        registration_id=registration.registration_id,
        member_id=registration.member_id,
        name=one.member.name,
        number=one.member.number,
        stage=one.member.stage.value,
        state=registration.state.value,
        home=org(one.home),
        host=org_or_none(one.host),
        destination=place(registration.destination),
        left_on=registration.report.left_on.isoformat(),
        report_in_due_on=day_or_none(registration.report_in_due_on),
        last_contact_on=day_or_none(one.last_contact_on),
        liaison_name=one.liaison_name,
        out_of_contact=registration.contact_status is ContactStatus.OUT_OF_CONTACT,
        dues=dues(one.dues),
        at_home=one.at_home,
    )


def registration(file: RegistrationFile, rules: MobilityRules) -> m.RegistrationView:
    one, report = file.registration, file.registration.report
    host = file.host or file.host_org
    return m.RegistrationView(
        registration_id=one.registration_id,
        revision=one.revision,
        member_id=one.member_id,
        name=file.member.name,
        number=file.member.number,
        stage=file.member.stage.value,
        phone=file.member.phone,
        state=one.state.value,
        home=org(file.home),
        host=org_or_none(host),
        host_contact=one.host_contact,
        consented=file.consented,
        reason=report.reason.value,
        flow_range=report.flow_range.value,
        destination=place(one.destination),
        reported_destination=place(report.destination),
        destination_unit=report.destination_unit,
        industry=report.industry,
        former_occupation=report.former_occupation,
        contact=report.contact,
        left_on=report.left_on.isoformat(),
        expected_return_on=day_or_none(report.expected_return_on),
        awaiting_since=day_or_none(one.awaiting_since),
        report_in_due_on=day_or_none(one.report_in_due_on),
        reported_in_on=day_or_none(one.reported_in_on),
        returned_on=day_or_none(one.returned_on),
        out_of_contact=one.contact_status is ContactStatus.OUT_OF_CONTACT,
        finding=_finding(file),
        dues=dues(file.dues),
        advice=advice(file.advice, rules),
        responsible=_responsible(file),
        liaison_member_id=file.liaison.liaison_member_id if file.liaison else None,
        certificate=_certificate(file),
        search=m.CaseView(search_began_on=file.case.search_began_on.isoformat(), suspended_on=day_or_none(file.case.suspended_on))
        if file.case
        else None,
        history=_history(file),
        declarations=[_declaration(told) for told in file.declarations],
        contacts=[_contact(entry, file.names) for entry in file.contacts],
        thread=[_entry(entry, file.names) for entry in file.thread],
        evaluations=[_evaluation(given, file) for given in file.evaluations],
        consents=_consents(file),
        requests=_requests(file),
        can=sorted(action.value for action in file.can),
        is_self=file.is_self,
    )


def verification(found: Verification) -> m.VerificationView:
    return m.VerificationView(
        verdict=found.verdict.value,
        acceptable=found.acceptable,
        sentence=Sentence(zh=found.sentence("zh"), en=found.sentence("en")),
        number=found.claims.number,
        member_name=found.claims.member_name,
        home_branch_name=found.claims.home_branch_name,
        issued_on=found.claims.issued_on.isoformat(),
        checked_on=day_or_none(found.claims.checked_on),
    )


def _finding(file: RegistrationFile) -> m.FindingView:
    found = file.finding
    sentence = Sentence(zh=found.sentence("zh"), en=found.sentence("en"))
    return m.FindingView(meets=found.meets.value, sentence=sentence, meets_on=day_or_none(found.meets_on))


def _responsible(file: RegistrationFile) -> m.ResponsibleView:
    """The relation says which branch is responsible; where no relation is on record it is the home branch."""
    found = file.responsible
    home = file.units.get(found.branch_id, file.home) if found else file.home
    host = file.units.get(found.host_branch_id or "") if found else None
    return m.ResponsibleView(home=org(home), host=org_or_none(host), liaison_name=file.liaison_name)


def _certificate(file: RegistrationFile) -> m.CertificateSummary | None:
    one = file.certificate
    if one is None:
        return None
    return m.CertificateSummary(
        number=one.number,
        issued_on=one.issued_on.isoformat(),
        checked_on=day_or_none(one.checked_on),
        revoked_on=day_or_none(one.revoked_on),
        revoke_reason=one.revoke_reason,
    )


def _history(file: RegistrationFile) -> list[m.HistoryLine]:
    return [
        m.HistoryLine(
            at=iso(one.at),
            step=one.step,
            side=one.side.value,
            by=file.names.get(one.author, ""),
            state=one.after.value,
            reason=one.reason,
            subject=file.units[one.subject].name if one.subject in file.units else "",
        )
        for one in file.lines
    ]


def _declaration(one: Declaration) -> m.DeclarationView:
    return m.DeclarationView(
        at=iso(one.declared_at), place=place(one.place), unit=one.unit, contact=one.contact, side=one.side.value, moved=one.moved
    )


def _contact(one: ContactEntry, names: dict[str, str]) -> m.ContactView:
    return m.ContactView(
        entry_id=one.entry_id,
        on=one.on.isoformat(),
        means=one.means.value,
        reached=one.reached,
        learned=one.learned,
        by=names.get(one.author, ""),
    )


def _entry(one: ThreadEntry, names: dict[str, str]) -> m.ThreadEntryView:
    return m.ThreadEntryView(
        entry_id=one.entry_id,
        kind=one.kind.value,
        side=one.side.value,
        by=names.get(one.author, ""),
        text=one.text,
        at=iso(one.written_at),
        due_on=day_or_none(one.due_on),
        done_at=iso_or_none(one.done_at),
        done_by=names.get(one.done_by or ""),
    )


def _evaluation(one: HostEvaluation, file: RegistrationFile) -> m.EvaluationView:
    return m.EvaluationView(
        evaluation_id=one.evaluation_id,
        year=one.year,
        grade=one.grade.value,
        remark=one.remark,
        org_name=file.units[one.org_id].name if one.org_id in file.units else "",
        by=file.names.get(one.author, ""),
        at=iso(one.given_at),
        noted_at=iso_or_none(one.noted_at),
    )


def _consents(file: RegistrationFile) -> list[m.SharingConsentView]:
    return [
        m.SharingConsentView(
            org_id=one.recipient_org_id,
            org_name=file.units[one.recipient_org_id].name if one.recipient_org_id in file.units else "",
            text_version=one.text_version,
            given_at=iso(one.given_at),
            withdrawn_at=iso_or_none(one.withdrawn_at),
        )
        for one in file.consents
    ]


def _requests(file: RegistrationFile) -> list[m.ConsentRequestView]:
    def name(org_id: str) -> str:
        return file.units[org_id].name if org_id in file.units else ""

    return [
        m.ConsentRequestView(
            org_id=one.org_id,
            org_name=name(one.org_id),
            branch_name=name(one.branch_id),
            asked_at=iso(one.asked_at),
            reports_in=one.reports_in,
        )
        for one in file.requests
    ]
