"""Attachments and thought reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("attachment_id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_owner"), "attachments", ["owner"], unique=False)


def _attachment_contents() -> None:
    op.create_table(
        "attachment_contents",
        sa.Column("attachment_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.attachment_id"], name=op.f("fk_attachment_contents_attachment_id")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_contents")),
    )


def _report_duties() -> None:
    op.create_table(
        "report_duties",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_report_duties_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_report_duties")),
    )


def _thought_reports() -> None:
    op.create_table(
        "thought_reports",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("handed_in_at", sa.Double(), nullable=True),
        sa.Column("read_at", sa.Double(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_thought_reports_member_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_thought_reports")),
    )
    op.create_index(op.f("ix_thought_reports_member_id_created_at"), "thought_reports", ["member_id", "created_at"], unique=False)
    op.create_index(op.f("ix_thought_reports_state_handed_in_at"), "thought_reports", ["state", "handed_in_at"], unique=False)


def _report_steps() -> None:
    op.create_table(
        "report_steps",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["thought_reports.report_id"], name=op.f("fk_report_steps_report_id")),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_report_steps")),
    )


def upgrade() -> None:
    for create in (
        _attachments,
        _attachment_contents,
        _report_duties,
        _thought_reports,
        _report_steps,
    ):
        create()
