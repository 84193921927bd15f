"""The day of graduation, from which on a school keeps a relation for so long."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member_files", sa.Column("graduated_on", sa.Date(), nullable=True))
