"""Recordings of meetings: listed, watched, saved, deleted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ledger.actions import recordings as actions
from ledger.recordings import MeetingRecording
from server.http.call import Call, Reel, Relay
from server.http.views.moments import iso
from server.schemas import recordings as s

WEBM = "video/webm"


async def of_meeting(call: Call) -> s.RecordingList:
    found = await actions.of_meeting(call.store, call.actor, call.ids["meetingId"])
    return s.RecordingList(recordings=[s.RecordingLine(**_line(one)) for one in found])


async def recording(call: Call) -> s.RecordingView:
    found = await actions.view(call.store, call.actor, call.ids["recordingId"], call.now)
    return _view(found)


async def film(call: Call, query: s.RecordingPiece) -> Reel | Relay:
    recording_id, node = call.ids["recordingId"], call.house.settings.own_address
    try:
        path = await actions.fetch(call.store, call.actor, folder_of(call), recording_id, call.now, save=query.save, node=node)
    except actions.FilmElsewhere as elsewhere:
        return Relay(elsewhere.node)
    return Reel(f"{recording_id}.webm", WEBM, path, query.save)


async def delete(call: Call, body: s.RecordingDeletion) -> s.RecordingView:
    deleted = await actions.delete(call.store, call.actor, folder_of(call), call.ids["recordingId"], body.reason, call.now)
    found = await actions.view(call.store, call.actor, deleted.recording_id, call.now)
    return _view(replace(found, recording=deleted))


def folder_of(call: Call) -> Path:
    return call.house.settings.recordings


def _line(one: MeetingRecording) -> dict[str, object]:
    return {
        "recording_id": one.recording_id,
        "meeting_id": one.meeting_id,
        "state": one.state.value,
        "started_at": iso(one.started_at),
        "stopped_at": None if one.stopped_at is None else iso(one.stopped_at),
        "stopped_reason": one.stopped_reason,
        "keep_until": None if one.keep_until is None else iso(one.keep_until),
        "progress": one.progress,
        "seconds": one.seconds,
        "bytes": one.composed_bytes,
        "sha256": one.composed_sha256,
        "trouble": one.trouble,
        "deleted_at": None if one.deleted_at is None else iso(one.deleted_at),
        "deletion_reason": one.deletion_reason,
    }


def _view(found: actions.RecordingView) -> s.RecordingView:
    tracks = [
        s.RecordedTrack(
            member_id=one.member_id,
            name=found.names.get(one.member_id, ""),
            source=one.source,
            start=one.start,
            end=one.end,
            bytes=one.bytes,
            sha256=one.sha256,
        )
        for one in found.files
    ]
    marks = [
        s.RecordingChapter(
            at=one.at, length=one.length, kind=one.kind, member_id=one.member_id, name=found.names.get(one.member_id or "", "")
        )
        for one in found.chapters
    ]
    return s.RecordingView(
        **_line(found.recording),
        title=found.meeting.title,
        started_by=found.names.get(found.recording.started_by, ""),
        tracks=tracks,
        chapters=marks,
        may_delete=found.may_delete,
    )
