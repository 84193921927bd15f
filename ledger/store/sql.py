"""A store in SQLite or PostgreSQL: one engine, one transaction per unit of work, one writer at a time.

SQLite: write-ahead log, so that readers never wait for the writer; `BEGIN IMMEDIATE` takes the writer's place at once instead of failing in
the middle; every commit is synced, because the outbox forgets a fact once it is told it is here. PostgreSQL: writers queue at an advisory
lock, which gives them the same one-after-the-other order and keeps "read, decide, write" free of races; readers see one snapshot.
Locked, full or away becomes `StoreUnavailable`; a broken uniqueness that slipped past a check becomes `Conflict`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ..notificationports import OnTold, nobody_listens
from ..ports import UnitOfWork
from ..refusals import Conflict, StoreUnavailable, TextUnacceptable
from .marks import Answers, Memory, renewing, watch
from .onehop import hop_once
from .reaching import Ground
from .sql_access import SqlAccessLog
from .sql_clocks import SqlClocks
from .sql_delivery import SqlDeliveries, SqlLeases, SqlWebhooks
from .sql_discussions import SqlDiscussions
from .sql_dues import SqlDuesBook
from .sql_figures import SqlFigures
from .sql_files import SqlChangeRequests, SqlDataRequests, SqlFiles, SqlSavedLists
from .sql_meetings import SqlAttendance, SqlFacts, SqlMeetings
from .sql_members import SqlMembers
from .sql_mobility import (
    SqlCertificates,
    SqlContacts,
    SqlOrgRelations,
    SqlRegistrations,
    SqlSecretaryThreads,
    SqlSharingConsents,
)
from .sql_notifications import SqlNotifications
from .sql_people import SqlAccounts, SqlOrganisations, SqlPosts, SqlSessions
from .sql_protection import SqlProtection
from .sql_recordings import SqlRecordings
from .sql_reports import SqlAttachments, SqlReports
from .sql_transfers import SqlTransfers
from .sql_work import SqlAssignedWorks

BUSY_MILLISECONDS = 5000
POOL_SIZE = 10  # connections kept open; beyond them some are opened for a while, which costs more than a page
DATA_EXCEPTION = "22"  # the class of SQLSTATE: too long, out of range, not in the encoding
WRITER_LOCK = 0x4272616E6368  # "Branch": the advisory lock of writers


class SqlUnitOfWork:
    def __init__(self, connection: AsyncConnection, memory: Memory) -> None:
        ground = Ground(connection, memory)
        self.organisations = SqlOrganisations(connection, ground)
        self.members = SqlMembers(connection, ground)
        self.posts = SqlPosts(connection)
        self.accounts = SqlAccounts(connection)
        self.sessions = SqlSessions(connection)
        self.meetings = SqlMeetings(connection, ground)
        self.attendance = SqlAttendance(connection, ground)
        self.facts = SqlFacts(connection)
        self.access_log = SqlAccessLog(connection, ground)
        self.files = SqlFiles(connection)
        self.change_requests = SqlChangeRequests(connection, ground)
        self.saved_lists = SqlSavedLists(connection)
        self.transfers = SqlTransfers(connection, ground)
        self.data_requests = SqlDataRequests(connection, ground)
        self.notifications = SqlNotifications(connection)
        self.registrations = SqlRegistrations(connection, ground)
        self.sharing_consents = SqlSharingConsents(connection)
        self.contacts = SqlContacts(connection)
        self.certificates = SqlCertificates(connection)
        self.relations = SqlOrgRelations(connection)
        self.threads = SqlSecretaryThreads(connection)
        self.clocks = SqlClocks(connection)
        self.figures = SqlFigures(connection, ground)
        self.attachments = SqlAttachments(connection)
        self.reports = SqlReports(connection, ground)
        self.deliveries = SqlDeliveries(connection, ground)
        self.webhooks = SqlWebhooks(connection)
        self.recordings = SqlRecordings(connection)
        self.leases = SqlLeases(connection)
        self.discussions = SqlDiscussions(connection, ground)
        self.dues = SqlDuesBook(connection, ground)
        self.protection = SqlProtection(connection)
        self.works = SqlAssignedWorks(connection, ground)


class SqlStore:
    """Over a database that has been migrated.

    `busy_milliseconds`: how long SQLite waits for another process's writer; `most_pages`: how large its file may grow (pages of 4 KiB).
    """

    def __init__(
        self, url: str, *, busy_milliseconds: int = BUSY_MILLISECONDS, most_pages: int | None = None, pool_size: int = POOL_SIZE
    ) -> None:
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._folder = Path(make_url(url).database or "").parent if self._sqlite else None
        # Parameters are people's data: they have no place in an error message.
        self._engine = create_async_engine(driver_url(url), pool_size=pool_size, pool_pre_ping=not self._sqlite, hide_parameters=True)
        self._writer = self._engine.execution_options(writing=True)
        self._reader = self._engine if self._sqlite else self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._one_writer = asyncio.Lock()
        self._answers = Answers()
        self.on_told: OnTold = nobody_listens
        watch(self._engine)
        if self._sqlite:
            hop_once(self._engine)
            tune_sqlite(self._engine, busy_milliseconds, most_pages)

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._reading()

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._writing()

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[UnitOfWork]:
        self._check_folder()
        async with told_plainly(), self._reader.begin() as connection:
            yield SqlUnitOfWork(connection, Memory(connection, self._answers, None))

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[UnitOfWork]:
        self._check_folder()
        async with told_plainly(), self._one_writer, self._writer.begin() as connection:
            if not self._sqlite:
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
            async with renewing(connection) as written:
                uow = SqlUnitOfWork(connection, Memory(connection, self._answers, written))
                yield uow
        if uow.notifications.news:
            self.on_told(uow.notifications.news)

    def _check_folder(self) -> None:
        """Told before connecting: a driver that cannot open its file leaves a thread behind that reports to a loop long gone."""
        if self._folder is not None and not self._folder.is_dir():
            raise StoreUnavailable(f"no folder {self._folder}")


def driver_url(url: str) -> str:
    """The URL with the driver this store speaks through, whatever driver was named."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}[parsed.get_backend_name()]
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


@asynccontextmanager
async def told_plainly() -> AsyncIterator[None]:
    """Failures of a database in the words of the ledger. Wrong SQL is a bug and passes through."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict from error
    except ProgrammingError:
        raise
    except DBAPIError as error:
        if isinstance(error, DataError) or str(getattr(error.orig, "sqlstate", "")).startswith(DATA_EXCEPTION):
            raise TextUnacceptable from error
        raise StoreUnavailable(str(error.orig)) from error
    except (PoolTimeout, OSError, TimeoutError) as error:
        raise StoreUnavailable(str(error)) from error


def tune_sqlite(engine: AsyncEngine, busy_milliseconds: int, most_pages: int | None = None) -> None:
    pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(busy_milliseconds)}"]
    if most_pages is not None:
        pragmas.append(f"max_page_count={int(most_pages)}")

    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own: "begin" below does
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
