"""Members' files: birth, ethnic group and education on the member's line, the rest of the file, its history, change requests, saved lists;
and every end of a name as a row, so that a name is found by any part of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.String(length=64)
PIECE = 1000
_SQLITE = """
CREATE TRIGGER file_changes_are_not_updated BEFORE UPDATE ON file_changes
BEGIN SELECT RAISE(ABORT, 'history is appended, never changed'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION history_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is appended, never changed'; END $$
"""
_POSTGRESQL = "CREATE TRIGGER history_is_kept BEFORE UPDATE ON file_changes EXECUTE FUNCTION history_is_kept()"


def _members() -> None:
    op.add_column("members", sa.Column("born_on", sa.Date(), nullable=True))
    op.add_column("members", sa.Column("ethnic_group", sa.String(length=64), nullable=True))
    op.add_column("members", sa.Column("education", sa.String(length=16), nullable=True))


def _name_ends() -> None:
    op.create_table(
        "name_ends",
        sa.Column("name_end", sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_name_ends_member_id")),
        sa.PrimaryKeyConstraint("name_end", "member_id", name=op.f("pk_name_ends")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_name_ends_member_id"), "name_ends", ["member_id"], unique=False)
    connection = op.get_bind()
    table = sa.table("name_ends", sa.column("name_end"), sa.column("member_id"))
    rows: list[dict[str, str]] = []
    for member_id, name, number in connection.execute(sa.text("SELECT member_id, name, number FROM members")).all():
        ends = {name.lower()[place:] for place in range(len(name))} | {number.lower()}
        rows += [{"name_end": end, "member_id": member_id} for end in sorted(ends)]
    for start in range(0, len(rows), PIECE):
        connection.execute(sa.insert(table), rows[start : start + PIECE])


def _member_files() -> None:
    short, long = sa.String(length=120), sa.String(length=200)
    op.create_table(
        "member_files",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("id_sealed", sa.Text(), nullable=True),
        sa.Column("id_index", sa.String(length=120), nullable=True),
        sa.Column("native_place", short, nullable=True),
        sa.Column("residence", short, nullable=True),
        sa.Column("degree", short, nullable=True),
        sa.Column("school", long, nullable=True),
        sa.Column("work_unit", long, nullable=True),
        sa.Column("occupation", short, nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("active_since", sa.Date(), nullable=True),
        sa.Column("candidate_since", sa.Date(), nullable=True),
        sa.Column("probationary_since", sa.Date(), nullable=True),
        sa.Column("full_since", sa.Date(), nullable=True),
        sa.Column("trainers", long, nullable=True),
        sa.Column("sponsors", long, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_member_files_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_files")),
        sa.UniqueConstraint("id_index", name=op.f("uq_member_files_id_index")),
    )


def _file_entries() -> None:
    op.create_table(
        "file_entries",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_file_entries_member_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_file_entries")),
    )
    op.create_index(op.f("ix_file_entries_member_id"), "file_entries", ["member_id"], unique=False)


def _file_changes() -> None:
    op.create_table(
        "file_changes",
        sa.Column("line", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("field", ID, nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_file_changes")),
    )
    op.create_index(op.f("ix_file_changes_batch"), "file_changes", ["batch"], unique=False)
    op.create_index(op.f("ix_file_changes_member_id"), "file_changes", ["member_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE)
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL)


def _change_requests() -> None:
    op.create_table(
        "change_requests",
        sa.Column("request_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_change_requests_member_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_change_requests")),
    )
    op.create_index(op.f("ix_change_requests_member_id"), "change_requests", ["member_id"], unique=False)
    op.create_index(op.f("ix_change_requests_decision_at"), "change_requests", ["decision", "at"], unique=False)


def _saved_lists() -> None:
    op.create_table(
        "saved_lists",
        sa.Column("list_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_saved_lists_account_id")),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_saved_lists")),
    )
    op.create_index(op.f("ix_saved_lists_account_id"), "saved_lists", ["account_id"], unique=False)


def upgrade() -> None:
    for step in (_members, _name_ends, _member_files, _file_entries, _file_changes, _change_requests, _saved_lists):
        step()
