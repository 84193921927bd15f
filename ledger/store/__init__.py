"""Twins behind the doors of `ledger.ports`: memory, SQLite, PostgreSQL. SQL and Alembic live here and nowhere else."""
