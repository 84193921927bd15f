"""Recordings of meetings, and whether an organisation has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("recording_id", sa.String(length=64), nullable=False),
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("stopped_at", sa.Double(), nullable=True),
        sa.Column("stopped_reason", sa.String(length=32), nullable=False),
        sa.Column("keep_until", sa.Double(), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("composed_bytes", sa.BigInteger(), nullable=False),
        sa.Column("composed_sha256", sa.String(length=64), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.Column("deleted_by", sa.String(length=64), nullable=False),
        sa.Column("deletion_reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f("fk_recordings_meeting_id")),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recordings")),
    )
    op.create_index(op.f("ix_recordings_meeting_id_started_at"), "recordings", ["meeting_id", "started_at"], unique=False)
    op.create_index(op.f("ix_recordings_state_started_at"), "recordings", ["state", "started_at"], unique=False)


def _recording_files() -> None:
    op.create_table(
        "recording_files",
        sa.Column("recording_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("end", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.recording_id"], name=op.f("fk_recording_files_recording_id")),
        sa.PrimaryKeyConstraint("recording_id", "name", name=op.f("pk_recording_files")),
    )


def upgrade() -> None:
    op.add_column("organisations", sa.Column("recording_rule", sa.String(length=16), server_default="never", nullable=False))
    op.add_column("organisations", sa.Column("recording_days", sa.Integer(), nullable=True))
    _recordings()
    _recording_files()
