"""The tables of members away, in the same metadata as the others.

What must never be twice is unique in the database too: an open registration, a stretch of the relation without an end, a liaison in office.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .tables import ID, SORTED, metadata


def _one(name: str, table: Table, column: str, only: str) -> Index:
    """Unique among the rows for which `only` holds."""
    return Index(name, table.c[column], unique=True, sqlite_where=text(only), postgresql_where=text(only))


def _place(prefix: str) -> list[Column[str]]:
    return [
        Column(f"{prefix}_name", String(120), nullable=False),
        Column(f"{prefix}_code", String(12), nullable=False),
        Column(f"{prefix}_country", String(2), nullable=False),
    ]


floating_registrations = Table(
    "floating_registrations",
    metadata,
    Column("registration_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("home_branch_id", ID, ForeignKey("organisations.org_id"), nullable=False, index=True),
    Column("state", String(24), nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("flow_range", String(16), nullable=False),
    *_place("reported"),
    Column("left_on", Date, nullable=False),
    Column("contact", String(200), nullable=False),
    Column("destination_unit", String(200), nullable=False),
    Column("industry", String(80), nullable=False),
    Column("former_occupation", String(120), nullable=False),
    Column("expected_return_on", Date),
    *_place("place"),
    Column("host_org_id", ID, ForeignKey("organisations.org_id"), index=True),
    Column("host_branch_id", ID, ForeignKey("organisations.org_id"), index=True),
    Column("host_contact", String(200), nullable=False),
    Column("awaiting_since", Date),
    Column("report_in_due_on", Date),
    Column("reported_in_on", Date),
    Column("certificate_number", String(40)),
    Column("contact_status", String(16), nullable=False),
    Column("lost_on", Date),
    Column("returned_on", Date),
    Column("transfer_id", ID),
    Column("closed_at", Double),
    Column("revision", Integer, nullable=False),
)
Index(None, floating_registrations.c.opened_at, floating_registrations.c.registration_id)
_one("uq_floating_registrations_open_member_id", floating_registrations, "member_id", "closed_at IS NULL")

registration_lines = Table(
    "registration_lines",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("registration_id", ID, ForeignKey("floating_registrations.registration_id"), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("step", String(40), nullable=False),
    Column("side", String(16), nullable=False),
    Column("author", ID, nullable=False),
    Column("before", String(24)),
    Column("after", String(24), nullable=False),
    Column("reason", Text, nullable=False),
    Column("subject", String(64), nullable=False),
)

whereabouts = Table(
    "whereabouts",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("registration_id", ID, ForeignKey("floating_registrations.registration_id"), nullable=False, index=True),
    *_place("place"),
    Column("declared_at", Double, nullable=False),
    Column("side", String(16), nullable=False),
    Column("author", ID, nullable=False),
    Column("moved", Boolean, nullable=False),
    Column("unit", String(200), nullable=False),
    Column("contact", String(200), nullable=False),
)

sharing_consents = Table(
    "sharing_consents",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("recipient_org_id", ID, nullable=False, index=True),  # no foreign key: empty for an organisation outside
    Column("purpose", String(24), nullable=False),
    Column("text_version", String(40), nullable=False),
    Column("given_at", Double, nullable=False),
    Column("withdrawn_at", Double),
    Column("recipient", String(200), nullable=False),
    PrimaryKeyConstraint("member_id", "recipient_org_id", "purpose", "given_at"),
)

consent_requests = Table(
    "consent_requests",
    metadata,
    Column("request_id", ID, primary_key=True),
    Column("registration_id", ID, ForeignKey("floating_registrations.registration_id"), nullable=False),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("branch_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("asked_by", ID, nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("reports_in", Boolean, nullable=False),
    Column("host_contact", String(200), nullable=False),
    Column("answered_at", Double),
    Column("agreed", Boolean),
)

liaisons = Table(
    "liaisons",
    metadata,
    Column("registration_id", ID, ForeignKey("floating_registrations.registration_id"), nullable=False),
    Column("liaison_member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("since", Date, nullable=False),
    Column("until", Date),
    PrimaryKeyConstraint("registration_id", "liaison_member_id", "since"),
)
_one("uq_liaisons_in_office_registration_id", liaisons, "registration_id", "until IS NULL")

contact_entries = Table(
    "contact_entries",
    metadata,
    Column("entry_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("on", Date, nullable=False),
    Column("means", String(16), nullable=False),
    Column("reached", Boolean, nullable=False),
    Column("learned", Text, nullable=False),
    Column("author", ID, nullable=False),
    Index(None, "member_id", "on"),
)

lost_contact_cases = Table(
    "lost_contact_cases",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("search_began_on", Date, nullable=False),
    Column("suspended_on", Date),
    Column("closed_on", Date),
)
_one("uq_lost_contact_cases_open_member_id", lost_contact_cases, "member_id", "closed_on IS NULL")

activity_certificates = Table(
    "activity_certificates",
    metadata,
    Column("number", SORTED, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("registration_id", ID, ForeignKey("floating_registrations.registration_id"), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("issuer_org_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("valid_until", Date),
    Column("revoked_on", Date),
    Column("revoke_reason", Text, nullable=False),
)

annual_checks = Table(
    "annual_checks",
    metadata,
    Column("certificate_number", SORTED, ForeignKey("activity_certificates.number"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("on", Date, nullable=False),
    Column("checked_by", ID, nullable=False),
    PrimaryKeyConstraint("certificate_number", "year"),
)

org_relations = Table(
    "org_relations",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("branch_id", ID, ForeignKey("organisations.org_id"), nullable=False, index=True),
    Column("since", Double, nullable=False),
    Column("until", Double),
    Column("transfer_id", ID),
    PrimaryKeyConstraint("member_id", "since"),
)
_one("uq_org_relations_current_member_id", org_relations, "member_id", "until IS NULL")

thread_entries = Table(
    "thread_entries",
    metadata,
    Column("entry_id", ID, primary_key=True),
    Column("registration_id", ID, ForeignKey("floating_registrations.registration_id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("side", String(16), nullable=False),
    Column("author", ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", Double, nullable=False),
    Column("due_on", Date),
    Column("done_at", Double),
    Column("done_by", ID),
)

host_evaluations = Table(
    "host_evaluations",
    metadata,
    Column("evaluation_id", ID, primary_key=True),
    Column("registration_id", ID, ForeignKey("floating_registrations.registration_id"), nullable=False),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("grade", String(24), nullable=False),
    Column("remark", Text, nullable=False),
    Column("author", ID, nullable=False),
    Column("given_at", Double, nullable=False),
    Column("noted_at", Double),
    Column("noted_by", ID),
    UniqueConstraint("registration_id", "org_id", "year"),
)

# Days of organisational life, kept from sheets: no truth of their own, and taken again whenever facts or rules have changed.
life_days = Table(
    "life_days",
    metadata,
    Column("meeting_id", ID, ForeignKey("meetings.meeting_id"), nullable=False),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("on", Date, nullable=False),
    Column("remote", Boolean, nullable=False),
    PrimaryKeyConstraint("meeting_id", "member_id"),
    Index(None, "member_id", "on"),
)

# The latest of them of each member, replaced with them: asked for of everybody at once, which the days themselves are too many for.
last_life_days = Table(
    "last_life_days",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), primary_key=True),
    Column("on", Date, nullable=False),
)

measured_meetings = Table(
    "measured_meetings",
    metadata,
    Column("meeting_id", ID, ForeignKey("meetings.meeting_id"), primary_key=True),
    Column("last_number", Integer, nullable=False),
    Column("rules_hash", String(64), nullable=False),
)
