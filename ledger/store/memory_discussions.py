"""Discussions in memory. The door and its promises are in `ledger.discussionports`."""

from __future__ import annotations

from collections.abc import Collection

from ..discussionports import ThreadQuery
from ..discussions import Contribution, ContributionVersion, ReadMark, Thread
from ..ports import Reach
from ..refusals import Conflict
from .memory_books import Books, places, refuse_twice


class MemoryDiscussions:
    def __init__(self, books: Books) -> None:
        self._threads = books.discussion_threads
        self._entries = books.contributions
        self._marks = books.read_marks
        self._versions = books.contribution_versions
        self._units = books.organisations

    async def get(self, thread_id: str) -> Thread | None:
        return self._threads.get(thread_id)

    async def add(self, thread: Thread) -> None:
        refuse_twice([thread], self._threads.values(), "thread_id")
        self._threads[thread.thread_id] = thread

    async def save(self, thread: Thread) -> None:
        self._threads[thread.thread_id] = thread

    async def search(self, query: ThreadQuery) -> tuple[list[Thread], int]:
        here = query.org_ids | places(self._units, Reach(paths=query.paths))
        found = [one for one in self._threads.values() if one.org_id in here and query.kind in (None, one.kind)]
        found.sort(key=lambda one: (one.last_at, one.thread_id), reverse=True)
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    async def entry(self, entry_id: str) -> Contribution | None:
        return self._entries.get(entry_id)

    async def add_entry(self, entry: Contribution) -> None:
        refuse_twice([entry], self._entries.values(), "entry_id")
        if any((one.thread_id, one.number) == (entry.thread_id, entry.number) for one in self._entries.values()):
            raise Conflict
        self._entries[entry.entry_id] = entry

    async def save_entry(self, entry: Contribution) -> None:
        self._entries[entry.entry_id] = entry

    async def entries(self, thread_id: str) -> list[Contribution]:
        return sorted((one for one in self._entries.values() if one.thread_id == thread_id), key=lambda one: one.number)

    async def many(self, thread_ids: Collection[str]) -> dict[str, Thread]:
        return {key: self._threads[key] for key in thread_ids if key in self._threads}

    async def keep_version(self, version: ContributionVersion) -> None:
        self._versions[version.entry_id, version.number] = version

    async def versions(self, entry_id: str) -> list[ContributionVersion]:
        return sorted((one for one in self._versions.values() if one.entry_id == entry_id), key=lambda one: one.number)

    async def drop_versions(self, entry_id: str) -> None:
        for key in [key for key in self._versions if key[0] == entry_id]:
            del self._versions[key]

    async def by_member(self, member_id: str) -> list[Contribution]:
        own = (one for one in self._entries.values() if one.author_member_id == member_id)
        return sorted(own, key=lambda one: (one.at, one.entry_id))

    async def read_by(self, member_id: str) -> list[ReadMark]:
        return sorted((one for one in self._marks.values() if one.member_id == member_id), key=lambda one: (one.at, one.thread_id))

    async def unread(self, thread_id: str, but: str | None) -> None:
        for key in [key for key in self._marks if key[0] == thread_id and key[1] != but]:
            del self._marks[key]

    async def remove_before(self, instant: float, limit: int) -> list[str]:
        old = sorted(key for key, one in self._threads.items() if one.last_at < instant)[:limit]
        gone = sorted(key for key, one in self._entries.items() if one.thread_id in old)
        for key in gone:
            await self.drop_versions(key)
            del self._entries[key]
        for thread_id in old:
            await self.unread(thread_id, None)
            del self._threads[thread_id]
        return gone

    async def marks_of(self, member_id: str, thread_ids: Collection[str]) -> dict[str, ReadMark]:
        return {key: self._marks[key, member_id] for key in thread_ids if (key, member_id) in self._marks}

    async def readers(self, thread_id: str) -> dict[str, ReadMark]:
        return {one.member_id: one for one in self._marks.values() if one.thread_id == thread_id}

    async def mark(self, mark: ReadMark) -> None:
        self._marks[mark.thread_id, mark.member_id] = mark
