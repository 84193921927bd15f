"""Work assigned to members, as rows."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, ForeignKey, Index, String, Table, Text

from .tables import ID, metadata

assigned_works = Table(
    "assigned_works",
    metadata,
    Column("work_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False),
    Column("title", String(200), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("assigned_at", Double, nullable=False),
    Column("assigned_by", ID, nullable=False),
    Column("detail", Text, nullable=False),
    Column("outcome", String(16)),
    Column("done_on", Date),
    Column("answered_at", Double),
    Column("answered_by", ID),
    Column("reason", Text, nullable=False),
    Index(None, "member_id", "assigned_at"),
    Index(None, "outcome", "due_on", "work_id"),
    Index(None, "answered_at", "work_id"),
    Index(None, "assigned_at", "work_id"),
)
