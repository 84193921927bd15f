"""A room told as a story: people come by name, and what happens reads as short lines."""

from __future__ import annotations

import pytest

from rooms import commands as c
from rooms.events import Event
from rooms.ids import Device, Post, RecordingRule, Role
from rooms.refusals import Refused
from rooms.room import Room
from rooms.state import RoomState


class Story:
    """Peer ids are "<member>" or "<member>/<device>"; `happenings` of the last command are the names of its events."""

    def __init__(self, *, lobby: bool = False, recording: RecordingRule = "never") -> None:
        self.room = Room(RoomState("r", "t", lobby=lobby, recording_rule=recording))
        self.now = 0.0
        self.events: tuple[Event, ...] = ()

    @property
    def happenings(self) -> list[str]:
        return [type(event.what).__name__ for event in self.events]

    @property
    def inside(self) -> list[str]:
        return [peer.peer_id for participant in self.room.state.participants for peer in participant.peers]

    @property
    def waiting(self) -> list[tuple[str, str]]:
        return [(entry.peer_id, entry.reason) for entry in self.room.state.waiting]

    def do(self, command: c.Command) -> Story:
        self.now += 1
        self.events = self.room.handle(command, self.now)
        return self

    def come(self, peer: str, role: Role = "participant", *, device: str | None = None, may_enter: bool = True) -> Story:
        member = peer.split("/")[0]
        kind: Device = "phone" if "phone" in peer else "desktop"
        post: Post = "observer" if role == "observer" else "secretary" if role == "moderator" else "member"
        return self.do(c.Join(peer, member, member.title(), role, post, kind, device or peer, may_enter))

    def refused(self, command: c.Command, code: str) -> Story:
        before = self.room.state
        with pytest.raises(Refused) as caught:
            self.do(command)
        assert caught.value.code == code
        assert self.room.state == before
        return self


def opened(*people: str, recording: RecordingRule = "never") -> Story:
    """The secretary has opened the meeting and `people` are in."""
    story = Story(recording=recording).come("chair", "moderator").do(c.OpenMeeting("chair"))
    for person in people:
        story.come(person)
    return story
