"""Separate consent to a transfer, also to an organisation outside, and the duty by which a branch moves a relation without it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sharing_consents") as consents:
        consents.add_column(sa.Column("recipient", sa.String(length=200), nullable=False, server_default=""))
        consents.drop_constraint("fk_sharing_consents_recipient_org_id", type_="foreignkey")
    with op.batch_alter_table("sharing_consents") as consents:
        consents.alter_column("recipient", existing_type=sa.String(length=200), existing_nullable=False, server_default=None)
    op.add_column("transfers", sa.Column("duty", sa.String(length=24), nullable=True))
