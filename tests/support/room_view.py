"""A room as one client was told of it: the snapshot, brought forward by events. Written from the protocol, not from the server's code."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]


class RoomView:
    """Only what the stories look at is brought forward; any other event moves the revision on."""

    def __init__(self, snapshot: Json) -> None:
        self._room = snapshot

    @classmethod
    def unknown(cls) -> RoomView:
        """Before the first snapshot: nobody is there, and no event is newer."""
        nothing: Json = {"participants": [], "waiting": [], "hands": [], "chat": []}
        return cls(nothing | {"revision": math.inf, "peerId": "", "place": "outside", "stage": "scheduled"})

    def take(self, event: Json) -> None:
        """An event that is older than the snapshot changes nothing."""
        if event["revision"] <= self._room["revision"]:
            return
        self._room["revision"] = event["revision"]
        happen = _HAPPENINGS.get(event["type"])
        if happen is not None:
            happen(self, event)

    @property
    def stage(self) -> str:
        return str(self._room["stage"])

    @property
    def is_inside(self) -> bool:
        return self._room["place"] in ("inside", "moderator")

    @property
    def own_member(self) -> str | None:
        """None while at the door."""
        mine = self._room["peerId"]
        return next((p["memberId"] for p in self._room["participants"] if any(peer["peerId"] == mine for peer in p["peers"])), None)

    @property
    def names(self) -> set[str]:
        return {participant["name"] for participant in self._room["participants"]}

    @property
    def waiting(self) -> list[str]:
        return [entry["name"] for entry in self._room["waiting"]]

    @property
    def hands(self) -> list[str]:
        by_id = {participant["memberId"]: participant["name"] for participant in self._room["participants"]}
        return [by_id[hand["memberId"]] for hand in self._room["hands"]]

    @property
    def chat(self) -> list[tuple[str, str]]:
        return [(message["name"], message["text"]) for message in self._room["chat"]]

    def member(self, name: str) -> str:
        return next(str(p["memberId"]) for p in self._room["participants"] if p["name"] == name)

    def connections(self, name: str) -> list[str]:
        return [peer["connection"] for peer in self._peers() if self._owner(peer)["name"] == name]

    def producers(self, name: str | None = None) -> list[Json]:
        """All, or one member's: {producerId, kind, source, paused, memberId}."""
        return [
            producer | {"memberId": owner["memberId"]}
            for owner in self._room["participants"]
            if name in (None, owner["name"])
            for peer in owner["peers"]
            for producer in peer["producers"]
        ]

    # --- what happens ----------------------------------------------------------------------------------------------------------------

    def _peers(self) -> Iterator[Json]:
        return (peer for participant in self._room["participants"] for peer in participant["peers"])

    def _owner(self, peer: Json) -> Json:
        return next(participant for participant in self._room["participants"] if peer in participant["peers"])

    def _peer(self, event: Json) -> Json:
        return next(peer for peer in self._peers() if peer["peerId"] == event["peerId"])

    def _stage_set(self, event: Json) -> None:
        self._room["stage"] = "open" if event["type"] == "roomOpened" else "ended"

    def _peer_joined(self, event: Json) -> None:
        people = self._room["participants"]
        known = next((participant for participant in people if participant["memberId"] == event["memberId"]), None)
        if known is None:
            known = {key: event[key] for key in ("memberId", "name", "role", "post")} | {"peers": []}
            people.append(known)
        known["peers"].append(event["peer"])

    def _peer_left(self, event: Json) -> None:
        for participant in self._room["participants"]:
            participant["peers"] = [peer for peer in participant["peers"] if peer["peerId"] != event["peerId"]]
        self._room["participants"] = [participant for participant in self._room["participants"] if participant["peers"]]

    def _waiting_came(self, event: Json) -> None:
        self._room["waiting"].append(event["waiting"])

    def _waiting_left(self, event: Json) -> None:
        self._room["waiting"] = [entry for entry in self._room["waiting"] if entry["peerId"] != event["peerId"]]

    def _connection_changed(self, event: Json) -> None:
        self._peer(event)["connection"] = event["connection"]

    def _producer_added(self, event: Json) -> None:
        self._peer(event)["producers"].append(event["producer"])

    def _producer_removed(self, event: Json) -> None:
        peer = self._peer(event)
        peer["producers"] = [producer for producer in peer["producers"] if producer["producerId"] != event["producerId"]]

    def _producer_paused(self, event: Json) -> None:
        for producer in self._peer(event)["producers"]:
            if producer["producerId"] == event["producerId"]:
                producer["paused"] = event["paused"]

    def _hand_raised(self, event: Json) -> None:
        self._room["hands"].append({"memberId": event["memberId"], "at": event["at"]})

    def _hand_lowered(self, event: Json) -> None:
        self._room["hands"] = [hand for hand in self._room["hands"] if hand["memberId"] != event["memberId"]]

    def _said(self, event: Json) -> None:
        self._room["chat"].append(event["message"])


_HAPPENINGS: dict[str, Callable[[RoomView, Json], None]] = {
    "roomOpened": RoomView._stage_set,
    "roomEnded": RoomView._stage_set,
    "peerWaiting": RoomView._waiting_came,
    "waitingLeft": RoomView._waiting_left,
    "peerJoined": RoomView._peer_joined,
    "peerLeft": RoomView._peer_left,
    "connectionChanged": RoomView._connection_changed,
    "producerAdded": RoomView._producer_added,
    "producerRemoved": RoomView._producer_removed,
    "producerPausedSet": RoomView._producer_paused,
    "handRaised": RoomView._hand_raised,
    "handLowered": RoomView._hand_lowered,
    "said": RoomView._said,
}
