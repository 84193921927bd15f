"""Notifications of members."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("notification_id", sa.String(length=64), nullable=False),
        sa.Column("recipient_member_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.Double(), nullable=True),
        sa.Column("routed_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["recipient_member_id"], ["members.member_id"], name=op.f("fk_notifications_recipient_member_id")),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_notifications")),
    )
    op.create_index(op.f("ix_notifications_at"), "notifications", ["at"], unique=False)
    op.create_index(op.f("ix_notifications_recipient_member_id_at"), "notifications", ["recipient_member_id", "at"], unique=False)
    op.create_index(op.f("ix_notifications_routed_at_at"), "notifications", ["routed_at", "at"], unique=False)
