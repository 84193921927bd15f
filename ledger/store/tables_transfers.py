"""The tables of transfers, in the same metadata as the others.

What must never be twice is unique in the database too: an open transfer of one member, a letter's number within a committee, its code.
A newcomer is no member yet, so that `member_id` is without a foreign key.
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
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .tables import ID, SORTED, metadata

OVER = "('withdrawn', 'refused', 'cancelled', 'receipted', 'closed', 'archived')"

transfers = Table(
    "transfers",
    metadata,
    Column("transfer_id", ID, primary_key=True),
    Column("member_id", ID, nullable=False, index=True),
    Column("from_branch_id", ID, ForeignKey("organisations.org_id"), index=True),
    Column("from_committee_id", ID, ForeignKey("organisations.org_id")),
    Column("to_committee_id", ID, ForeignKey("organisations.org_id")),
    Column("to_branch_id", ID, ForeignKey("organisations.org_id"), index=True),
    Column("reason", Text, nullable=False),
    Column("state", String(24), nullable=False),
    Column("applied_at", Double, nullable=False),
    Column("state_since", Double, nullable=False),
    Column("dues_paid_until", String(7)),
    Column("national_reference", String(80), nullable=False),
    Column("answer", Text, nullable=False),
    Column("outside", String(200), nullable=False),
    Column("outside_branch", String(200), nullable=False),
    Column("newcomer", Text),
    Column("duty", String(24)),
    Column("revision", Integer, nullable=False),
    Index(None, "from_committee_id", "state"),
    Index(None, "to_committee_id", "state"),
    Index(None, "state", "state_since"),
    Index(None, "state_since", "transfer_id"),
)
Index(
    "uq_transfers_open_member_id",
    transfers.c.member_id,
    unique=True,
    sqlite_where=text(f"state NOT IN {OVER}"),
    postgresql_where=text(f"state NOT IN {OVER}"),
)

# `committee_id` null: the letter of a committee outside, whose numbers are its own affair.
transfer_letters = Table(
    "transfer_letters",
    metadata,
    Column("transfer_id", ID, ForeignKey("transfers.transfer_id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("committee_id", ID, ForeignKey("organisations.org_id")),
    Column("number", SORTED, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("valid_days", Integer, nullable=False),
    Column("last_valid_day", Date, nullable=False),
    Column("dues_paid_until", String(7), nullable=False),
    Column("verification_code", String(40), unique=True),
    Column("void", Boolean, nullable=False),
    PrimaryKeyConstraint("transfer_id", "place"),
    UniqueConstraint("committee_id", "number"),
)

transfer_receipts = Table(
    "transfer_receipts",
    metadata,
    Column("transfer_id", ID, ForeignKey("transfers.transfer_id"), primary_key=True),
    Column("letter_number", String(64), nullable=False),
    Column("branch_id", ID, ForeignKey("organisations.org_id")),
    Column("outside_branch", String(200), nullable=False),
    Column("at", Double, nullable=False),
    Column("signed_by", String(120), nullable=False),
)

transfer_lines = Table(
    "transfer_lines",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("transfer_id", ID, ForeignKey("transfers.transfer_id"), nullable=False, index=True),
    Column("before", String(24)),
    Column("after", String(24), nullable=False),
    Column("step", String(40), nullable=False),
    Column("side", String(16), nullable=False),
    Column("at", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", ID, nullable=False),
)

letterheads = Table(
    "letterheads",
    metadata,
    Column("org_id", ID, ForeignKey("organisations.org_id"), primary_key=True),
    Column("address", String(200), nullable=False),
    Column("phone", String(40), nullable=False),
    Column("fax", String(40), nullable=False),
    Column("post_code", String(12), nullable=False),
)
