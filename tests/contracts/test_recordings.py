"""Recordings in the three twins of the store: what `ledger.recordingports` promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ledger.ports import Store
from ledger.recordings import MeetingRecording, RecordingFile, RecordingState
from tests.ledger.records import DAY, NOON, fill, meeting


def taken(key: str = "r1", at: float = NOON, **special: Any) -> MeetingRecording:
    return replace(MeetingRecording(key, "M", RecordingState.RUNNING, at, "m-a1"), **special)


async def prepared(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.meetings.add(meeting("M"))


async def test_a_recording_comes_back_as_it_went_in_and_a_repeat_changes_nothing(store: Store) -> None:
    await prepared(store)
    whole = taken(
        stopped_at=NOON + 5, stopped_reason="objection", keep_until=NOON + DAY, seconds=5.5, composed_bytes=1 << 40, node="https://two"
    )
    async with store.writing() as uow:
        assert await uow.recordings.add(whole)
        assert not await uow.recordings.add(taken(trouble="again"))
    async with store.reading() as uow:
        assert await uow.recordings.get("r1") == whole
        assert await uow.recordings.get("r2") is None


async def test_lists_go_by_time_and_state(store: Store) -> None:
    await prepared(store)
    ready = taken("r0", NOON + 2, state=RecordingState.READY, keep_until=NOON + DAY)
    async with store.writing() as uow:
        for one in (taken("r2", NOON + 1), ready, taken("r1", NOON)):
            await uow.recordings.add(one)
        await uow.recordings.save(taken("r1", NOON, progress=0.5))
        await uow.recordings.save(taken("nothing"))
    async with store.reading() as uow:
        assert [one.recording_id for one in await uow.recordings.of_meeting("M")] == ["r1", "r2", "r0"]
        running = await uow.recordings.in_states([RecordingState.RUNNING, RecordingState.WAITING])
        assert [(one.recording_id, one.progress) for one in running] == [("r1", 0.5), ("r2", 0.0)]
        assert await uow.recordings.kept_too_long(NOON + DAY - 1) == []
        assert await uow.recordings.kept_too_long(NOON + DAY) == [ready]
    async with store.writing() as uow:
        await uow.recordings.save(replace(ready, state=RecordingState.DELETED))
        assert await uow.recordings.kept_too_long(NOON + 9 * DAY) == []


async def test_files_are_replaced_as_a_whole(store: Store) -> None:
    await prepared(store)
    one = RecordingFile("r1", "microphone-aa-m-a1.webm", "m-a1", "microphone", 5, "0" * 64, 1.5, 9.0)
    two = replace(one, name="camera-bb-m-a1.webm", source="camera", start=0.25)
    async with store.writing() as uow:
        await uow.recordings.add(taken())
        await uow.recordings.set_files("r1", [one])
        await uow.recordings.set_files("r1", [one, two])
    async with store.reading() as uow:
        assert await uow.recordings.files("r1") == [two, one]
        assert await uow.recordings.files("r2") == []
    async with store.writing() as uow:
        await uow.recordings.set_files("r1", [])
        assert await uow.recordings.files("r1") == []
