"""Impact assessments and breaches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "impact_assessments",
        sa.Column("assessment_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("occasion", sa.String(length=16), nullable=False),
        sa.Column("kinds", sa.String(length=500), nullable=False),
        sa.Column("necessity", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.String(length=16), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("next_review_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.Column("entered_by", sa.String(length=64), nullable=False),
        sa.Column("follows", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["follows"], ["impact_assessments.assessment_id"], name=op.f("fk_impact_assessments_follows")),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_impact_assessments")),
        sa.UniqueConstraint("follows", name=op.f("uq_impact_assessments_follows")),
    )
    op.create_table(
        "breaches",
        sa.Column("breach_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("found_at", sa.Double(), nullable=False),
        sa.Column("kinds", sa.String(length=500), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("harm", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.Column("entered_by", sa.String(length=64), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("breach_id", name=op.f("pk_breaches")),
    )
    op.create_table(
        "breach_lines",
        sa.Column("breach_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breaches.breach_id"], name=op.f("fk_breach_lines_breach_id")),
        sa.PrimaryKeyConstraint("breach_id", "number", name=op.f("pk_breach_lines")),
    )
