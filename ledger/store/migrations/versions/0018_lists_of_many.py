"""Indices along which lists of a large installation are read."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_members_home_branch_id"), table_name="members")  # the new one begins with it
    for table, *columns in (
        ("members", "home_branch_id", "status"),
        ("transfers", "state_since", "transfer_id"),
        ("floating_registrations", "opened_at", "registration_id"),
        ("thought_reports", "member_id", "state"),
        ("deliveries", "state", "created_at"),
        ("deliveries", "channel", "created_at", "state"),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)
