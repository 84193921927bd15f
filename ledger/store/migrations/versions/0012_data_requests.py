"""What members ask about their own data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_requests",
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_data_requests_member_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_data_requests")),
    )
    op.create_index(op.f("ix_data_requests_member_id"), "data_requests", ["member_id"], unique=False)
    op.create_index(op.f("ix_data_requests_answered_at"), "data_requests", ["answered_at"], unique=False)
