"""Members away in SQL: registrations, consents, contact, certificates, relations, threads. Promises are in `ledger.mobilityports`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..dualmanagement import ConsentRequest, Declaration, EvaluationGrade, HostEvaluation, RegistrationLine, ThreadEntry, ThreadEntryKind
from ..mobility import (
    ActivityCertificate,
    AnnualCheck,
    ContactEntry,
    ContactMeans,
    ContactStatus,
    FloatingRegistration,
    Liaison,
    LostContactCase,
    OrgRelation,
    RegistrationState,
    SeparateConsent,
    SharingPurpose,
    Side,
)
from ..mobilityports import ContactDue, RegistrationQuery
from ..ports import Reach
from . import tables
from . import tables_mobility as t
from .membersearch import bearing
from .reaching import Ground, Where
from .registrationrows import (
    read_declaration,
    read_registration,
    select_declarations,
    select_registrations,
    write_declaration,
    write_registration,
)
from .rows import Rows, chunks
from .tables_files import name_ends

LINES = Rows(t.registration_lines, RegistrationLine, side=Side, after=RegistrationState)
CONSENTS = Rows(t.sharing_consents, SeparateConsent, purpose=SharingPurpose)
REQUESTS = Rows(t.consent_requests, ConsentRequest)
LIAISONS = Rows(t.liaisons, Liaison)
CONTACTS = Rows(t.contact_entries, ContactEntry, means=ContactMeans)
CASES = Rows(t.lost_contact_cases, LostContactCase)
RELATIONS = Rows(t.org_relations, OrgRelation)
ENTRIES = Rows(t.thread_entries, ThreadEntry, kind=ThreadEntryKind, side=Side)
EVALUATIONS = Rows(t.host_evaluations, HostEvaluation, grade=EvaluationGrade)
CHECKS = Rows(t.annual_checks, AnnualCheck)


#: What a count of registrations is taken from.
_COUNTED = (tables.organisations, t.floating_registrations, t.sharing_consents, t.contact_entries, t.liaisons)
_CONSENT_SECONDS = 60.0  # what was counted is counted anew then: the clocks of two machines may differ about when consent was given


class SqlRegistrations:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, registration_id: str) -> FloatingRegistration | None:
        query = select_registrations().where(t.floating_registrations.c.registration_id == registration_id)
        row = (await self._connection.execute(query)).first()
        return read_registration(row) if row else None

    async def add(self, registration: FloatingRegistration) -> None:
        await self._connection.execute(insert(t.floating_registrations), write_registration(registration))

    async def save(self, registration: FloatingRegistration, seen_revision: int) -> bool:
        column = t.floating_registrations.c
        seen = (column.registration_id == registration.registration_id) & (column.revision == seen_revision)
        done = await self._connection.execute(update(t.floating_registrations).where(seen).values(write_registration(registration)))
        return done.rowcount == 1

    async def of_member(self, member_id: str) -> list[FloatingRegistration]:
        column = t.floating_registrations.c
        query = select_registrations().where(column.member_id == member_id).order_by(column.opened_at, column.registration_id)
        return [read_registration(row) for row in await self._connection.execute(query)]

    async def open_of(self, member_ids: Collection[str]) -> dict[str, FloatingRegistration]:
        column = t.floating_registrations.c
        found: dict[str, FloatingRegistration] = {}
        for chunk in chunks(member_ids):
            query = select_registrations().where(column.member_id.in_(chunk) & column.closed_at.is_(None))
            found |= {one.member_id: one for one in map(read_registration, await self._connection.execute(query))}
        return found

    async def search(self, query: RegistrationQuery) -> tuple[list[FloatingRegistration], int]:
        column = t.floating_registrations.c
        (total,) = await self.counts([query])
        if total <= (query.page - 1) * query.page_size:
            return [], total
        heres = await self._heres([query])
        few = heres[query.home].ids is not None and heres[query.host].ids is not None
        opened_at = func.coalesce(column.opened_at, 0.0) if few else column.opened_at  # of few the index on the order would read all
        page = select_registrations().where(_matching(query, heres)).order_by(opened_at.desc(), column.registration_id.desc())
        rows = await self._connection.execute(page.limit(query.page_size).offset((query.page - 1) * query.page_size))
        return [read_registration(row) for row in rows], total

    async def counts(self, queries: Sequence[RegistrationQuery]) -> list[int]:
        sources = (*_COUNTED, name_ends) if any(query.text for query in queries) else _COUNTED
        keys = [replace(query, page=1, page_size=1, consent_at=query.consent_at // _CONSENT_SECONDS) for query in queries]
        meant = dict(zip(keys, queries, strict=True))
        return await self._ground.memory.several(sources, keys, lambda asked: self._count([meant[key] for key in asked]))

    async def log(self, lines: Sequence[RegistrationLine]) -> None:
        if lines:
            await self._connection.execute(insert(t.registration_lines), LINES.write_all(lines))

    async def lines(self, registration_id: str) -> list[RegistrationLine]:
        column = t.registration_lines.c
        rows = await self._connection.execute(LINES.select().where(column.registration_id == registration_id).order_by(column.line))
        return [_read_line(LINES.read(row)) for row in rows]

    async def declare(self, declaration: Declaration) -> None:
        await self._connection.execute(insert(t.whereabouts), write_declaration(declaration))

    async def declarations(self, registration_id: str) -> list[Declaration]:
        column = t.whereabouts.c
        query = select_declarations().where(column.registration_id == registration_id).order_by(column.line)
        return [read_declaration(row) for row in await self._connection.execute(query)]

    async def _count(self, queries: Sequence[RegistrationQuery]) -> list[int]:
        table, heres = t.floating_registrations, await self._heres(queries)
        found = [select(func.count()).select_from(table).where(_matching(query, heres)).scalar_subquery() for query in queries]
        return [int(count) for count in (await self._connection.execute(select(*found))).one()]

    async def _heres(self, queries: Sequence[RegistrationQuery]) -> dict[Reach, Where]:
        reaches = {reach for query in queries for reach in (query.home, query.host)}
        return {reach: await self._ground.where(reach) for reach in reaches}


def _read_line(line: RegistrationLine) -> RegistrationLine:
    """`before` may be none, which an enum is not."""
    return line if line.before is None else replace(line, before=RegistrationState(line.before))


def _matching(query: RegistrationQuery, heres: Mapping[Reach, Where]) -> ColumnElement[bool]:
    column = t.floating_registrations.c
    at_home = heres[query.home].holds(column.home_branch_id)
    parts: list[ColumnElement[bool]] = [or_(at_home, _at_host(query, heres[query.host]))]
    if query.states != frozenset(RegistrationState):
        parts.append(column.state.in_(sorted(state.value for state in query.states)))
    if query.text:
        parts.append(_named(query.text, whole=heres[query.home].whole))
    if query.out_of_contact:
        parts.append(column.contact_status == ContactStatus.OUT_OF_CONTACT.value)
    if query.late_on is not None:
        parts.append(column.report_in_due_on < query.late_on)
    if query.contact_due is not None:
        parts.append(column.closed_at.is_(None) & not_reached(query.contact_due))
    if query.liaison_id is not None:
        in_office = (t.liaisons.c.liaison_member_id == query.liaison_id) & t.liaisons.c.until.is_(None)
        parts.append(column.registration_id.in_(select(t.liaisons.c.registration_id).where(in_office)))
    return and_(*parts)


def _at_host(query: RegistrationQuery, host: Where) -> ColumnElement[bool]:
    """A host is asked for only while the member's consent to it is in force, and only of what is open."""
    column, consent = t.floating_registrations.c, t.sharing_consents.c
    given = (
        (consent.member_id == column.member_id)
        & (consent.recipient_org_id == column.host_org_id)
        & (consent.purpose == SharingPurpose.HOST_MANAGEMENT.value)
        & (consent.given_at <= query.consent_at)
        & or_(consent.withdrawn_at.is_(None), consent.withdrawn_at > query.consent_at)
    )
    here = or_(host.named(column.host_branch_id), host.named(column.host_org_id))
    return here & column.closed_at.is_(None) & exists().where(given)


def _named(text: str, *, whole: bool) -> ColumnElement[bool]:
    """Over the whole tree those who bear the text are looked up first; within few organisations each of their members away is looked at."""
    member_id = t.floating_registrations.c.member_id
    if whole:
        return member_id.in_(select(name_ends.c.member_id).where(bearing(text.lower())))
    return exists().where((name_ends.c.member_id == member_id) & bearing(text.lower()))


def not_reached(due: ContactDue) -> ColumnElement[bool]:
    """Of a registration: nobody reached the member since the days of `due`. One condition, so that a database may answer it by a join."""
    column, entry = t.floating_registrations.c, t.contact_entries.c
    since = case((column.place_country != "CN", literal(due.abroad_since, Date)), else_=literal(due.inland_since, Date))
    reached = (entry.member_id == column.member_id) & entry.reached & (entry.on >= since)
    return (column.left_on < since) & ~exists().where(reached)


class SqlSharingConsents:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_members(self, member_ids: Collection[str]) -> list[SeparateConsent]:
        found: list[SeparateConsent] = []
        for chunk in chunks(member_ids):
            rows = await self._connection.execute(CONSENTS.select().where(t.sharing_consents.c.member_id.in_(chunk)))
            found += [CONSENTS.read(row) for row in rows]
        return sorted(found, key=lambda one: (one.given_at, one.member_id, one.recipient_org_id))

    async def save(self, consent: SeparateConsent) -> None:
        column = t.sharing_consents.c
        same = and_(
            column.member_id == consent.member_id,
            column.recipient_org_id == consent.recipient_org_id,
            column.purpose == consent.purpose.value,
            column.given_at == consent.given_at,
        )
        await self._connection.execute(delete(t.sharing_consents).where(same))
        await self._connection.execute(insert(t.sharing_consents), CONSENTS.write(consent))

    async def ask(self, request: ConsentRequest) -> None:
        await self._connection.execute(insert(t.consent_requests), REQUESTS.write(request))

    async def answer(self, request: ConsentRequest) -> None:
        same = t.consent_requests.c.request_id == request.request_id
        await self._connection.execute(update(t.consent_requests).where(same).values(REQUESTS.write(request)))

    async def waiting(self, member_id: str) -> list[ConsentRequest]:
        column = t.consent_requests.c
        query = REQUESTS.select().where((column.member_id == member_id) & column.answered_at.is_(None))
        return [REQUESTS.read(row) for row in await self._connection.execute(query.order_by(column.asked_at, column.request_id))]


class SqlContacts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def liaisons(self, registration_ids: Collection[str]) -> list[Liaison]:
        found: list[Liaison] = []
        for chunk in chunks(registration_ids):
            rows = await self._connection.execute(LIAISONS.select().where(t.liaisons.c.registration_id.in_(chunk)))
            found += [LIAISONS.read(row) for row in rows]
        return sorted(found, key=lambda one: (one.since, one.until or date.max, one.registration_id))

    async def save_liaison(self, liaison: Liaison) -> None:
        column = t.liaisons.c
        same = and_(
            column.registration_id == liaison.registration_id,
            column.liaison_member_id == liaison.liaison_member_id,
            column.since == liaison.since,
        )
        await self._connection.execute(delete(t.liaisons).where(same))
        await self._connection.execute(insert(t.liaisons), LIAISONS.write(liaison))

    async def add(self, entry: ContactEntry) -> None:
        await self._connection.execute(insert(t.contact_entries), CONTACTS.write(entry))

    async def entries(self, member_id: str) -> list[ContactEntry]:
        column = t.contact_entries.c
        query = CONTACTS.select().where(column.member_id == member_id).order_by(column.on.desc(), column.entry_id.desc())
        return [CONTACTS.read(row) for row in await self._connection.execute(query)]

    async def last_reached(self, member_ids: Collection[str]) -> dict[str, date]:
        column = t.contact_entries.c
        found: dict[str, date] = {}
        for chunk in chunks(member_ids):
            query = select(column.member_id, func.max(column.on)).where(column.member_id.in_(chunk) & column.reached)
            found |= {row[0]: row[1] for row in await self._connection.execute(query.group_by(column.member_id))}
        return found

    async def cases(self, member_id: str) -> list[LostContactCase]:
        column = t.lost_contact_cases.c
        query = CASES.select().where(column.member_id == member_id).order_by(column.search_began_on, column.case_id)
        return [CASES.read(row) for row in await self._connection.execute(query)]

    async def save_case(self, case: LostContactCase) -> None:
        await self._connection.execute(delete(t.lost_contact_cases).where(t.lost_contact_cases.c.case_id == case.case_id))
        await self._connection.execute(insert(t.lost_contact_cases), CASES.write(case))


class SqlCertificates:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, number: str) -> ActivityCertificate | None:
        found = await self._read(t.activity_certificates.c.number == number)
        return found[0] if found else None

    async def add(self, certificate: ActivityCertificate) -> None:
        await self._connection.execute(insert(t.activity_certificates), self._row(certificate))

    async def save(self, certificate: ActivityCertificate) -> None:
        same = t.activity_certificates.c.number == certificate.number
        await self._connection.execute(update(t.activity_certificates).where(same).values(self._row(certificate)))

    async def check(self, check: AnnualCheck) -> None:
        await self._connection.execute(insert(t.annual_checks), CHECKS.write(check))

    async def of_members(self, member_ids: Collection[str]) -> list[ActivityCertificate]:
        found: list[ActivityCertificate] = []
        for chunk in chunks(member_ids):
            found += await self._read(t.activity_certificates.c.member_id.in_(chunk))
        return found

    async def revoked(self) -> list[str]:
        column = t.activity_certificates.c
        query = select(column.number).where(column.revoked_on.is_not(None)).order_by(column.number)
        return list((await self._connection.execute(query)).scalars())

    async def _read(self, where: ColumnElement[bool]) -> list[ActivityCertificate]:
        column, table = t.activity_certificates.c, t.activity_certificates
        rows = (await self._connection.execute(select(table).where(where).order_by(column.issued_on, column.number))).all()
        checks = await CHECKS.by("certificate_number", (row.number for row in rows), ("year",), self._connection)
        return [ActivityCertificate(**row._mapping, checks=tuple(checks.get(row.number, ()))) for row in rows]

    @staticmethod
    def _row(one: ActivityCertificate) -> dict[str, Any]:
        return {column.name: getattr(one, column.name) for column in t.activity_certificates.columns}


class SqlOrgRelations:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_member(self, member_id: str) -> list[OrgRelation]:
        return (await self.of_members([member_id])).get(member_id, [])

    async def of_members(self, member_ids: Collection[str]) -> dict[str, list[OrgRelation]]:
        return await RELATIONS.by("member_id", member_ids, ("since",), self._connection)

    async def put(self, member_id: str, relations: Sequence[OrgRelation]) -> None:
        await self._connection.execute(delete(t.org_relations).where(t.org_relations.c.member_id == member_id))
        await self.begin(relations)

    async def begin(self, relations: Sequence[OrgRelation]) -> None:
        for piece in RELATIONS.write_pieces(relations):
            await self._connection.execute(insert(t.org_relations), piece)


class SqlSecretaryThreads:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, entry: ThreadEntry) -> None:
        await self._connection.execute(insert(t.thread_entries), ENTRIES.write(entry))

    async def get(self, entry_id: str) -> ThreadEntry | None:
        row = (await self._connection.execute(ENTRIES.select().where(t.thread_entries.c.entry_id == entry_id))).first()
        return ENTRIES.read(row) if row else None

    async def save(self, entry: ThreadEntry) -> None:
        same = t.thread_entries.c.entry_id == entry.entry_id
        await self._connection.execute(update(t.thread_entries).where(same).values(ENTRIES.write(entry)))

    async def of_registration(self, registration_id: str) -> list[ThreadEntry]:
        column = t.thread_entries.c
        query = ENTRIES.select().where(column.registration_id == registration_id).order_by(column.written_at, column.entry_id)
        return [ENTRIES.read(row) for row in await self._connection.execute(query)]

    async def evaluate(self, evaluation: HostEvaluation) -> None:
        same = t.host_evaluations.c.evaluation_id == evaluation.evaluation_id
        await self._connection.execute(delete(t.host_evaluations).where(same))
        await self._connection.execute(insert(t.host_evaluations), EVALUATIONS.write(evaluation))

    async def evaluations(self, registration_id: str) -> list[HostEvaluation]:
        column = t.host_evaluations.c
        query = EVALUATIONS.select().where(column.registration_id == registration_id).order_by(column.year, column.given_at)
        return [EVALUATIONS.read(row) for row in await self._connection.execute(query)]
