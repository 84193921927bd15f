"""Threads, contributions and who has read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _discussion_threads() -> None:
    op.create_table(
        "discussion_threads",
        sa.Column("thread_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_member_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_discussion_threads_org_id")),
        sa.PrimaryKeyConstraint("thread_id", name=op.f("pk_discussion_threads")),
    )
    op.create_index(op.f("ix_discussion_threads_org_id_last_at"), "discussion_threads", ["org_id", "last_at"], unique=False)


def _contributions() -> None:
    op.create_table(
        "contributions",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("thread_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_member_id", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.Column("hidden_at", sa.Double(), nullable=True),
        sa.Column("hidden_by", sa.String(length=64), nullable=True),
        sa.Column("hide_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["discussion_threads.thread_id"], name=op.f("fk_contributions_thread_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_contributions")),
        sa.UniqueConstraint("thread_id", "number", name=op.f("uq_contributions_thread_id_number")),
    )


def _read_marks() -> None:
    op.create_table(
        "read_marks",
        sa.Column("thread_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_read_marks_member_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["discussion_threads.thread_id"], name=op.f("fk_read_marks_thread_id")),
        sa.PrimaryKeyConstraint("thread_id", "member_id", name=op.f("pk_read_marks")),
    )


def upgrade() -> None:
    for create in (
        _discussion_threads,
        _contributions,
        _read_marks,
    ):
        create()
