"""Attachments and thought reports as rows."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from .tables import ID, metadata

attachments = Table(
    "attachments",
    metadata,
    Column("attachment_id", ID, primary_key=True),
    Column("owner", String(100), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_at", Double, nullable=False),
    Column("added_by", ID, nullable=False),
)

# Beside the row, not in it: a list of files would read every byte of them. In the database, so that a backup has both or neither.
attachment_contents = Table(
    "attachment_contents",
    metadata,
    Column("attachment_id", ID, ForeignKey("attachments.attachment_id"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

thought_reports = Table(
    "thought_reports",
    metadata,
    Column("report_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("period_end", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("title", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("handed_in_at", Double),
    Column("read_at", Double),
    Column("revision", Integer, nullable=False),
    Index(None, "member_id", "created_at"),
    Index(None, "member_id", "state"),
    Index(None, "state", "handed_in_at"),
)

report_steps = Table(
    "report_steps",
    metadata,
    Column("report_id", ID, ForeignKey("thought_reports.report_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Double, nullable=False),
    Column("account_id", ID, nullable=False),
    Column("note", Text, nullable=False),
    Column("title", String(300), nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("report_id", "number"),
)

report_duties = Table(
    "report_duties",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), primary_key=True),
    Column("since", Date, nullable=False),
)
