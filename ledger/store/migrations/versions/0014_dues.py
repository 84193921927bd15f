"""The book of dues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dues_entries",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("from_month", sa.String(length=7), nullable=False),
        sa.Column("to_month", sa.String(length=7), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.Column("entered_by", sa.String(length=64), nullable=False),
        sa.Column("corrects", sa.String(length=64), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_dues_entries_member_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_dues_entries")),
        sa.UniqueConstraint("corrects", name=op.f("uq_dues_entries_corrects")),
    )
    op.create_index(op.f("ix_dues_entries_member_id_entered_at"), "dues_entries", ["member_id", "entered_at"], unique=False)
    op.create_table(
        "dues_terms",
        sa.Column("terms_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=7), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("monthly_fen", sa.Integer(), nullable=True),
        sa.Column("quarterly", sa.Boolean(), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("corrects", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_dues_terms_member_id")),
        sa.PrimaryKeyConstraint("terms_id", name=op.f("pk_dues_terms")),
        sa.UniqueConstraint("corrects", name=op.f("uq_dues_terms_corrects")),
    )
    op.create_index(op.f("ix_dues_terms_member_id"), "dues_terms", ["member_id"], unique=False)
    op.create_table(
        "dues_standings",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("paid_until", sa.String(length=7), nullable=False),
        sa.Column("last_paid_on", sa.Date(), nullable=True),
        sa.Column("quarterly", sa.Boolean(), nullable=False),
        sa.Column("monthly_fen", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_dues_standings_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_dues_standings")),
    )
    op.create_index(op.f("ix_dues_standings_paid_until"), "dues_standings", ["paid_until"], unique=False)
