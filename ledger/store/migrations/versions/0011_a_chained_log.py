"""The log of access becomes one chain: a hash for every line there is, the head apart, and how far each stream of facts is vouched for.

Hashes are worked out here as `ledger.accesschain` did when this step was written.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

GENESIS = "0" * 64
PIECE = 1000
_SQLITE = """
CREATE TRIGGER access_log_is_not_updated BEFORE UPDATE ON access_log
BEGIN SELECT RAISE(ABORT, 'the log is appended, never changed'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION log_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log is appended, never changed'; END $$
"""
_POSTGRESQL = "CREATE TRIGGER log_is_kept BEFORE UPDATE ON access_log EXECUTE FUNCTION log_is_kept()"


def _hashed(previous: str, row: tuple[Any, ...]) -> str:
    line, at, account_id, action, subject, path, detail = row
    shape = {
        "line": line,
        "at": at,
        "accountId": account_id,
        "action": action,
        "subject": subject,
        "path": path,
        "detail": json.loads(detail),
    }
    text = json.dumps(shape, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous.encode() + b"\n" + text.encode()).hexdigest()


def _chain(connection: sa.Connection) -> tuple[int, str]:
    """Lines are numbered anew from 1 without gaps, in their order: a number that a failed transaction took would read as a line removed."""
    log = sa.table("access_log", *(sa.column(name) for name in ("line", "at", "account_id", "action", "subject", "path", "detail", "hash")))
    column = log.c
    wanted = sa.select(column.line, column.at, column.account_id, column.action, column.subject, column.path, column.detail)
    number, previous, last = 0, GENESIS, 0
    while rows := connection.execute(wanted.where(column.line > last).order_by(column.line).limit(PIECE)).all():
        changes = []
        for row in rows:
            last, number = row[0], number + 1
            previous = _hashed(previous, (number, *row[1:]))
            changes.append({"old": last, "new": number, "digest": previous})
        change = sa.update(log).where(column.line == sa.bindparam("old")).values(line=sa.bindparam("new"), hash=sa.bindparam("digest"))
        connection.execute(change, changes)
    return number, previous


def upgrade() -> None:
    connection = op.get_bind()
    op.add_column("streams", sa.Column("anchored", sa.Integer(), server_default="0", nullable=False))
    op.add_column("access_log", sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
    op.create_index(op.f("ix_access_log_at"), "access_log", ["at"], unique=False)
    op.create_table(
        "access_head",
        sa.Column("last_line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("last_line", name=op.f("pk_access_head")),
    )
    line, digest = _chain(connection)
    if line:
        head = sa.table("access_head", sa.column("last_line"), sa.column("last_hash"))
        connection.execute(sa.insert(head), {"last_line": line, "last_hash": digest})
    if connection.dialect.name == "sqlite":
        op.execute(_SQLITE)
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL)
