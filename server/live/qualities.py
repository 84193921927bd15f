"""How well each member is connected, brought to those it concerns.

Each member hears of the own two directions with their figures; everybody hears the others' uplinks, because a poor picture may be theirs;
moderators hear both directions of everybody. Scores of 0 (of no use) to 5 come from the media plane, only what changed is sent, and
nothing of it is recorded.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from rooms.ids import MODERATING
from server.live.desk import PeerDesk

if TYPE_CHECKING:
    from server.live.live_room import LiveRoom

Json = dict[str, Any]
#: Reports of all transports come every two seconds, each at its own moment: one message a second gathers them.
GATHER_SECONDS = 1.0
FIGURES = ("score", "bitrate", "estimate", "fractionLost", "roundTrip")
WAYS = {"send": "uplink", "recv": "downlink"}


class Qualities:
    def __init__(self, room: LiveRoom) -> None:
        self._room = room
        self._due: asyncio.TimerHandle | None = None

    async def take(self, report: Json) -> None:
        for desk in self._room.desks.values():
            if desk.transports.get(report["direction"]) == report["transportId"]:
                desk.quality[WAYS[report["direction"]]] = {key: report[key] for key in FIGURES}
                own = {way: desk.quality.get(way) for way in WAYS.values()}
                await self._room.fanout.say("quality", own, [desk.peer_id])
                self._gather()
                break

    def lost(self, desk: PeerDesk, transport_id: str) -> None:
        """Nothing comes through a transport: it is of no use, whatever it was."""
        for direction, way in WAYS.items():
            if desk.transports.get(direction) == transport_id and way in desk.quality:
                desk.quality[way] = desk.quality[way] | {"score": 0}
                self._gather()

    def forget(self, desk: PeerDesk) -> None:
        """Its media begins anew; the page too, when it came back on another socket."""
        desk.quality.clear()

    def _gather(self) -> None:
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._tell_soon)

    def _tell_soon(self) -> None:
        self._due = None
        self._room.soon(self.tell)

    async def tell(self) -> None:
        for moderating in (False, True):
            scores = self._scores(moderating)
            for desk in list(self._room.desks.values()):
                found = self._room.state.owner(desk.peer_id)
                if found is None or (found[0].role in MODERATING) != moderating or desk.sid is None:
                    continue
                fresh = {member_id: score for member_id, score in scores.items() if desk.qualities_told.get(member_id) != score}
                desk.qualities_told = scores
                if fresh:
                    await self._room.fanout.say("qualities", {"members": fresh}, [desk.peer_id])

    def _scores(self, both: bool) -> dict[str, Json]:
        """Member → the worst of that member's devices in each direction; the downlink only for those who may see it."""
        scores: dict[str, Json] = {}
        for desk in self._room.desks.values():
            if self._room.state.owner(desk.peer_id) is None:
                continue
            known = scores.setdefault(desk.member_id, dict.fromkeys(WAYS.values()))
            for way in WAYS.values() if both else ("uplink",):
                if way in desk.quality:
                    before, now = known[way], int(desk.quality[way]["score"])
                    known[way] = now if before is None else min(before, now)
        return {member_id: score for member_id, score in scores.items() if any(value is not None for value in score.values())}

    def stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
