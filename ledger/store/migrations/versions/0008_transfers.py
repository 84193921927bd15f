"""Transfers of the relation: the transfer, its letters, its receipt, its history; letterheads of committees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _letterheads()
    _transfers()
    _transfer_letters()
    _transfer_lines()
    _transfer_receipts()


def _letterheads() -> None:
    op.create_table(
        "letterheads",
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("fax", sa.String(length=40), nullable=False),
        sa.Column("post_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_letterheads_org_id")),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_letterheads")),
    )


def _transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("transfer_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("from_branch_id", sa.String(length=64), nullable=True),
        sa.Column("from_committee_id", sa.String(length=64), nullable=True),
        sa.Column("to_committee_id", sa.String(length=64), nullable=True),
        sa.Column("to_branch_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("applied_at", sa.Double(), nullable=False),
        sa.Column("state_since", sa.Double(), nullable=False),
        sa.Column("dues_paid_until", sa.String(length=7), nullable=True),
        sa.Column("national_reference", sa.String(length=80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("outside", sa.String(length=200), nullable=False),
        sa.Column("outside_branch", sa.String(length=200), nullable=False),
        sa.Column("newcomer", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["from_branch_id"], ["organisations.org_id"], name=op.f("fk_transfers_from_branch_id")),
        sa.ForeignKeyConstraint(["from_committee_id"], ["organisations.org_id"], name=op.f("fk_transfers_from_committee_id")),
        sa.ForeignKeyConstraint(["to_branch_id"], ["organisations.org_id"], name=op.f("fk_transfers_to_branch_id")),
        sa.ForeignKeyConstraint(["to_committee_id"], ["organisations.org_id"], name=op.f("fk_transfers_to_committee_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_from_branch_id"), "transfers", ["from_branch_id"], unique=False)
    op.create_index(op.f("ix_transfers_from_committee_id_state"), "transfers", ["from_committee_id", "state"], unique=False)
    op.create_index(op.f("ix_transfers_member_id"), "transfers", ["member_id"], unique=False)
    op.create_index(op.f("ix_transfers_state_state_since"), "transfers", ["state", "state_since"], unique=False)
    op.create_index(op.f("ix_transfers_to_branch_id"), "transfers", ["to_branch_id"], unique=False)
    op.create_index(op.f("ix_transfers_to_committee_id_state"), "transfers", ["to_committee_id", "state"], unique=False)
    op.create_index(
        "uq_transfers_open_member_id",
        "transfers",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('withdrawn', 'refused', 'cancelled', 'receipted', 'closed', 'archived')"),
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'refused', 'cancelled', 'receipted', 'closed', 'archived')"),
    )


def _transfer_letters() -> None:
    op.create_table(
        "transfer_letters",
        sa.Column("transfer_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("committee_id", sa.String(length=64), nullable=True),
        sa.Column("number", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("last_valid_day", sa.Date(), nullable=False),
        sa.Column("dues_paid_until", sa.String(length=7), nullable=False),
        sa.Column("verification_code", sa.String(length=40), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["committee_id"], ["organisations.org_id"], name=op.f("fk_transfer_letters_committee_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer_id"], name=op.f("fk_transfer_letters_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", "place", name=op.f("pk_transfer_letters")),
        sa.UniqueConstraint("committee_id", "number", name=op.f("uq_transfer_letters_committee_id_number")),
        sa.UniqueConstraint("verification_code", name=op.f("uq_transfer_letters_verification_code")),
    )


def _transfer_lines() -> None:
    op.create_table(
        "transfer_lines",
        sa.Column("line", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("transfer_id", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=24), nullable=True),
        sa.Column("after", sa.String(length=24), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer_id"], name=op.f("fk_transfer_lines_transfer_id")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_transfer_lines")),
    )
    op.create_index(op.f("ix_transfer_lines_transfer_id"), "transfer_lines", ["transfer_id"], unique=False)


def _transfer_receipts() -> None:
    op.create_table(
        "transfer_receipts",
        sa.Column("transfer_id", sa.String(length=64), nullable=False),
        sa.Column("letter_number", sa.String(length=64), nullable=False),
        sa.Column("branch_id", sa.String(length=64), nullable=True),
        sa.Column("outside_branch", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["organisations.org_id"], name=op.f("fk_transfer_receipts_branch_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.transfer_id"], name=op.f("fk_transfer_receipts_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_transfer_receipts")),
    )
