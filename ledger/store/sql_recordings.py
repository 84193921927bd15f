"""Recordings in SQL. The door and its promises are in `ledger.recordingports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..recordings import MeetingRecording, RecordingFile, RecordingState
from . import tables_recordings as own
from .rows import Rows

RECORDINGS = Rows(own.recordings, MeetingRecording, state=RecordingState)
FILES = Rows(own.recording_files, RecordingFile)
C = own.recordings.c


class SqlRecordings:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, recording_id: str) -> MeetingRecording | None:
        row = (await self._connection.execute(RECORDINGS.select().where(C.recording_id == recording_id))).first()
        return RECORDINGS.read(row) if row else None

    async def add(self, recording: MeetingRecording) -> bool:
        """Writers come one after the other (see `sql`), so that looking before adding is enough."""
        if await self.get(recording.recording_id) is not None:
            return False
        await self._connection.execute(insert(own.recordings), RECORDINGS.write(recording))
        return True

    async def save(self, recording: MeetingRecording) -> None:
        where = C.recording_id == recording.recording_id
        await self._connection.execute(update(own.recordings).where(where).values(RECORDINGS.write(recording)))

    async def of_meeting(self, meeting_id: str) -> list[MeetingRecording]:
        query = RECORDINGS.select().where(C.meeting_id == meeting_id).order_by(C.started_at, C.recording_id)
        return [RECORDINGS.read(row) for row in await self._connection.execute(query)]

    async def in_states(self, states: Collection[RecordingState]) -> list[MeetingRecording]:
        query = RECORDINGS.select().where(C.state.in_([state.value for state in states])).order_by(C.started_at, C.recording_id)
        return [RECORDINGS.read(row) for row in await self._connection.execute(query)]

    async def kept_too_long(self, now: float) -> list[MeetingRecording]:
        where = (C.keep_until <= now) & (C.state != RecordingState.DELETED.value)
        query = RECORDINGS.select().where(where).order_by(C.started_at, C.recording_id)
        return [RECORDINGS.read(row) for row in await self._connection.execute(query)]

    async def set_files(self, recording_id: str, files: Sequence[RecordingFile]) -> None:
        await self._connection.execute(delete(own.recording_files).where(own.recording_files.c.recording_id == recording_id))
        if files:
            await self._connection.execute(insert(own.recording_files), FILES.write_all(files))

    async def files(self, recording_id: str) -> list[RecordingFile]:
        column = own.recording_files.c
        query = FILES.select().where(column.recording_id == recording_id).order_by(column.start, column.name)
        return [FILES.read(row) for row in await self._connection.execute(query)]
