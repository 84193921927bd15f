"""One track of one client, in one or several streams (simulcast layers): what a packet means, and where each consumer of it stands.

It decides numbering, repairs, header extensions, and at which packet a consumer may begin: of a voice at any, of a picture at a key frame.
Which layer somebody should get is decided in `media.downlink`. It must never know sockets or keys. RFC 3550, RFC 4588, RFC 6464, RFC 8285,
RFC 8852.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from media import capabilities
from media.consumer import Consumer
from media.fanout import Fanout
from media.keyframes import KEYFRAME_OF, never, picture_height
from media.layers import PAUSED, Layer
from media.packet import Elements, Outputs, Packet
from media.redundancy import missing, split
from media.rtp import abs_send_time, extensions, one_byte_element, without_padding
from media.srtp import nearest_index
from media.stream import Stream

__all__ = ["ABS_SEND_TIME", "AUDIO_LEVEL", "MID", "PLAYOUT_DELAY", "REPAIRED_RID", "RID", "TRANSPORT_CC", "Drop", "Producer", "Stream"]

Json = dict[str, Any]
Take = Callable[[Stream, Sequence[Packet]], None]

#: Router extension ids by URI: what a client calls 9 is called by these from here on.
ROUTER_IDS: Final[dict[str, int]] = {entry["uri"]: entry["preferredId"] for entry in capabilities.ROUTER_HEADER_EXTENSIONS}
MID: Final = ROUTER_IDS[capabilities.MID]
RID: Final = ROUTER_IDS[capabilities.RID]
REPAIRED_RID: Final = ROUTER_IDS[capabilities.REPAIRED_RID]
ABS_SEND_TIME: Final = ROUTER_IDS[capabilities.ABS_SEND_TIME]
TRANSPORT_CC: Final = ROUTER_IDS[capabilities.TRANSPORT_CC]
AUDIO_LEVEL: Final = ROUTER_IDS[capabilities.AUDIO_LEVEL]
PLAYOUT_DELAY: Final = ROUTER_IDS[capabilities.PLAYOUT_DELAY]
#: Passed to consumers as they came. abs-send-time is passed too, with our own time in it.
_AS_THEY_CAME: Final = frozenset({AUDIO_LEVEL, ROUTER_IDS[capabilities.VIDEO_ORIENTATION], PLAYOUT_DELAY})
PASSED: Final = _AS_THEY_CAME | {ABS_SEND_TIME}
#: Rates of cameras move by some per cent all the time; a change of less is none.
_UNCHANGED: Final = 0.93
#: Over so long the pictures of all layers are counted.
_CADENCE_SECONDS: Final = 1.0
#: Until a key frame has told the height of a layer: the largest of a camera, halved downwards.
_LARGEST: Final = 720


class Drop(Exception):
    """A packet that goes no further; `reason` is the name under which it is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Producer:
    """Tables for one track, made from its RTP parameters once."""

    def __init__(self, id: str, router_id: str, kind: str, parameters: Json, mapping: Json, outputs: Outputs) -> None:
        self.id = id
        self.router_id = router_id
        self.kind = kind
        self.mid: str | None = parameters.get("mid")
        self.cname: str = parameters["rtcp"].get("cname", "")  # one for each client
        self.paused = False
        self.streams: list[Stream] = []  # lowest layer first
        self.consumers: dict[str, Consumer] = {}
        self.encodings: list[Json] = parameters["encodings"]
        self.flowing = False
        self.last_packet = 0.0
        self.version = 0  # counted up when layers, their heights or their rates have changed: whoever chooses layers should look
        self.on_keyframe: Callable[[Stream], None] = _nobody
        self.extension_ids = {
            entry["id"]: ROUTER_IDS[entry["uri"]] for entry in parameters["headerExtensions"] if entry["uri"] in ROUTER_IDS
        }
        self.tells_levels = AUDIO_LEVEL in self.extension_ids.values()
        mapped = {entry["payloadType"]: entry["mappedPayloadType"] for entry in mapping["codecs"]}
        rtx = [codec for codec in parameters["codecs"] if codec["mimeType"].lower().endswith("/rtx")]
        # One codec, the first, as in mediasoup: a stream that changes it would need another decoder, and another search for key frames.
        main = capabilities.main_codec(parameters) or parameters["codecs"][0]
        first = main["payloadType"]
        self.payload_types = {first: mapped[first]}
        #: Payload types of voices that carry their own past → what is inside, as the client numbers it.
        self.redundant = {codec["payloadType"]: first for codec in parameters["codecs"] if capabilities.is_red(codec)}
        self.repairs: dict[int, int] = {codec["payloadType"]: codec["parameters"]["apt"] for codec in rtx}
        self.clock_rate: int = main["clockRate"]
        self.mime_type: str = main["mimeType"].lower()
        self.picture_ids = self.mime_type == "video/vp8"
        self.is_keyframe = KEYFRAME_OF.get(self.mime_type, never)
        feedback = {(entry["type"], entry["parameter"]) for codec in parameters["codecs"] for entry in codec["rtcpFeedback"]}
        self.wants_nack = ("nack", "") in feedback
        self.wants_remb = ("goog-remb", "") in feedback
        self._outputs = outputs
        self._judged_at = 0.0
        self._pours: dict[str, Take] = {}
        self._asking: set[str] = set()

    # --- streams ---------------------------------------------------------------------------------------------------------------------

    def stream(self, ssrc: int, rid: str | None, layer: int) -> Stream:
        """A layer is seen for the first time."""
        made = Stream(self, ssrc, rid, layer, self._outputs)
        self.streams.append(made)
        self.streams.sort(key=lambda stream: stream.layer)
        self.version += 1
        for consumer_id, take in self._pours.items():
            self._connect(made, consumer_id, take)
        for consumer in self.consumers.values():
            if consumer.source is None:
                self.settle(consumer)
        return made

    def at(self, layer: int) -> Stream | None:
        return next((stream for stream in self.streams if stream.layer == layer), None)

    @property
    def measured(self) -> list[Layer]:
        """Bit rate and height of each layer; while nothing is measured, or all are silent, what there is counts as alive."""
        top = len(self.encodings) - 1
        found = [Layer(0, _LARGEST >> top - layer) for layer in range(top + 1)]
        for stream in self.streams:
            found[stream.layer] = Layer(stream.bitrate, stream.height or found[stream.layer].height)
        if not max([layer.bitrate for layer in found]):
            there = [stream.layer for stream in self.streams if stream.packets] or range(top + 1)
            found = [Layer(int(n in there), layer.height) for n, layer in enumerate(found)]
        return found

    def sample(self, now: float) -> None:
        """A few times a second: which layers are alive, and how much they are."""
        if now - self._judged_at >= _CADENCE_SECONDS:
            self._judge(now - self._judged_at)
            self._judged_at = now
        wanted = max(self.ideals, default=PAUSED)
        for stream in self.streams:
            stopped = stream.is_stopped(now)
            alive = stream.meter.sample(stream.octets, now, stopped=stopped) > 0
            stream.trial.watch(alive, stopped and stream.layer <= wanted, now)
            rate = stream.bitrate
            if not stream.noted * _UNCHANGED <= rate <= stream.noted / _UNCHANGED or (rate == 0) != (stream.noted == 0):
                stream.noted = rate
                self.version += 1

    @property
    def may_have_stopped(self) -> bool:
        """Whether a layer that somebody watches missed pictures that the smallest has."""
        return any(stream.missed > 1 and stream.fanout.width > 0 for stream in self.streams[1:])

    def has_stopped(self, now: float) -> bool:
        """Whether a layer that somebody watches has just been stopped by the sender: too urgent for the next `sample`."""
        return any(stream.meter.bitrate > 0 and stream.fanout.width > 0 and stream.is_stopped(now) for stream in self.streams[1:])

    def _judge(self, seconds: float) -> None:
        smaller = 0.0
        for stream in self.streams:
            smaller = stream.cadence.judge(stream.frames, seconds, smaller)

    # --- consumers -------------------------------------------------------------------------------------------------------------------

    def settle(self, consumer: Consumer) -> Stream | None:
        """Put a consumer where it belongs now: in a table, waiting for a key frame, or nowhere. → the stream whose key frame it needs."""
        for stream in self.streams:
            stream.fanout.waiting.pop(consumer.id, None)
        if self.paused or consumer.paused or consumer.quiet or consumer.wanted == PAUSED or not consumer.reachable:
            consumer.leave()
            return None
        wanted = self.at(consumer.wanted)
        if wanted is not None and consumer.source is wanted.fanout:
            return None
        for stream in self.streams:
            if stream is wanted or (consumer.source is None and (wanted is None or stream.layer < wanted.layer)):
                stream.fanout.let_wait(consumer)  # who has nothing takes what comes first
        return wanted or (self.streams[0] if self.streams else None)

    @property
    def ideals(self) -> list[int]:
        """The layer each consumer's tile asks for; whoever takes everything for itself wants the largest."""
        found = [consumer.ideal for consumer in self.consumers.values() if not consumer.paused]
        return found + [len(self.encodings) - 1] * len(self._asking)

    @property
    def loss_ahead(self) -> float:
        """The largest share lost on the way to somebody who gets these packets without earlier ones inside."""
        return max([c.receiver.path.fraction_lost for c in self.consumers.values() if c.source is not None and not c.depth], default=0.0)

    def remove(self, consumer: Consumer) -> None:
        consumer.paused = True
        self.settle(consumer)
        self.consumers.pop(consumer.id, None)

    def pause(self, paused: bool) -> None:
        self.paused = paused
        for stream in self.streams:
            stream.fanout.stale = True
            if stream.fanout.recent is not None:
                stream.fanout.recent.begin_anew()
        self.version += 1
        self.flowing = False
        for consumer in self.consumers.values():
            self.settle(consumer)

    def pour(self, consumer_id: str, take: Take | None, *, asks: bool = True) -> None:
        """Give all packets of all layers to a consumer that is no WebRTC peer, too; None: no longer. Not `asks`: it takes what there is."""
        self._pours.pop(consumer_id, None)
        self._asking.discard(consumer_id)
        for stream in self.streams:
            stream.fanout.sinks.pop(consumer_id, None)
            stream.fanout.stale = True
        if take is not None:
            self._pours[consumer_id] = take
            if asks:
                self._asking.add(consumer_id)
            for stream in self.streams:
                self._connect(stream, consumer_id, take)

    def _connect(self, stream: Stream, consumer_id: str, take: Take) -> None:
        stream.fanout.sinks[consumer_id] = lambda packets: take(stream, packets)
        stream.fanout.stale = True

    # --- packets ---------------------------------------------------------------------------------------------------------------------

    def receive(self, stream: Stream, packet: bytes, index: int, payload: bytes, now: float) -> int | None:
        """One authentic packet of a known stream: count, stage for the consumers. → its audio level octet (RFC 6464), if it has one."""
        sent_type = self.redundant.get(packet[1] & 0x7F, packet[1] & 0x7F)
        payload_type = self.payload_types.get(sent_type)
        if payload_type is None:
            raise Drop("rtp_payload_type")
        timestamp = int.from_bytes(packet[4:8], "big")
        self._arrived(stream, index, timestamp, len(payload), now)
        elements, level = self._elements(packet, now)
        body = without_padding(packet[0], payload)
        if body is None:
            raise Drop("rtp_padding")
        padding = 0
        if not body:  # a probe: nobody needs it, but its number must not look like a loss, so it is passed on as it is
            body, padding = payload, packet[0] & 0x20
        elif sent_type != packet[1] & 0x7F:
            body = self._unpacked(stream, Packet(index, 0x90, payload_type, timestamp, elements, body), sent_type, now)
        self._forward(stream, Packet(index, 0x90 | padding, packet[1] & 0x80 | payload_type, timestamp, elements, body), now)
        return level

    def follow(self, stream: Stream, packet: Packet, octets: int, now: float) -> int | None:
        """The very next packet of a stream of which nobody waits for anything: what `receive` does with it, and no more."""
        self._arrived(stream, packet.ordinal, packet.timestamp, octets, now)
        if not self.paused:
            stream.fanout.stage_next(packet, now)
        return _level(packet) if self.tells_levels else None

    def _unpacked(self, stream: Stream, carrier: Packet, sent_type: int, now: float) -> bytes:
        """The primary block. What was lost and is carried goes on before it, as if it had come, with the carrier's header extensions:
        only reports to the sender tell of the loss.
        """
        blocks = split(carrier.payload, sent_type)
        if blocks is None:
            raise Drop("red_malformed")
        earlier, primary = blocks
        recent = stream.fanout.recent
        if earlier and recent is not None and not self.paused:
            for ordinal, timestamp, payload in missing(earlier, carrier.ordinal, carrier.timestamp, recent.knows):
                stream.recovered += 1
                self._forward(stream, carrier._replace(ordinal=ordinal, timestamp=timestamp, payload=payload), now)
        return primary

    def repair(self, stream: Stream, packet: bytes, payload: bytes, now: float) -> None:
        """An RTX packet (RFC 4588): its first two bytes are the original number. Probes carry nothing."""
        stream.rtx_packets += 1
        body = without_padding(packet[0], payload)
        if body is None:
            raise Drop("rtp_padding")
        original_type = self.payload_types.get(self.repairs.get(packet[1] & 0x7F, -1))
        if original_type is None:
            raise Drop("rtp_payload_type")
        if len(body) <= 2 or stream.highest is None:
            return
        index = nearest_index(stream.highest, body[0] << 8 | body[1])
        stream.gaps.seen(index & 0xFFFF, now)
        stream.highest = max(stream.highest, index)
        elements, _ = self._elements(packet, now)
        timestamp = int.from_bytes(packet[4:8], "big")
        self._forward(stream, Packet(index, 0x90, packet[1] & 0x80 | original_type, timestamp, elements, body[2:]), now)

    def take(self, layer: int, packet: Packet, now: float) -> tuple[Stream, int | None]:
        """A packet that came by another way than a WebRTC transport. → its stream, and its audio level octet if it has one."""
        stream = self.at(layer)
        if stream is None:
            encoding = self.encodings[layer]
            stream = self.stream(encoding.get("ssrc", layer + 1), encoding.get("rid"), layer)
        self._arrived(stream, packet.ordinal, packet.timestamp, len(packet.payload), now)
        self._forward(stream, packet, now)
        return stream, _level(packet)

    def _arrived(self, stream: Stream, index: int, timestamp: int, octets: int, now: float) -> None:
        """Whatever way it came, and whatever becomes of it."""
        self.last_packet = now
        stream.gaps.seen(index & 0xFFFF, now, timestamp)
        if stream.highest is None or index > stream.highest:
            stream.highest = index
        stream.packets += 1
        stream.octets += octets
        stream.heard_at, stream.missed = now, 0
        if timestamp != stream.timestamp:
            stream.timestamp = timestamp
            stream.frames += 1
            if stream is self.streams[0]:
                for larger in self.streams[1:]:
                    larger.missed += 1

    def _forward(self, stream: Stream, packet: Packet, now: float) -> None:
        fanout = stream.fanout
        if self.paused or not fanout.stage(packet, now):
            return
        if self.kind == "audio":
            if fanout.waiting and packet is fanout.newest:
                self._admit(fanout, list(fanout.waiting.values()), packet, now)
            return
        newest = fanout.newest.ordinal if fanout.newest is not None else packet.ordinal
        if self.is_keyframe(packet.payload):
            stream.keyframes += 1
            self._measure(stream, packet.payload)
            self.on_keyframe(stream)
            if fanout.waiting:
                fanout.entrance.opens(packet, newest, now)
        if fanout.waiting and fanout.entrance.is_open(now):
            self._enter(fanout, newest, now)

    def _enter(self, fanout: Fanout, newest: int, now: float) -> None:
        """Of those who wait for the key frame that is arriving, whoever may begin."""
        entrance, kept = fanout.entrance, fanout.history
        assert kept is not None
        assert entrance.first is not None
        whole = entrance.is_whole(kept, newest, now)
        self._admit(
            fanout, [consumer for consumer in fanout.waiting.values() if whole or not self._shows(consumer)], entrance.first, entrance.since
        )
        if not fanout.waiting:
            entrance.closes()

    def _admit(self, fanout: Fanout, entering: list[Consumer], packet: Packet, since: float) -> None:
        if entering:
            fanout.admit(entering, packet, since)
            for consumer in entering:
                self.settle(consumer)

    def _shows(self, consumer: Consumer) -> bool:
        """Whether it has pictures of another layer meanwhile."""
        stream = self.at(consumer.layer) if consumer.source is not None else None
        return stream is not None and stream.meter.bitrate > 0

    def _measure(self, stream: Stream, payload: bytes) -> None:
        height = picture_height(payload) if self.picture_ids else 0
        if height and height != stream.height:
            stream.height = height
            self.version += 1

    def _elements(self, packet: bytes, now: float) -> tuple[Elements, int | None]:
        """Header extensions as consumers get them, and the audio level octet."""
        found = []
        level = None
        ids = self.extension_ids
        for identifier, value in extensions(packet):
            known = ids.get(identifier)
            if known == AUDIO_LEVEL:
                level = value[0] if value else None
            if known in _AS_THEY_CAME and 0 < len(value) <= 16:
                found.append((known, one_byte_element(known, value)))
            elif known == ABS_SEND_TIME:
                found.append((known, one_byte_element(known, abs_send_time(now))))
        return tuple(found), level


def _level(packet: Packet) -> int | None:
    return next((element[1] for identifier, element in packet.elements if identifier == AUDIO_LEVEL), None)


def _nobody(stream: Stream) -> None:
    return
