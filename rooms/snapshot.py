"""What one viewer sees of a room, and the law: old snapshot + the events told to that viewer = fresh snapshot.

A snapshot is the room's own state with what is not this viewer's business cut away, so the same `evolve` brings it forward. Viewers
inside see everything but the people at the door (moderators see those too); a viewer at the door sees the title, whether the room is
open, whether it is recorded, and the own waiting. When a viewer changes place (admitted, made co-moderator), the event names the peer in
`renews`, and a fresh snapshot is sent instead of the event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from rooms.events import ALL, PRESENT, Event, camel, plain
from rooms.evolve import evolve
from rooms.ids import MODERATING, PeerId
from rooms.state import RoomState

Place = Literal["moderator", "inside", "door", "outside"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`place` says what was cut away; `revision` is the number of the last event it contains or need not contain."""

    peer_id: PeerId
    place: Place
    room: RoomState


def place_of(state: RoomState, peer_id: PeerId) -> Place:
    found = state.owner(peer_id)
    if found is not None:
        return "moderator" if found[0].role in MODERATING else "inside"
    return "door" if any(w.peer_id == peer_id for w in state.waiting) else "outside"


def snapshot(state: RoomState, peer_id: PeerId) -> Snapshot:
    return cut(state, peer_id, place_of(state, peer_id))


def cut(state: RoomState, peer_id: PeerId, place: Place) -> Snapshot:
    """The state without what `place` may not see; bookkeeping of the room itself goes from all of them."""
    seen = replace(state, removed=frozenset(), were_in=frozenset(), roles=())
    if place == "inside":
        seen = replace(seen, waiting=())
    elif place in ("door", "outside"):
        own = tuple(w for w in state.waiting if w.peer_id == peer_id)
        recording = None if seen.recording is None else replace(seen.recording, objections=())
        seen = replace(seen, waiting=own, participants=(), hands=(), floor=None, chat=(), locked=False, lobby=False)
        seen = replace(seen, recording=recording, recorded=())
    return Snapshot(peer_id, place, seen)


def told(event: Event, viewer: PeerId, place: Place) -> bool:
    """Is this viewer told of this event?"""
    if isinstance(event.audience, tuple):
        return viewer in event.audience
    if event.audience == PRESENT:
        return place != "outside"
    return place == "moderator" or (place == "inside" and event.audience == ALL)


def apply(old: Snapshot, event: Event) -> Snapshot:
    """Bring a snapshot forward by one event it was told of. Events older than the snapshot change nothing."""
    if event.revision <= old.room.revision:
        return old
    return replace(old, room=replace(evolve(event.what, old.room), revision=event.revision))


def shape(of: Snapshot) -> dict[str, Any]:
    """The JSON of a snapshot: the room's fields in camelCase, with `peerId` and `place`."""
    hidden = {"removed", "were_in", "roles"}
    body = {camel(key): plain(getattr(of.room, key)) for key in RoomState.__dataclass_fields__ if key not in hidden}
    return {"peerId": of.peer_id, "place": of.place, **body}
