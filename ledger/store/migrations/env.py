"""What Alembic runs: the steps, on the connection that `ledger.store.migrating` hands over in its transaction."""

from __future__ import annotations

from alembic import context

import ledger.store.tables_mobility  # noqa: F401  (its tables join the metadata)
from ledger.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
