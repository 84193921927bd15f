"""Notifications as rows."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Index, String, Table, Text

from .tables import ID, metadata

notifications = Table(
    "notifications",
    metadata,
    Column("notification_id", ID, primary_key=True),  # made of member and key: a repeat is the same row
    Column("recipient_member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("params", Text, nullable=False),
    Column("about", String(100), nullable=False),
    Column("at", Double, nullable=False, index=True),
    Column("key", String(200), nullable=False),
    Column("read_at", Double),
    Column("routed_at", Double),
    Index(None, "recipient_member_id", "at"),
    Index(None, "routed_at", "at"),
)
