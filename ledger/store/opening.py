"""Opening the store that a URL names."""

from __future__ import annotations

from ..ports import Store
from .memory import MemoryStore
from .sql import SqlStore

MEMORY = "memory:"


def open_store(url: str) -> Store:
    """`memory:`, `sqlite:///path` or `postgresql://user@host/name`. A database must have been migrated; nothing is connected yet."""
    return MemoryStore() if url == MEMORY else SqlStore(url)
