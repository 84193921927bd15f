"""Deliveries, preferences, endpoints of webhooks and leases as rows."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, String, Table, Text

from .tables import ID, metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", ID, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("recipient", ID, nullable=False),
    Column("subject", String(64), nullable=False),
    Column("notification_ids", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Double, nullable=False, index=True),
    Column("due_at", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Double),
    Column("settled_at", Double),
    Column("reason", String(200), nullable=False),
    Index(None, "state", "due_at"),
    Index(None, "state", "created_at"),
    Index(None, "channel", "created_at", "state"),
    Index(None, "recipient", "created_at"),
)

delivery_preferences = Table(
    "delivery_preferences",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), primary_key=True),
    Column("mail", String(16), nullable=False),
    Column("digest_minute", Integer, nullable=False),
    Column("quiet_from", Integer, nullable=False),
    Column("quiet_until", Integer, nullable=False),
    Column("no_mail", Text, nullable=False),
    Column("no_webhook", Text, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("endpoint_id", ID, primary_key=True),
    Column("org_id", ID, ForeignKey("organisations.org_id"), nullable=False, index=True),
    Column("url", String(1000), nullable=False),
    Column("events", Text, nullable=False),
    Column("sealed_secret", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("failing_since", Double),
    Column("disabled_at", Double),
    Column("disabled_reason", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Double, nullable=False),
)
