"""The store's twin in memory: for tests, and for trying things out without a file.

A unit of work gets a copy of the books and puts it in place of the old one when it ends well: that is the whole of commit and roll-back.
Records are frozen, so that copying the dictionaries that hold them is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from ..notificationports import OnTold, nobody_listens
from ..ports import UnitOfWork
from .memory_access import MemoryAccessLog
from .memory_books import Books
from .memory_clocks import MemoryClocks
from .memory_delivery import MemoryDeliveries, MemoryLeases, MemoryWebhooks
from .memory_discussions import MemoryDiscussions
from .memory_dues import MemoryDuesBook
from .memory_figures import MemoryFigures
from .memory_files import MemoryChangeRequests, MemoryDataRequests, MemoryFiles, MemorySavedLists
from .memory_meetings import MemoryAttendance, MemoryFacts, MemoryMeetings
from .memory_mobility import (
    MemoryCertificates,
    MemoryContacts,
    MemoryOrgRelations,
    MemoryRegistrations,
    MemorySecretaryThreads,
    MemorySharingConsents,
)
from .memory_notifications import MemoryNotifications
from .memory_people import MemoryAccounts, MemoryMembers, MemoryOrganisations, MemoryPosts, MemorySessions
from .memory_protection import MemoryProtection
from .memory_recordings import MemoryRecordings
from .memory_reports import MemoryAttachments, MemoryReports
from .memory_transfers import MemoryTransfers
from .memory_work import MemoryAssignedWorks


class MemoryStore:
    def __init__(self) -> None:
        self._books = Books()
        self._one_writer = asyncio.Lock()
        self.on_told: OnTold = nobody_listens

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._reading()

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._writing()

    async def close(self) -> None:
        """Nothing is held open."""

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[UnitOfWork]:
        yield MemoryUnitOfWork(self._books)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[UnitOfWork]:
        async with self._one_writer:
            books = self._books.copy()
            uow = MemoryUnitOfWork(books)
            yield uow
            self._books = books
        if uow.notifications.news:
            self.on_told(uow.notifications.news)


class MemoryUnitOfWork:
    def __init__(self, books: Books) -> None:
        self.organisations = MemoryOrganisations(books)
        self.members = MemoryMembers(books)
        self.posts = MemoryPosts(books)
        self.accounts = MemoryAccounts(books)
        self.sessions = MemorySessions(books)
        self.meetings = MemoryMeetings(books)
        self.attendance = MemoryAttendance(books)
        self.facts = MemoryFacts(books)
        self.access_log = MemoryAccessLog(books)
        self.files = MemoryFiles(books)
        self.change_requests = MemoryChangeRequests(books)
        self.saved_lists = MemorySavedLists(books)
        self.transfers = MemoryTransfers(books)
        self.data_requests = MemoryDataRequests(books)
        self.notifications = MemoryNotifications(books)
        self.registrations = MemoryRegistrations(books)
        self.sharing_consents = MemorySharingConsents(books)
        self.contacts = MemoryContacts(books)
        self.certificates = MemoryCertificates(books)
        self.relations = MemoryOrgRelations(books)
        self.threads = MemorySecretaryThreads(books)
        self.clocks = MemoryClocks(books)
        self.figures = MemoryFigures(books)
        self.attachments = MemoryAttachments(books)
        self.reports = MemoryReports(books)
        self.deliveries = MemoryDeliveries(books)
        self.webhooks = MemoryWebhooks(books)
        self.recordings = MemoryRecordings(books)
        self.leases = MemoryLeases(books)
        self.discussions = MemoryDiscussions(books)
        self.dues = MemoryDuesBook(books)
        self.protection = MemoryProtection(books)
        self.works = MemoryAssignedWorks(books)
