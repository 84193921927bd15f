"""The first tables. Facts can be added and read, and by no slip of the hand changed or deleted: the database itself refuses.

There is no way back but a backup: undoing this step would be deleting the record.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_SQLITE = """
CREATE TRIGGER facts_are_not_{event}d BEFORE {EVENT} ON facts
BEGIN SELECT RAISE(ABORT, 'facts are appended, never {event}d'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION facts_are_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'facts are appended, never changed'; END $$
"""
_POSTGRESQL = "CREATE TRIGGER facts_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON facts EXECUTE FUNCTION facts_are_kept()"


def _keep_facts() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(_SQLITE.format(event=event, EVENT=event.upper()))
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL)


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("line", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=1000).with_variant(sa.String(length=1000, collation="C"), "postgresql"), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_path"), "access_log", ["path"], unique=False)
    op.create_index(op.f("ix_access_log_subject"), "access_log", ["subject"], unique=False)


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("stream", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", "number", name=op.f("pk_facts")),
        sa.UniqueConstraint("key", name=op.f("uq_facts_key")),
    )


def _failed_attempts() -> None:
    op.create_table(
        "failed_attempts",
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("locked_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_failed_attempts")),
    )


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("parent_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False),
        sa.Column("path", sa.String(length=1000).with_variant(sa.String(length=1000, collation="C"), "postgresql"), nullable=False),
        sa.Column("points_enabled", sa.Boolean(), nullable=False),
        sa.Column("lobby_default", sa.Boolean(), nullable=False),
        sa.Column("present_share", sa.Double(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["organisations.org_id"], name=op.f("fk_organisations_parent_id")),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("code", name=op.f("uq_organisations_code")),
    )
    op.create_index(op.f("ix_organisations_parent_id"), "organisations", ["parent_id"], unique=False)
    op.create_index(op.f("ix_organisations_path"), "organisations", ["path"], unique=False)


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("stream", sa.String(length=100), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_streams")),
    )


def _meetings() -> None:
    op.create_table(
        "meetings",
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("planned_start", sa.Double(), nullable=False),
        sa.Column("planned_end", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("lobby", sa.Boolean(), nullable=False),
        sa.Column("invite_token", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("present_share", sa.Double(), nullable=True),
        sa.Column("late_entry", sa.Boolean(), nullable=False),
        sa.Column("all_host_members", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_meetings_org_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("invite_token", name=op.f("uq_meetings_invite_token")),
    )
    op.create_index(op.f("ix_meetings_org_id_planned_start"), "meetings", ["org_id", "planned_start"], unique=False)
    op.create_index(op.f("ix_meetings_planned_start"), "meetings", ["planned_start"], unique=False)


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("home_branch_id", sa.String(length=64), nullable=False),
        sa.Column("host_branch_id", sa.String(length=64), nullable=True),
        sa.Column("group_id", sa.String(length=64), nullable=True),
        sa.Column("sex", sa.String(length=16), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["organisations.org_id"], name=op.f("fk_members_group_id")),
        sa.ForeignKeyConstraint(["home_branch_id"], ["organisations.org_id"], name=op.f("fk_members_home_branch_id")),
        sa.ForeignKeyConstraint(["host_branch_id"], ["organisations.org_id"], name=op.f("fk_members_host_branch_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_members")),
        sa.UniqueConstraint("number", name=op.f("uq_members_number")),
    )
    op.create_index(op.f("ix_members_group_id"), "members", ["group_id"], unique=False)
    op.create_index(op.f("ix_members_home_branch_id"), "members", ["home_branch_id"], unique=False)
    op.create_index(op.f("ix_members_host_branch_id"), "members", ["host_branch_id"], unique=False)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_accounts_member_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("member_id", name=op.f("uq_accounts_member_id")),
        sa.UniqueConstraint("username", name=op.f("uq_accounts_username")),
    )


def _attendees() -> None:
    op.create_table(
        "attendees",
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.String(length=16), nullable=False),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f("fk_attendees_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_attendees_member_id")),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name=op.f("pk_attendees")),
    )
    op.create_index(op.f("ix_attendees_member_id"), "attendees", ["member_id"], unique=False)


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("notice_version", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.Column("meeting_id", sa.String(length=64), nullable=True),
        sa.Column("withdrawn_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f("fk_consents_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_consents_member_id")),
        sa.PrimaryKeyConstraint("member_id", "notice_version", "given_at", name=op.f("pk_consents")),
    )


def _leave_requests() -> None:
    op.create_table(
        "leave_requests",
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.Double(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f("fk_leave_requests_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_leave_requests_member_id")),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name=op.f("pk_leave_requests")),
    )


def _objections() -> None:
    op.create_table(
        "objections",
        sa.Column("objection_id", sa.String(length=64), nullable=False),
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f("fk_objections_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_objections_member_id")),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_meeting_id"), "objections", ["meeting_id"], unique=False)


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_posts_member_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_posts_org_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_posts")),
    )
    op.create_index(op.f("ix_posts_member_id"), "posts", ["member_id"], unique=False)
    op.create_index(op.f("ix_posts_org_id"), "posts", ["org_id"], unique=False)


def _role_grants() -> None:
    op.create_table(
        "role_grants",
        sa.Column("grant_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_role_grants_account_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_role_grants_org_id")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_role_grants")),
        sa.UniqueConstraint("account_id", "role", "org_id", name=op.f("uq_role_grants_account_id_role_org_id")),
    )
    op.create_index(op.f("ix_role_grants_account_id"), "role_grants", ["account_id"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("last_seen_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_sessions_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)


def upgrade() -> None:
    for create in (
        _access_log,
        _facts,
        _failed_attempts,
        _organisations,
        _streams,
        _meetings,
        _members,
        _accounts,
        _attendees,
        _consents,
        _leave_requests,
        _objections,
        _posts,
        _role_grants,
        _sessions,
    ):
        create()
    _keep_facts()
