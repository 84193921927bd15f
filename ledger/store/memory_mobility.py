"""Members away in memory: registrations, consents, contact, certificates, relations, threads. Promises are in `ledger.mobilityports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from ..dualmanagement import ConsentRequest, Declaration, HostEvaluation, RegistrationLine, ThreadEntry
from ..mobility import (
    ActivityCertificate,
    AnnualCheck,
    ContactEntry,
    ContactStatus,
    FloatingRegistration,
    Liaison,
    LostContactCase,
    OrgRelation,
    SeparateConsent,
    SharingPurpose,
)
from ..mobilityports import ContactDue, RegistrationQuery
from ..refusals import Conflict
from .memory_books import Books, places, refuse_twice


class MemoryRegistrations:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def get(self, registration_id: str) -> FloatingRegistration | None:
        return self._books.registrations.get(registration_id)

    async def add(self, registration: FloatingRegistration) -> None:
        refuse_twice([registration], self._books.registrations.values(), "registration_id")
        self._put(registration)

    async def save(self, registration: FloatingRegistration, seen_revision: int) -> bool:
        stored = self._books.registrations.get(registration.registration_id)
        if stored is None or stored.revision != seen_revision:
            return False
        self._put(registration)
        return True

    async def of_member(self, member_id: str) -> list[FloatingRegistration]:
        found = [one for one in self._books.registrations.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.opened_at, one.registration_id))

    async def open_of(self, member_ids: Collection[str]) -> dict[str, FloatingRegistration]:
        wanted = set(member_ids)
        return {one.member_id: one for one in self._books.registrations.values() if one.member_id in wanted and one.closed_at is None}

    async def search(self, query: RegistrationQuery) -> tuple[list[FloatingRegistration], int]:
        books = self._books
        home, host = places(books.organisations, query.home), places(books.organisations, query.host)
        found = [one for one in books.registrations.values() if self._reached(one, home, host, query) and self._matches(one, query)]
        found.sort(key=lambda one: (one.opened_at, one.registration_id), reverse=True)
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    async def counts(self, queries: Sequence[RegistrationQuery]) -> list[int]:
        return [(await self.search(query))[1] for query in queries]

    async def log(self, lines: Sequence[RegistrationLine]) -> None:
        for line in lines:
            before = self._books.registration_lines.get(line.registration_id, ())
            self._books.registration_lines[line.registration_id] = (*before, line)

    async def lines(self, registration_id: str) -> list[RegistrationLine]:
        return list(self._books.registration_lines.get(registration_id, ()))

    async def declare(self, declaration: Declaration) -> None:
        before = self._books.declarations.get(declaration.registration_id, ())
        self._books.declarations[declaration.registration_id] = (*before, declaration)

    async def declarations(self, registration_id: str) -> list[Declaration]:
        return list(self._books.declarations.get(registration_id, ()))

    def _put(self, registration: FloatingRegistration) -> None:
        others = (one for one in self._books.registrations.values() if one.registration_id != registration.registration_id)
        if registration.closed_at is None and any(one.member_id == registration.member_id and one.closed_at is None for one in others):
            raise Conflict
        self._books.registrations[registration.registration_id] = registration

    def _reached(self, one: FloatingRegistration, home: set[str], host: set[str], query: RegistrationQuery) -> bool:
        if one.home_branch_id in home:
            return True
        at_host = one.closed_at is None and bool({one.host_branch_id, one.host_org_id} & host)
        return at_host and any(
            consent.member_id == one.member_id
            and consent.recipient_org_id == one.host_org_id
            and consent.purpose is SharingPurpose.HOST_MANAGEMENT
            and consent.holds_at(query.consent_at)
            for consent in self._books.sharing_consents.values()
        )

    def _matches(self, one: FloatingRegistration, query: RegistrationQuery) -> bool:
        member, text = self._books.members[one.member_id], query.text.lower()
        late = query.late_on is None or (one.report_in_due_on is not None and one.report_in_due_on < query.late_on)
        return (
            one.state in query.states
            and (text in member.name.lower() or member.number.lower().startswith(text))
            and (not query.out_of_contact or one.contact_status is ContactStatus.OUT_OF_CONTACT)
            and late
            and (query.contact_due is None or (one.closed_at is None and self._not_reached(one, query.contact_due)))
            and (query.liaison_id is None or self._liaison(one.registration_id) == query.liaison_id)
        )

    def _not_reached(self, one: FloatingRegistration, due: ContactDue) -> bool:
        since = due.abroad_since if one.abroad else due.inland_since
        entries = self._books.contacts.values()
        reached = any(entry.member_id == one.member_id and entry.reached and entry.on >= since for entry in entries)
        return one.report.left_on < since and not reached

    def _liaison(self, registration_id: str) -> str | None:
        in_office = (one for one in self._books.liaisons.values() if one.registration_id == registration_id and one.until is None)
        return next((one.liaison_member_id for one in in_office), None)


class MemorySharingConsents:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def of_members(self, member_ids: Collection[str]) -> list[SeparateConsent]:
        wanted = set(member_ids)
        found = [one for one in self._books.sharing_consents.values() if one.member_id in wanted]
        return sorted(found, key=lambda one: (one.given_at, one.member_id, one.recipient_org_id))

    async def save(self, consent: SeparateConsent) -> None:
        key = (consent.member_id, consent.recipient_org_id, consent.purpose.value, consent.given_at)
        self._books.sharing_consents[key] = consent

    async def ask(self, request: ConsentRequest) -> None:
        refuse_twice([request], self._books.consent_requests.values(), "request_id")
        self._books.consent_requests[request.request_id] = request

    async def answer(self, request: ConsentRequest) -> None:
        self._books.consent_requests[request.request_id] = request

    async def waiting(self, member_id: str) -> list[ConsentRequest]:
        found = [one for one in self._books.consent_requests.values() if one.member_id == member_id and one.answered_at is None]
        return sorted(found, key=lambda one: (one.asked_at, one.request_id))


class MemoryContacts:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def liaisons(self, registration_ids: Collection[str]) -> list[Liaison]:
        wanted = set(registration_ids)
        found = [one for one in self._books.liaisons.values() if one.registration_id in wanted]
        return sorted(found, key=lambda one: (one.since, one.until or date.max, one.registration_id))

    async def save_liaison(self, liaison: Liaison) -> None:
        key = (liaison.registration_id, liaison.liaison_member_id, liaison.since)
        rest = {other: one for other, one in self._books.liaisons.items() if other != key}
        if liaison.until is None and any(one.until is None for one in rest.values() if one.registration_id == liaison.registration_id):
            raise Conflict
        self._books.liaisons[key] = liaison

    async def add(self, entry: ContactEntry) -> None:
        refuse_twice([entry], self._books.contacts.values(), "entry_id")
        self._books.contacts[entry.entry_id] = entry

    async def entries(self, member_id: str) -> list[ContactEntry]:
        found = [one for one in self._books.contacts.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.on, one.entry_id), reverse=True)

    async def last_reached(self, member_ids: Collection[str]) -> dict[str, date]:
        wanted, found = set(member_ids), dict[str, date]()
        for one in self._books.contacts.values():
            if one.reached and one.member_id in wanted:
                found[one.member_id] = max(one.on, found.get(one.member_id, one.on))
        return found

    async def cases(self, member_id: str) -> list[LostContactCase]:
        found = [one for one in self._books.lost_cases.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.search_began_on, one.case_id))

    async def save_case(self, case: LostContactCase) -> None:
        others = (one for one in self._books.lost_cases.values() if one.case_id != case.case_id and one.member_id == case.member_id)
        if case.closed_on is None and any(one.closed_on is None for one in others):
            raise Conflict
        self._books.lost_cases[case.case_id] = case


class MemoryCertificates:
    def __init__(self, books: Books) -> None:
        self._certificates = books.activity_certificates

    async def get(self, number: str) -> ActivityCertificate | None:
        return self._certificates.get(number)

    async def add(self, certificate: ActivityCertificate) -> None:
        refuse_twice([certificate], self._certificates.values(), "number")
        self._certificates[certificate.number] = replace(certificate, checks=())

    async def save(self, certificate: ActivityCertificate) -> None:
        self._certificates[certificate.number] = replace(certificate, checks=self._certificates[certificate.number].checks)

    async def check(self, check: AnnualCheck) -> None:
        before = self._certificates[check.certificate_number]
        if any(one.year == check.year for one in before.checks):
            raise Conflict
        checks = tuple(sorted((*before.checks, check), key=lambda one: one.year))
        self._certificates[check.certificate_number] = replace(before, checks=checks)

    async def of_members(self, member_ids: Collection[str]) -> list[ActivityCertificate]:
        wanted = set(member_ids)
        found = [one for one in self._certificates.values() if one.member_id in wanted]
        return sorted(found, key=lambda one: (one.issued_on, one.number))

    async def revoked(self) -> list[str]:
        return sorted(one.number for one in self._certificates.values() if one.revoked_on is not None)


class MemoryOrgRelations:
    def __init__(self, books: Books) -> None:
        self._relations = books.org_relations

    async def of_member(self, member_id: str) -> list[OrgRelation]:
        return list(self._relations.get(member_id, ()))

    async def of_members(self, member_ids: Collection[str]) -> dict[str, list[OrgRelation]]:
        return {key: list(self._relations[key]) for key in sorted(set(member_ids)) if key in self._relations}

    async def put(self, member_id: str, relations: Sequence[OrgRelation]) -> None:
        self._relations.pop(member_id, None)
        await self.begin(relations)

    async def begin(self, relations: Sequence[OrgRelation]) -> None:
        for one in relations:
            before = self._relations.get(one.member_id, ())
            if any(other.since == one.since or (other.until is None and one.until is None) for other in before):
                raise Conflict
            self._relations[one.member_id] = tuple(sorted((*before, one), key=lambda other: other.since))


class MemorySecretaryThreads:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def add(self, entry: ThreadEntry) -> None:
        refuse_twice([entry], self._books.thread_entries.values(), "entry_id")
        self._books.thread_entries[entry.entry_id] = entry

    async def get(self, entry_id: str) -> ThreadEntry | None:
        return self._books.thread_entries.get(entry_id)

    async def save(self, entry: ThreadEntry) -> None:
        self._books.thread_entries[entry.entry_id] = entry

    async def of_registration(self, registration_id: str) -> list[ThreadEntry]:
        found = [one for one in self._books.thread_entries.values() if one.registration_id == registration_id]
        return sorted(found, key=lambda one: (one.written_at, one.entry_id))

    async def evaluate(self, evaluation: HostEvaluation) -> None:
        for one in self._books.host_evaluations.values():
            same = (one.registration_id, one.org_id, one.year) == (evaluation.registration_id, evaluation.org_id, evaluation.year)
            if same and one.evaluation_id != evaluation.evaluation_id:
                raise Conflict
        self._books.host_evaluations[evaluation.evaluation_id] = evaluation

    async def evaluations(self, registration_id: str) -> list[HostEvaluation]:
        found = [one for one in self._books.host_evaluations.values() if one.registration_id == registration_id]
        return sorted(found, key=lambda one: (one.year, one.given_at))
