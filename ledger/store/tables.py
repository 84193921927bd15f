"""The tables, under the names of the records they hold. Migrations create them; a test holds the two together.

Instants are epoch seconds in double precision. JSON is kept as text, byte for byte as it was hashed: a JSON column would rewrite numbers.
Paths are compared byte by byte ("C" on PostgreSQL), because a subtree is a range of them.
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
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(64)
PATH = String(1000).with_variant(String(1000, collation="C"), "postgresql")
SORTED = String(64).with_variant(String(64, collation="C"), "postgresql")  # the same order in every store

organisations = Table(
    "organisations",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("parent_id", ID, ForeignKey("organisations.org_id"), index=True),
    Column("kind", String(32), nullable=False),
    Column("name", String(200), nullable=False),
    Column("code", SORTED, nullable=False, unique=True),
    Column("path", PATH, nullable=False, index=True),
    Column("points_enabled", Boolean, nullable=False),
    Column("lobby_default", Boolean, nullable=False),
    Column("present_share", Double),
    Column("founded_on", Date),
    Column("ends_on", Date),
    Column("closed_at", Double),
    Column("recording_rule", String(16), nullable=False, server_default="never"),
    Column("recording_days", Integer),
)

members = Table(
    "members",
    metadata,
    Column("member_id", ID, primary_key=True),
    Column("number", SORTED, nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("stage", String(32), nullable=False),
    Column("status", String(32), nullable=False),
    Column("home_branch_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("host_branch_id", ID, ForeignKey("organisations.org_id"), index=True),
    Column("group_id", ID, ForeignKey("organisations.org_id"), index=True),
    Column("sex", String(16)),
    Column("phone", String(64)),
    Column("email", String(200)),
    Column("joined_on", Date),
    Column("exempt", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("born_on", Date),
    Column("ethnic_group", String(64)),
    Column("education", String(16)),
    Index(None, "home_branch_id", "status"),
)

posts = Table(
    "posts",
    metadata,
    Column("post_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", ID, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("member_id", ID, ForeignKey("members.member_id"), unique=True),
    Column("locale", String(8), nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

role_grants = Table(
    "role_grants",
    metadata,
    Column("grant_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", ID, ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("role", String(32), nullable=False),
    Column("org_id", ID, ForeignKey("organisations.org_id")),
    UniqueConstraint("account_id", "role", "org_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("last_seen_at", Double, nullable=False),
)

failed_attempts = Table(
    "failed_attempts",
    metadata,
    Column("username", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("locked_until", Double),
)

meetings = Table(
    "meetings",
    metadata,
    Column("meeting_id", ID, primary_key=True),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("title", String(300), nullable=False),
    Column("planned_start", Double, nullable=False, index=True),
    Column("planned_end", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_by", ID, nullable=False),
    Column("agenda", Text, nullable=False),
    Column("lobby", Boolean, nullable=False),
    Column("invite_token", String(64), nullable=False, unique=True),
    Column("opened_at", Double),
    Column("ended_at", Double),
    Column("cancel_reason", Text),
    Column("present_share", Double),
    Column("late_entry", Boolean, nullable=False),
    Column("all_host_members", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Index(None, "org_id", "planned_start"),
)

attendees = Table(
    "attendees",
    metadata,
    Column("meeting_id", ID, ForeignKey("meetings.meeting_id"), nullable=False),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),  # in the order of the list
    Column("capacity", String(16), nullable=False),
    Column("exempt", Boolean, nullable=False),
    PrimaryKeyConstraint("meeting_id", "member_id"),
)

leave_requests = Table(
    "leave_requests",
    metadata,
    Column("meeting_id", ID, ForeignKey("meetings.meeting_id"), nullable=False),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_at", Double, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("decided_by", ID),
    Column("decided_at", Double),
    Column("answer", Text),
    PrimaryKeyConstraint("meeting_id", "member_id"),
)

objections = Table(
    "objections",
    metadata,
    Column("objection_id", ID, primary_key=True),
    Column("meeting_id", ID, ForeignKey("meetings.meeting_id"), nullable=False, index=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Double, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("decided_by", ID),
    Column("decided_at", Double),
    Column("answer", Text),
)

consents = Table(
    "consents",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("notice_version", String(40), nullable=False),
    Column("given_at", Double, nullable=False),
    Column("meeting_id", ID, ForeignKey("meetings.meeting_id")),
    Column("withdrawn_at", Double),
    PrimaryKeyConstraint("member_id", "notice_version", "given_at"),
)

streams = Table(
    "streams",
    metadata,
    Column("stream", String(100), primary_key=True),
    Column("last_number", Integer, nullable=False),
    Column("last_hash", String(64), nullable=False),
    Column("anchored", Integer, nullable=False, server_default="0"),  # the number up to which the log of access vouches for it
)

# A fact names members and meetings in its body and stream, without foreign keys: what happened stays written even where the rest is purged.
facts = Table(
    "facts",
    metadata,
    Column("stream", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("key", String(200), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("at", Double, nullable=False),
    Column("member_id", ID),
    Column("body", Text, nullable=False),
    Column("author", ID, nullable=False),
    Column("reason", Text),
    Column("recorded_at", Double, nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("stream", "number"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False, index=True),
    Column("account_id", ID, nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(100), nullable=False, index=True),
    Column("path", PATH, nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False, server_default=""),
)

# One row: the last line and its hash, apart from the log, so that lines cut off at its end are missed.
access_head = Table(
    "access_head",
    metadata,
    Column("last_line", Integer, primary_key=True, autoincrement=False),
    Column("last_hash", String(64), nullable=False),
)
