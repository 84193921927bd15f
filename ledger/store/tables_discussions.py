"""Threads, contributions and read marks as rows."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from .tables import ID, metadata

threads = Table(
    "discussion_threads",
    metadata,
    Column("thread_id", ID, primary_key=True),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", String(300), nullable=False),
    Column("author", ID, nullable=False),
    Column("author_member_id", ID),
    Column("created_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("closed_at", Double),
    Column("close_reason", Text, nullable=False),
    Index(None, "org_id", "last_at"),
)

contributions = Table(
    "contributions",
    metadata,
    Column("entry_id", ID, primary_key=True),
    Column("thread_id", ID, ForeignKey("discussion_threads.thread_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", ID, nullable=False),
    Column("author_member_id", ID),
    Column("text", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("deleted_at", Double),
    Column("hidden_at", Double),
    Column("hidden_by", ID),
    Column("hide_reason", Text, nullable=False),
    Column("edited_at", Double),
    Column("edits", Integer, nullable=False),
    UniqueConstraint("thread_id", "number"),
    Index(None, "author_member_id", "at"),
)

contribution_versions = Table(
    "contribution_versions",
    metadata,
    Column("entry_id", ID, ForeignKey("contributions.entry_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Double, nullable=False),
    PrimaryKeyConstraint("entry_id", "number"),
)

read_marks = Table(
    "read_marks",
    metadata,
    Column("thread_id", ID, ForeignKey("discussion_threads.thread_id"), nullable=False),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Double, nullable=False),
    PrimaryKeyConstraint("thread_id", "member_id"),
    Index(None, "member_id", "at"),
)
