"""What the media plane reports, brought to the room it belongs to: flow, speech, levels, layers, and a worker that died."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from rooms import commands as c
from rooms.refusals import Refused
from server.live.desk import PeerDesk, ProducerDesk
from server.live.qualities import Qualities

if TYPE_CHECKING:
    from server.live.live_room import LiveRoom

Json = dict[str, Any]
LINGER_SECONDS = 1.0
NOBODY_LOOKS = -1  # the highest layer wanted of a picture that is on no page
log = structlog.get_logger(__name__)
QUIETEST, LOUDEST = -60.0, -10.0  # dBov: the ends of the speaking indicator


class Reports:
    def __init__(self, room: LiveRoom) -> None:
        self._room = room
        self.qualities = Qualities(room)
        self._audible = False
        self._parted: dict[str, tuple[PeerDesk, ProducerDesk, float]] = {}

    def take(self, report: Json) -> None:
        """Called from the event loop by the plane; whatever touches the room waits for its turn."""
        handler = {
            "transportState": self._transport_state,
            "addressMoved": self._address_moved,
            "mediaFlow": self._media_flow,
            "speechStarted": self._speech_started,
            "speechEnded": self._speech_ended,
            "levels": self._levels,
            "dominantSpeaker": self._dominant,
            "producerClosed": self._producer_closed,
            "layersWanted": self._layers_wanted,
            "consumerLayer": self._consumer_layer,
            "recordingStopped": self._room.recorder.stopped,
            "quality": self.qualities.take,
        }.get(report["event"])
        if handler is not None:
            self._room.soon(lambda: handler(report))

    def _find(self, producer_id: str) -> tuple[PeerDesk, ProducerDesk] | None:
        for desk in self._room.desks.values():
            if producer_id in desk.producers:
                return desk, desk.producers[producer_id]
        parted = self._parted.get(producer_id)
        return None if parted is None else parted[:2]

    async def _transport_state(self, report: Json) -> None:
        """The client sees its own transports; here they only show that the peer is being heard of, or is not."""
        for desk in self._room.desks.values():
            if not desk.owns_transport(report["transportId"]):
                continue
            if report["state"] == "connected":
                desk.last_seen = max(desk.last_seen, self._room.clock.at(report["at"]))
            else:
                self.qualities.lost(desk, report["transportId"])
                self._tell_log(desk, report)
            if report["reason"] == "worker_died":
                await self._receiver_lost(desk, report["transportId"])

    async def _address_moved(self, report: Json) -> None:
        """The page checks all its paths at once; its browser alone would find out by its next regular check."""
        for desk in self._room.desks.values():
            if desk.owns_transport(report["transportId"]):
                await self._room.fanout.say("addressMoved", {}, [desk.peer_id])

    def _tell_log(self, desk: PeerDesk, report: Json) -> None:
        way = next((way for way, id in desk.transports.items() if id == report["transportId"]), "")
        told = {"direction": way, "state": report["state"], "reason": report["reason"]}
        log.info("transport_failed", meeting=self._room.meeting_id, peer=desk.peer_id, **told)

    async def _receiver_lost(self, desk: PeerDesk, transport_id: str) -> None:
        """This peer received through a worker that is gone. What it sends is on another one and goes on; nobody else is concerned."""
        desk.transports = {direction: id for direction, id in desk.transports.items() if id != transport_id}
        desk.consumers.clear()
        body = {"routerRtpCapabilities": self._room.conductor.capabilities, "direction": "recv"}
        await self._room.fanout.say("mediaRestarted", body, [desk.peer_id])

    async def _media_flow(self, report: Json) -> None:
        found = self._find(report["producerId"])
        if found is None or found[1].flowing == report["flowing"]:
            return
        if report["flowing"] or found[1].highest != NOBODY_LOOKS:  # silence that was asked for says nothing about the member
            self._flow(*found, report["flowing"], self._room.clock.at(report["at"]))

    def _flow(self, desk: PeerDesk, producer: ProducerDesk, flowing: bool, at: float) -> None:
        producer.flowing = flowing
        fact = self._room.scribe.media_flow(desk.peer_id, desk.member_id, producer.producer_id, producer.source, flowing, at)
        self._room.record([fact])

    async def _speech_started(self, report: Json) -> None:
        found = self._find(report["producerId"])
        if found is None:
            return
        desk, producer = found
        at = self._room.clock.at(report["at"])
        producer.speaking = (str(report["segmentId"]), at)
        self._room.counters.speech_began(desk.member_id, producer.producer_id, at)
        await self._show(desk)

    async def _speech_ended(self, report: Json) -> None:
        found = self._find(report["producerId"])
        if found is None:
            return
        clock = self._room.clock
        self._end_speech(*found, str(report["segmentId"]), clock.at(report["start"]), clock.at(report["end"]))
        await self._show(found[0])

    def _end_speech(self, desk: PeerDesk, producer: ProducerDesk, segment: str, start: float, end: float) -> None:
        producer.speaking = None
        room = self._room
        room.counters.speech_ended(desk.member_id, producer.producer_id, end)
        room.record([room.scribe.speech(desk.peer_id, desk.member_id, producer.producer_id, segment, start, end)])

    async def _show(self, desk: PeerDesk) -> None:
        await self._room.fanout.say("counters", self._room.counters_of(desk.member_id), self._peers_of(desk.member_id))

    def _peers_of(self, member_id: str) -> list[str]:
        return [desk.peer_id for desk in self._room.desks.values() if desk.member_id == member_id]

    async def _levels(self, report: Json) -> None:
        levels: dict[str, float] = {}
        for producer_id, dbov in report["levels"].items():
            found = self._find(producer_id)
            if found is not None:
                level = min(1.0, max(0.0, (dbov - QUIETEST) / (LOUDEST - QUIETEST)))
                levels[found[0].member_id] = max(levels.get(found[0].member_id, 0.0), round(level, 2))
        if levels or self._audible:
            await self._room.fanout.say("speaking", {"levels": levels})
        self._audible = bool(levels)

    async def _dominant(self, report: Json) -> None:
        found = self._find(report["producerId"])
        if found is not None:
            await self._room.fanout.say("dominantSpeaker", {"memberId": found[0].member_id})

    async def _layers_wanted(self, report: Json) -> None:
        """To the peer that sends it, and to nobody else."""
        found = self._find(report["producerId"])
        if found is not None:
            found[1].highest = report["highest"]
            await self._say_wanted(*found)

    async def _say_wanted(self, desk: PeerDesk, producer: ProducerDesk) -> None:
        wanted = {"producerId": producer.producer_id, "highest": producer.highest}
        await self._room.fanout.say("layersWanted", wanted, [desk.peer_id])

    async def _consumer_layer(self, report: Json) -> None:
        """To the peer that receives it. Of voices nobody is told: the loudest three change with every word."""
        for desk in self._room.desks.values():
            consumer = desk.consumers.get(report["consumerId"])
            if consumer is not None and consumer.kind == "video":
                consumer.gets = {key: report[key] for key in ("consumerId", "layer", "reason")}
                await self._room.fanout.say("consumerLayer", consumer.gets, [desk.peer_id])

    async def repeat(self, desk: PeerDesk) -> None:
        """A page that came back on another socket: what it may have missed meanwhile, though its media went on."""
        for producer in desk.producers.values():
            if producer.highest is not None:
                await self._say_wanted(desk, producer)
        for consumer in list(desk.consumers.values()):
            if consumer.gets is not None:
                await self._room.fanout.say("consumerLayer", consumer.gets, [desk.peer_id])

    async def _producer_closed(self, report: Json) -> None:
        if self._find(report["id"]) is not None:
            await self._remove(report["id"])

    async def _remove(self, producer_id: str) -> None:
        try:
            await self._room.do(c.RemoveProducer(None, producer_id))
        except Refused:
            return  # it went with its peer

    def part(self, producers: list[ProducerDesk], desk: PeerDesk, at: float) -> None:
        """Producers that have gone at `at`. The plane's own end of their speech is on its way, and better: wait a moment."""
        for producer in producers:
            self._parted[producer.producer_id] = (desk, producer, at)
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._finish, producer.producer_id)

    def _finish(self, producer_id: str) -> None:
        parted = self._parted.pop(producer_id, None)
        if parted is not None:
            self.end_producer(*parted)

    def settle(self) -> None:
        """Do not wait any longer: the room closes."""
        for producer_id in list(self._parted):
            self._finish(producer_id)

    def end_producer(self, desk: PeerDesk, producer: ProducerDesk, at: float) -> None:
        if producer.speaking is not None:
            segment, start = producer.speaking
            self._end_speech(desk, producer, segment, start, max(start, at))
        if producer.flowing:
            self._flow(desk, producer, False, at)

    async def worker_died(self, at: float) -> None:
        """Everything the worker held is gone: end it in the books at once, tell the clients when there is a worker again."""
        moment = self._room.clock.at(at)
        self._room.conductor.lost()
        self._room.recorder.lost()
        self.settle()
        for desk in list(self._room.desks.values()):
            desk.transports.clear()
            desk.consumers.clear()
            self.qualities.forget(desk)
            for producer in list(desk.producers.values()):
                self.end_producer(desk, producer, moment)
                await self._remove(producer.producer_id)
            desk.producers.clear()

    async def worker_ready(self) -> None:
        if self._room.conductor.is_open:
            return
        await self._room.conductor.open()
        await self._room.recorder.again()
        await self._room.fanout.say("mediaRestarted", {"routerRtpCapabilities": self._room.conductor.capabilities, "direction": None})
