"""A command being decided: the state so far and the events so far. Nothing of it reaches the room before the whole command is decided."""

from __future__ import annotations

from dataclasses import replace

from rooms.events import ALL, Audience, Event, Happening
from rooms.evolve import evolve
from rooms.ids import MemberId, PeerId
from rooms.refusals import Refused
from rooms.state import Participant, Peer, RoomState


class Draft:
    def __init__(self, state: RoomState, now: float) -> None:
        self.state = state
        self.now = now
        self.events: list[Event] = []

    def happen(self, what: Happening, audience: Audience = ALL, renews: tuple[PeerId, ...] = ()) -> None:
        revision = self.state.revision + 1
        self.state = replace(evolve(what, self.state), revision=revision)
        self.events.append(Event(revision, what, audience, renews))

    def note(self, **bookkeeping: object) -> None:
        """Change what no viewer sees (removed, were_in, roles)."""
        self.state = replace(self.state, **bookkeeping)  # type: ignore[arg-type]

    def inside(self, peer_id: PeerId) -> tuple[Participant, Peer]:
        found = self.state.owner(peer_id)
        if found is None:
            raise Refused("notInRoom")
        return found

    def by(self, peer_id: PeerId) -> MemberId:
        """Whose doing it is; whether that person may has been asked before (policy.py)."""
        return self.inside(peer_id)[0].member_id

    def member(self, member_id: MemberId) -> Participant:
        found = self.state.participant(member_id)
        if found is None:
            raise Refused("memberNotInRoom", member_id=member_id)
        return found

    def open(self) -> None:
        if self.state.stage != "open":
            raise Refused("meetingEnded" if self.state.stage == "ended" else "meetingNotOpen")
