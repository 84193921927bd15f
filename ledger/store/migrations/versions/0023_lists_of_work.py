"""Indexes for the list of all assigned work."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for columns in (["outcome", "due_on", "work_id"], ["answered_at", "work_id"], ["assigned_at", "work_id"]):
        op.create_index(op.f(f"ix_assigned_works_{'_'.join(columns)}"), "assigned_works", columns, unique=False)
