"""The door to threads, their contributions, and who has read them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from .discussions import Contribution, ContributionVersion, ReadMark, Thread, ThreadKind


@dataclass(frozen=True, slots=True)
class ThreadQuery:
    """Threads of these organisations, and of the subtrees below `paths`. Latest contribution first; pages count from 1."""

    org_ids: frozenset[str]
    kind: ThreadKind | None = None
    page: int = 1
    page_size: int = 25
    paths: tuple[str, ...] = ()


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

    async def many(self, thread_ids: Collection[str]) -> dict[str, Thread]: ...

    async def keep_version(self, version: ContributionVersion) -> None: ...

    async def versions(self, entry_id: str) -> list[ContributionVersion]:
        """By number."""
        ...

    async def drop_versions(self, entry_id: str) -> None: ...

    async def by_member(self, member_id: str) -> list[Contribution]:
        """What somebody has said anywhere, oldest first."""
        ...

    async def read_by(self, member_id: str) -> list[ReadMark]:
        """By time."""
        ...

    async def unread(self, thread_id: str, but: str | None) -> None:
        """Nobody has read it, but this one member."""
        ...

    async def remove_before(self, instant: float, limit: int) -> list[str]:
        """Threads nobody has written in since, with all that belongs to them. Answers the ids of their contributions."""
        ...

    async def marks_of(self, member_id: str, thread_ids: Collection[str]) -> dict[str, ReadMark]:
        """Thread → how far the member has read it."""
        ...

    async def readers(self, thread_id: str) -> dict[str, ReadMark]: ...

    async def mark(self, mark: ReadMark) -> None: ...
