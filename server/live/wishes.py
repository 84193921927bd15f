"""What each picture is worth to each viewer: the tile as the viewer's page tells it, the standing as the room has it.

A viewer says how large a tile is, whether it is on the page, and what is pinned. That a picture is the shared screen, a moderator's or the
floor holder's, the viewer is not asked: the room knows. What is the same as told before is not told again. It knows the plane's words for
a wish; whether packets follow is the plane's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rooms import events as e
from rooms.ids import MODERATING
from rooms.state import RoomState
from server.live.desk import ConsumerDesk, PeerDesk

Json = dict[str, Any]
STANDING = {"screen": False, "moderator": False, "floor": False}


def standings(state: RoomState) -> dict[str, Json]:
    """Producer → what the room makes of its picture. A screen belongs to everybody: its owner's role lifts only the face."""
    found: dict[str, Json] = {}
    for participant in state.participants:
        face = {
            "moderator": participant.role in MODERATING,
            "floor": state.floor is not None and state.floor.member_id == participant.member_id,
        }
        for peer in participant.peers:
            for producer in peer.producers:
                if producer.kind == "video":
                    found[producer.producer_id] = STANDING | ({"screen": True} if producer.source == "screen" else face)
    return found


def moves_standings(events: Sequence[e.Event]) -> bool:
    return any(isinstance(event.what, e.FloorGiven | e.FloorWithdrawn | e.RoleChanged | e.PeerLeft) for event in events)


def due(consumer: ConsumerDesk, standing: Mapping[str, bool] | None) -> Json:
    """What has to be told of this consumer's wish, and is taken as told. Voices have no wishes; an unknown producer has no standing."""
    if consumer.kind != "video":
        return {}
    wish = {**STANDING, **(standing or {}), **consumer.tile}
    fresh = {key: value for key, value in wish.items() if consumer.told.get(key) != value}
    consumer.told = wish
    return fresh


def take(desk: PeerDesk, tiles: Sequence[Mapping[str, Any]]) -> list[ConsumerDesk]:
    """Note what the page says. → the consumers it is about; one that has been closed meanwhile is passed over."""
    about = []
    for tile in tiles:
        consumer = desk.consumers.get(str(tile["consumer_id"]))
        if consumer is not None:
            consumer.tile = {key: tile[key] for key in ("tile", "visible", "pinned")}
            about.append(consumer)
    return about
