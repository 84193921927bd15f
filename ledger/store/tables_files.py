"""Members' files, their history, change requests and saved lists as rows."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Double, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from .tables import ID, metadata

SHORT, LONG = String(120), String(200)

#: Every end of a member's name, so that a name is found by any part of it through an index: 李书华, 书华, 华.
name_ends = Table(
    "name_ends",
    metadata,
    Column("name_end", String(200).with_variant(String(200, collation="C"), "postgresql"), nullable=False),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    PrimaryKeyConstraint("name_end", "member_id"),
    sqlite_with_rowid=False,
)

member_files = Table(
    "member_files",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), primary_key=True),
    Column("id_sealed", Text),
    Column("id_index", String(120), unique=True),
    Column("native_place", SHORT),
    Column("residence", SHORT),
    Column("degree", SHORT),
    Column("school", LONG),
    Column("work_unit", LONG),
    Column("occupation", SHORT),
    Column("applied_on", Date),
    Column("active_since", Date),
    Column("candidate_since", Date),
    Column("probationary_since", Date),
    Column("full_since", Date),
    Column("trainers", LONG),
    Column("sponsors", LONG),
    Column("graduated_on", Date),
)

file_entries = Table(
    "file_entries",
    metadata,
    Column("entry_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("unit", LONG, nullable=False),
    Column("title", LONG, nullable=False),
)

# No foreign key: the history of a member stays written where the rest is purged.
file_changes = Table(
    "file_changes",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("batch", ID, nullable=False, index=True),
    Column("member_id", ID, nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("account_id", ID, nullable=False),
    Column("how", String(16), nullable=False),
    Column("field", String(64), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("reason", Text),
)

change_requests = Table(
    "change_requests",
    metadata,
    Column("request_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("account_id", ID, nullable=False),
    Column("at", Double, nullable=False),
    Column("changes", Text, nullable=False),
    Column("entry", Text),
    Column("note", Text, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("decided_by", ID),
    Column("decided_at", Double),
    Column("answer", Text),
    Index(None, "decision", "at"),
)

saved_lists = Table(
    "saved_lists",
    metadata,
    Column("list_id", ID, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("name", SHORT, nullable=False),
    Column("query", Text, nullable=False),
    Column("saved_at", Double, nullable=False),
)

data_requests = Table(
    "data_requests",
    metadata,
    Column("request_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Double, nullable=False),
    Column("answered_at", Double, index=True),
    Column("answered_by", ID),
    Column("agreed", Boolean),
    Column("answer", Text),
)
