"""The latest day of organisational life of each member."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "last_life_days",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_last_life_days_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_last_life_days")),
    )
    op.execute('INSERT INTO last_life_days (member_id, "on") SELECT member_id, max("on") FROM life_days GROUP BY member_id')
