"""Recordings of meetings as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, PrimaryKeyConstraint, String, Table

from .tables import ID, metadata

recordings = Table(
    "recordings",
    metadata,
    Column("recording_id", ID, primary_key=True),
    Column("meeting_id", ID, ForeignKey("meetings.meeting_id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Double, nullable=False),
    Column("started_by", ID, nullable=False),
    Column("stopped_at", Double),
    Column("stopped_reason", String(32), nullable=False),
    Column("keep_until", Double),
    Column("progress", Double, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("composed_bytes", BigInteger, nullable=False),
    Column("composed_sha256", String(64), nullable=False),
    Column("trouble", String(200), nullable=False),
    Column("deleted_at", Double),
    Column("deleted_by", ID, nullable=False),
    Column("deletion_reason", String(1000), nullable=False),
    Column("node", String(300), nullable=False),
    Index(None, "meeting_id", "started_at"),
    Index(None, "state", "started_at"),
)

recording_files = Table(
    "recording_files",
    metadata,
    Column("recording_id", ID, ForeignKey("recordings.recording_id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("member_id", ID, nullable=False),
    Column("source", String(16), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("start", Double, nullable=False),
    Column("end", Double, nullable=False),
    PrimaryKeyConstraint("recording_id", "name"),
)
