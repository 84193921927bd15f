"""Contributions can be changed by their authors; what they said before is kept. What somebody has said or read is found by the member."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contributions", sa.Column("edited_at", sa.Double(), nullable=True))
    with op.batch_alter_table("contributions") as contributions:
        contributions.add_column(sa.Column("edits", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("contributions") as contributions:
        contributions.alter_column("edits", existing_type=sa.Integer(), existing_nullable=False, server_default=None)
    op.create_index(op.f("ix_contributions_author_member_id_at"), "contributions", ["author_member_id", "at"], unique=False)
    op.create_index(op.f("ix_read_marks_member_id_at"), "read_marks", ["member_id", "at"], unique=False)
    op.create_table(
        "contribution_versions",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["contributions.entry_id"], name=op.f("fk_contribution_versions_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "number", name=op.f("pk_contribution_versions")),
    )
