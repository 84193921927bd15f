"""The door to threads, their contributions, and who has read them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from .discussions import Contribution, ReadMark, Thread, ThreadKind


@dataclass(frozen=True, slots=True)
class ThreadQuery:
    """Latest contribution first; pages count from 1."""

    org_ids: frozenset[str]
    kind: ThreadKind | None = None
    page: int = 1
    page_size: int = 25


class Discussions(Protocol):
    async def get(self, thread_id: str) -> Thread | None: ...

    async def add(self, thread: Thread) -> None: ...

    async def save(self, thread: Thread) -> None: ...

    async def search(self, query: ThreadQuery) -> tuple[list[Thread], int]: ...

    async def entry(self, entry_id: str) -> Contribution | None: ...

    async def add_entry(self, entry: Contribution) -> None:
        """Conflict if the thread has one of that number."""
        ...

    async def save_entry(self, entry: Contribution) -> None: ...

    async def entries(self, thread_id: str) -> list[Contribution]:
        """By number."""
        ...

    async def marks_of(self, member_id: str, thread_ids: Collection[str]) -> dict[str, ReadMark]:
        """Thread → how far the member has read it."""
        ...

    async def readers(self, thread_id: str) -> dict[str, ReadMark]: ...

    async def mark(self, mark: ReadMark) -> None: ...
