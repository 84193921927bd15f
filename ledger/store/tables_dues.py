"""The book of dues as rows."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Double, ForeignKey, Index, Integer, String, Table, Text

from .tables import ID, metadata

MONTH = String(7)

dues_entries = Table(
    "dues_entries",
    metadata,
    Column("entry_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False),
    Column("from_month", MONTH, nullable=False),
    Column("to_month", MONTH, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("amount_fen", Integer),
    Column("entered_at", Double, nullable=False),
    Column("entered_by", ID, nullable=False),
    Column("corrects", ID, unique=True),  # two corrections of one line cannot both be right
    Column("withdrawn", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "member_id", "entered_at"),
)

dues_terms = Table(
    "dues_terms",
    metadata,
    Column("terms_id", ID, primary_key=True),
    Column("member_id", ID, ForeignKey("members.member_id"), nullable=False, index=True),
    Column("since", MONTH, nullable=False),
    Column("group", String(16), nullable=False),
    Column("monthly_fen", Integer),
    Column("quarterly", Boolean, nullable=False),
    Column("set_at", Double, nullable=False),
    Column("set_by", ID, nullable=False),
    Column("corrects", ID, unique=True),
)

dues_standings = Table(
    "dues_standings",
    metadata,
    Column("member_id", ID, ForeignKey("members.member_id"), primary_key=True),
    Column("paid_until", MONTH, nullable=False, index=True),
    Column("last_paid_on", Date),
    Column("quarterly", Boolean, nullable=False),
    Column("monthly_fen", Integer),
)
