"""Recordings of meetings: told of by facts, put together afterwards, watched by those on the list, deleted by the secretary or in time.

`folder` is where the node keeps recordings, one folder for each. Every viewing and download is logged; the record outlives its files.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ..access import Action, Actor, may, meeting_target, require
from ..facts import FactKind, meeting_stream
from ..model import Access, Meeting
from ..ports import Store, UnitOfWork
from ..recordings import MeetingRecording, RecordingFile, RecordingState
from ..refusals import Conflict, NotFound, ReasonMissing
from ..rulebook import Rulebook
from ..rules.chapters import Chapter, chapters

DAY = 86_400.0
COMPOSED = "composed.webm"
GONE = frozenset({RecordingState.DELETED})
STILL = frozenset({RecordingState.RUNNING})


class RecordingRuns(Conflict):
    """It is being made: stop it first."""

    code = "recordingRuns"


class RecordingNotThere(Conflict):
    """params: state. It is not put together yet, could not be, or has been deleted."""

    code = "recordingNotThere"


class FilmElsewhere(Exception):
    """No refusal: whoever asked may see it, and the node of this address has the files."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A recording as somebody watches it. `names`: of all members it speaks of."""

    recording: MeetingRecording
    meeting: Meeting
    files: list[RecordingFile]
    chapters: list[Chapter]
    names: dict[str, str]
    may_delete: bool


@dataclass(frozen=True, slots=True)
class Billing:
    """What a film says of itself. `names`: of those who are in it."""

    title: str
    organisation: str
    names: dict[str, str]


# -- told by facts -------------------------------------------------------------------------------------------------------------------


async def begun(store: Store, recording_id: str, meeting_id: str, at: float, by: str) -> None:
    async with store.writing() as uow:
        if await uow.meetings.get(meeting_id) is None:
            raise NotFound(noun="meeting", id=meeting_id)
        await uow.recordings.add(MeetingRecording(recording_id, meeting_id, RecordingState.RUNNING, at, by))


async def stopped(store: Store, rulebook: Rulebook, recording_id: str, at: float, reason: str) -> None:
    """From here on its days are counted."""
    async with store.writing() as uow:
        recording = await uow.recordings.get(recording_id)
        if recording is None or recording.state is not RecordingState.RUNNING:
            return
        meeting = await uow.meetings.get(recording.meeting_id)
        org = await uow.organisations.get(meeting.org_id) if meeting else None
        days = rulebook.recording_retention_days if org is None or org.recording_days is None else org.recording_days
        ended = max(recording.started_at, at)
        closed = replace(recording, state=RecordingState.WAITING, stopped_at=ended, stopped_reason=reason, keep_until=ended + days * DAY)
        await uow.recordings.save(closed)


# -- put together by the node that has the files -------------------------------------------------------------------------------------


async def in_states(store: Store, *states: RecordingState) -> list[MeetingRecording]:
    async with store.reading() as uow:
        return await uow.recordings.in_states(states)


async def speech_of(store: Store, recording: MeetingRecording) -> list[tuple[str, float, float]]:
    """(member, from, to) of all that was said while it ran, in seconds into it."""
    begin, end = recording.started_at, recording.started_at if recording.stopped_at is None else recording.stopped_at
    async with store.reading() as uow:
        facts = [one.fact for one in await uow.facts.of_stream(meeting_stream(recording.meeting_id))]
    said = [(f.member_id, f.body["start"], f.body["end"]) for f in facts if f.kind is FactKind.SPEECH_SEGMENT and f.member_id]
    inside = [(who, max(start, begin) - begin, min(stop, end) - begin) for who, start, stop in said if stop > begin and start < end]
    return sorted(inside, key=lambda one: (one[1], one[0]))


async def billing(store: Store, recording: MeetingRecording, member_ids: Iterable[str]) -> Billing:
    async with store.reading() as uow:
        meeting = await uow.meetings.get(recording.meeting_id)
        org = await uow.organisations.get(meeting.org_id) if meeting else None
        people = await uow.members.many(sorted(set(member_ids)))
    names = {member.member_id: member.name for member in people.values()}
    return Billing(meeting.title if meeting else "", org.name if org else "", names)


async def composing(store: Store, recording_id: str, progress: float) -> bool:
    """False: it is not to be put together any more."""
    async with store.writing() as uow:
        recording = await uow.recordings.get(recording_id)
        if recording is None or recording.state not in (RecordingState.WAITING, RecordingState.COMPOSING):
            return False
        await uow.recordings.save(replace(recording, state=RecordingState.COMPOSING, progress=progress))
        return True


async def composed(
    store: Store, recording_id: str, seconds: float, size: int, sha256: str, files: Sequence[RecordingFile], node: str = ""
) -> None:
    """`size` 0: nobody had agreed, so there is nothing. `node`: where the files are."""
    async with store.writing() as uow:
        recording = await uow.recordings.get(recording_id)
        if recording is None or recording.state is not RecordingState.COMPOSING:
            return
        done = replace(recording, state=RecordingState.READY, progress=1.0, seconds=seconds, composed_bytes=size, composed_sha256=sha256)
        await uow.recordings.save(replace(done, trouble="", node=node))
        await uow.recordings.set_files(recording_id, files)


async def failed(store: Store, recording_id: str, trouble: str) -> None:
    async with store.writing() as uow:
        recording = await uow.recordings.get(recording_id)
        if recording is not None and recording.state is RecordingState.COMPOSING:
            await uow.recordings.save(replace(recording, state=RecordingState.FAILED, trouble=trouble[:200]))


# -- watched -------------------------------------------------------------------------------------------------------------------------


async def of_meeting(store: Store, actor: Actor, meeting_id: str) -> list[MeetingRecording]:
    async with store.reading() as uow:
        await _meeting_for(uow, actor, meeting_id, Action.SEE_RECORDING)
        return await uow.recordings.of_meeting(meeting_id)


async def view(store: Store, actor: Actor, recording_id: str, now: float) -> RecordingView:
    """Being shown it is logged, whether or not it is then played; looking how far it is, or that it is gone, shows nothing."""
    async with store.writing() as uow:
        recording, meeting = await _recording_for(uow, actor, recording_id, Action.SEE_RECORDING)
        found = await _chapters(uow, recording)
        files = await uow.recordings.files(recording_id)
        mentioned = {one.member_id for one in found if one.member_id} | {one.member_id for one in files}
        people = await uow.members.many(sorted(mentioned | {recording.started_by} - {""}))
        names = {member.member_id: member.name for member in people.values()}
        may_delete = may(actor, Action.DELETE_RECORDING, await meeting_target(uow, actor, meeting))
        if recording.state is RecordingState.READY and recording.composed_bytes:
            await _log(uow, actor, "viewRecording", recording, meeting, now)
    return RecordingView(recording, meeting, files, found, names, may_delete)


async def fetch(store: Store, actor: Actor, folder: Path, recording_id: str, now: float, *, save: bool, node: str = "") -> Path:
    """The composed file, for one request of bytes; raises `FilmElsewhere` where another node than this `node` has it.

    Only saving it is one more line in the log, written where the file is: a player asks for many pieces.
    """
    async with store.writing() if save else store.reading() as uow:
        recording, meeting = await _recording_for(uow, actor, recording_id, Action.SEE_RECORDING)
        path = folder / recording_id / COMPOSED
        there = recording.state is RecordingState.READY and recording.composed_bytes > 0
        if there and not path.is_file() and recording.node not in ("", node):
            raise FilmElsewhere(recording.node)
        if not there or not path.is_file():
            raise RecordingNotThere(state=recording.state.value)
        if save:
            await _log(uow, actor, "saveRecording", recording, meeting, now)
    return path


# -- deleted -------------------------------------------------------------------------------------------------------------------------


async def delete(store: Store, actor: Actor, folder: Path, recording_id: str, reason: str, now: float) -> MeetingRecording:
    if not reason.strip():
        raise ReasonMissing
    async with store.writing() as uow:
        recording, meeting = await _recording_for(uow, actor, recording_id, Action.DELETE_RECORDING)
        if recording.state in STILL:
            raise RecordingRuns
        if recording.state in GONE:
            return recording
        recording = await _remove(uow, folder, recording, actor.account_id, reason.strip(), now)
        await _log(uow, actor, "deleteRecording", recording, meeting, now, {"reason": reason.strip()})
    return recording


async def purge(store: Store, folder: Path, now: float) -> int:
    """Delete what is past its day, and files whose record says so already (another node has deleted it). Answers how many records.

    Called every hour by the server, and by hand.
    """
    async with store.writing() as uow:
        due = await uow.recordings.kept_too_long(now)
        for recording in due:
            await _remove(uow, folder, recording, "system", "retention", now)
        for place in sorted(folder.iterdir()) if folder.is_dir() else ():
            known = await uow.recordings.get(place.name)
            if known is not None and known.state in GONE:
                shutil.rmtree(place)
    return len(due)


async def past_their_day(store: Store, now: float) -> int:
    async with store.reading() as uow:
        return len(await uow.recordings.kept_too_long(now))


async def _remove(uow: UnitOfWork, folder: Path, recording: MeetingRecording, by: str, reason: str, now: float) -> MeetingRecording:
    """Files first: a record that says "deleted" must not be wrong."""
    place = folder / recording.recording_id
    if place.is_dir():
        shutil.rmtree(place)
    gone = replace(recording, state=RecordingState.DELETED, deleted_at=now, deleted_by=by, deletion_reason=reason)
    await uow.recordings.save(gone)
    return gone


# -- inside --------------------------------------------------------------------------------------------------------------------------


async def _chapters(uow: UnitOfWork, recording: MeetingRecording) -> list[Chapter]:
    facts = await uow.facts.of_stream(meeting_stream(recording.meeting_id))
    end = recording.stopped_at or max((one.fact.at for one in facts), default=recording.started_at)
    return chapters(facts, recording.started_at, end)


async def _meeting_for(uow: UnitOfWork, actor: Actor, meeting_id: str, action: Action) -> Meeting:
    meeting = await uow.meetings.get(meeting_id)
    if meeting is None or not may(actor, Action.SEE_MEETING, await meeting_target(uow, actor, meeting)):
        raise NotFound(noun="meeting", id=meeting_id)
    require(actor, action, await meeting_target(uow, actor, meeting))
    return meeting


async def _recording_for(uow: UnitOfWork, actor: Actor, recording_id: str, action: Action) -> tuple[MeetingRecording, Meeting]:
    recording = await uow.recordings.get(recording_id)
    if recording is None:
        raise NotFound(noun="recording", id=recording_id)
    try:
        return recording, await _meeting_for(uow, actor, recording.meeting_id, action)
    except NotFound:
        raise NotFound(noun="recording", id=recording_id) from None


async def _log(
    uow: UnitOfWork,
    actor: Actor,
    action: str,
    recording: MeetingRecording,
    meeting: Meeting,
    now: float,
    detail: Mapping[str, str] = MappingProxyType({}),
) -> None:
    org = await uow.organisations.get(meeting.org_id)
    about = {"recording": recording.recording_id, **detail}
    await uow.access_log.append([Access(now, actor.account_id, action, f"meeting:{meeting.meeting_id}", org.path if org else "", about)])
