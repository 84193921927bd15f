"""The system administrator's grants and accounts pass to a security administrator; nobody keeps them beside reading people's records.

Whoever was system administrator and nothing else handed out rights: that is what the account goes on doing, now as security administrator.
Where the same account also administered or audited people, the system role ends; `python -m ledger role grant` appoints another account.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "DELETE FROM role_grants WHERE role = 'systemAdmin' AND account_id IN "
        "(SELECT account_id FROM role_grants WHERE role IN ('orgAdmin', 'auditor'))"
    )
    op.execute("UPDATE role_grants SET role = 'securityAdmin' WHERE role = 'systemAdmin'")
