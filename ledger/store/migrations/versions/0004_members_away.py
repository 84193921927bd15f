"""Members away: registrations, consents, contact, certificates, threads, and the stretches of the formal relation.

Everybody on the roll gets a first stretch, from the instant of this step: before it the ledger kept no such thing.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ON_THE_ROLL = ("active", "partyProbation", "suspended")  # as it was when this step was written


def _contact_entries() -> None:
    op.create_table(
        "contact_entries",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("learned", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_contact_entries_member_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_contact_entries")),
    )
    op.create_index(op.f("ix_contact_entries_member_id_on"), "contact_entries", ["member_id", "on"], unique=False)


def _floating_registrations() -> None:
    op.create_table(
        "floating_registrations",
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("home_branch_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("flow_range", sa.String(length=16), nullable=False),
        sa.Column("reported_name", sa.String(length=120), nullable=False),
        sa.Column("reported_code", sa.String(length=12), nullable=False),
        sa.Column("reported_country", sa.String(length=2), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("destination_unit", sa.String(length=200), nullable=False),
        sa.Column("industry", sa.String(length=80), nullable=False),
        sa.Column("former_occupation", sa.String(length=120), nullable=False),
        sa.Column("expected_return_on", sa.Date(), nullable=True),
        sa.Column("place_name", sa.String(length=120), nullable=False),
        sa.Column("place_code", sa.String(length=12), nullable=False),
        sa.Column("place_country", sa.String(length=2), nullable=False),
        sa.Column("host_org_id", sa.String(length=64), nullable=True),
        sa.Column("host_branch_id", sa.String(length=64), nullable=True),
        sa.Column("host_contact", sa.String(length=200), nullable=False),
        sa.Column("awaiting_since", sa.Date(), nullable=True),
        sa.Column("report_in_due_on", sa.Date(), nullable=True),
        sa.Column("reported_in_on", sa.Date(), nullable=True),
        sa.Column("certificate_number", sa.String(length=40), nullable=True),
        sa.Column("contact_status", sa.String(length=16), nullable=False),
        sa.Column("lost_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("transfer_id", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["home_branch_id"], ["organisations.org_id"], name=op.f("fk_floating_registrations_home_branch_id")),
        sa.ForeignKeyConstraint(["host_branch_id"], ["organisations.org_id"], name=op.f("fk_floating_registrations_host_branch_id")),
        sa.ForeignKeyConstraint(["host_org_id"], ["organisations.org_id"], name=op.f("fk_floating_registrations_host_org_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_floating_registrations_member_id")),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_floating_registrations")),
    )
    op.create_index(op.f("ix_floating_registrations_home_branch_id"), "floating_registrations", ["home_branch_id"], unique=False)
    op.create_index(op.f("ix_floating_registrations_host_branch_id"), "floating_registrations", ["host_branch_id"], unique=False)
    op.create_index(op.f("ix_floating_registrations_host_org_id"), "floating_registrations", ["host_org_id"], unique=False)
    op.create_index(op.f("ix_floating_registrations_member_id"), "floating_registrations", ["member_id"], unique=False)
    op.create_index(
        "uq_floating_registrations_open_member_id",
        "floating_registrations",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _life_days() -> None:
    op.create_table(
        "life_days",
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("remote", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f("fk_life_days_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_life_days_member_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_life_days_org_id")),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name=op.f("pk_life_days")),
    )
    op.create_index(op.f("ix_life_days_member_id_on"), "life_days", ["member_id", "on"], unique=False)


def _lost_contact_cases() -> None:
    op.create_table(
        "lost_contact_cases",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("search_began_on", sa.Date(), nullable=False),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_lost_contact_cases_member_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_lost_contact_cases")),
    )
    op.create_index(op.f("ix_lost_contact_cases_member_id"), "lost_contact_cases", ["member_id"], unique=False)
    op.create_index(
        "uq_lost_contact_cases_open_member_id",
        "lost_contact_cases",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )


def _measured_meetings() -> None:
    op.create_table(
        "measured_meetings",
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("rules_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f("fk_measured_meetings_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_measured_meetings")),
    )


def _org_relations() -> None:
    op.create_table(
        "org_relations",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("branch_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.Column("transfer_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["organisations.org_id"], name=op.f("fk_org_relations_branch_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_org_relations_member_id")),
        sa.PrimaryKeyConstraint("member_id", "since", name=op.f("pk_org_relations")),
    )
    op.create_index(op.f("ix_org_relations_branch_id"), "org_relations", ["branch_id"], unique=False)
    op.create_index(
        "uq_org_relations_current_member_id",
        "org_relations",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def _sharing_consents() -> None:
    op.create_table(
        "sharing_consents",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("recipient_org_id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.Column("withdrawn_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_sharing_consents_member_id")),
        sa.ForeignKeyConstraint(["recipient_org_id"], ["organisations.org_id"], name=op.f("fk_sharing_consents_recipient_org_id")),
        sa.PrimaryKeyConstraint("member_id", "recipient_org_id", "purpose", "given_at", name=op.f("pk_sharing_consents")),
    )
    op.create_index(op.f("ix_sharing_consents_recipient_org_id"), "sharing_consents", ["recipient_org_id"], unique=False)


def _activity_certificates() -> None:
    op.create_table(
        "activity_certificates",
        sa.Column("number", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issuer_org_id", sa.String(length=64), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_org_id"], ["organisations.org_id"], name=op.f("fk_activity_certificates_issuer_org_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_activity_certificates_member_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["floating_registrations.registration_id"], name=op.f("fk_activity_certificates_registration_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_activity_certificates")),
    )
    op.create_index(op.f("ix_activity_certificates_member_id"), "activity_certificates", ["member_id"], unique=False)


def _consent_requests() -> None:
    op.create_table(
        "consent_requests",
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("branch_id", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("reports_in", sa.Boolean(), nullable=False),
        sa.Column("host_contact", sa.String(length=200), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["organisations.org_id"], name=op.f("fk_consent_requests_branch_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_consent_requests_member_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_consent_requests_org_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["floating_registrations.registration_id"], name=op.f("fk_consent_requests_registration_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_consent_requests")),
    )
    op.create_index(op.f("ix_consent_requests_member_id"), "consent_requests", ["member_id"], unique=False)


def _host_evaluations() -> None:
    op.create_table(
        "host_evaluations",
        sa.Column("evaluation_id", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.Column("noted_at", sa.Double(), nullable=True),
        sa.Column("noted_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_host_evaluations_org_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["floating_registrations.registration_id"], name=op.f("fk_host_evaluations_registration_id")
        ),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_host_evaluations")),
        sa.UniqueConstraint("registration_id", "org_id", "year", name=op.f("uq_host_evaluations_registration_id_org_id_year")),
    )


def _liaisons() -> None:
    op.create_table(
        "liaisons",
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("liaison_member_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["liaison_member_id"], ["members.member_id"], name=op.f("fk_liaisons_liaison_member_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["floating_registrations.registration_id"], name=op.f("fk_liaisons_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", "liaison_member_id", "since", name=op.f("pk_liaisons")),
    )
    op.create_index(op.f("ix_liaisons_liaison_member_id"), "liaisons", ["liaison_member_id"], unique=False)
    op.create_index(
        "uq_liaisons_in_office_registration_id",
        "liaisons",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def _registration_lines() -> None:
    op.create_table(
        "registration_lines",
        sa.Column("line", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=24), nullable=True),
        sa.Column("after", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["floating_registrations.registration_id"], name=op.f("fk_registration_lines_registration_id")
        ),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_registration_lines")),
    )
    op.create_index(op.f("ix_registration_lines_registration_id"), "registration_lines", ["registration_id"], unique=False)


def _thread_entries() -> None:
    op.create_table(
        "thread_entries",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.Double(), nullable=True),
        sa.Column("done_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["floating_registrations.registration_id"], name=op.f("fk_thread_entries_registration_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_thread_entries")),
    )
    op.create_index(op.f("ix_thread_entries_registration_id"), "thread_entries", ["registration_id"], unique=False)


def _whereabouts() -> None:
    op.create_table(
        "whereabouts",
        sa.Column("line", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.String(length=64), nullable=False),
        sa.Column("place_name", sa.String(length=120), nullable=False),
        sa.Column("place_code", sa.String(length=12), nullable=False),
        sa.Column("place_country", sa.String(length=2), nullable=False),
        sa.Column("declared_at", sa.Double(), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["floating_registrations.registration_id"], name=op.f("fk_whereabouts_registration_id")
        ),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_whereabouts")),
    )
    op.create_index(op.f("ix_whereabouts_registration_id"), "whereabouts", ["registration_id"], unique=False)


def _annual_checks() -> None:
    op.create_table(
        "annual_checks",
        sa.Column(
            "certificate_number", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("checked_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["certificate_number"], ["activity_certificates.number"], name=op.f("fk_annual_checks_certificate_number")),
        sa.PrimaryKeyConstraint("certificate_number", "year", name=op.f("pk_annual_checks")),
    )


def _first_relations() -> None:
    members = sa.table("members", *map(sa.column, ("member_id", "home_branch_id", "status")))
    relations = sa.table("org_relations", *map(sa.column, ("member_id", "branch_id", "since")))
    on_roll = sa.select(members.c.member_id, members.c.home_branch_id, sa.literal(time.time(), sa.Double()))
    op.execute(relations.insert().from_select(["member_id", "branch_id", "since"], on_roll.where(members.c.status.in_(ON_THE_ROLL))))


def upgrade() -> None:
    for step in (
        _contact_entries,
        _floating_registrations,
        _life_days,
        _lost_contact_cases,
        _measured_meetings,
        _org_relations,
        _sharing_consents,
        _activity_certificates,
        _consent_requests,
        _host_evaluations,
        _liaisons,
        _registration_lines,
        _thread_entries,
        _whereabouts,
        _annual_checks,
        _first_relations,
    ):
        step()
