"""What is received from one client stream by stream: numbering, repairs, levels, and the state that reports are made of.

A Producer is one track of one client; a Stream is one of its SSRCs (a simulcast layer will be one more). It decides what a packet means
for its stream. It must never know sockets, keys or who consumes: packets go on to its `fanout`. RFC 3550, RFC 4588, RFC 6464, RFC 8285,
RFC 8852.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from media import capabilities
from media.fanout import Fanout, Packet
from media.gaps import GapTracker
from media.keyframes import is_vp8_keyframe
from media.rtcp import ReportBlock, SenderReport
from media.rtp import abs_send_time, extensions, one_byte_element, without_padding
from media.srtp import nearest_index

Json = dict[str, Any]

#: Router extension ids by URI: what a client calls 9 is called by these from here on.
ROUTER_IDS: Final[dict[str, int]] = {entry["uri"]: entry["preferredId"] for entry in capabilities.ROUTER_HEADER_EXTENSIONS}
MID: Final = ROUTER_IDS[capabilities.MID]
RID: Final = ROUTER_IDS[capabilities.RID]
REPAIRED_RID: Final = ROUTER_IDS[capabilities.REPAIRED_RID]
ABS_SEND_TIME: Final = ROUTER_IDS[capabilities.ABS_SEND_TIME]
TRANSPORT_CC: Final = ROUTER_IDS[capabilities.TRANSPORT_CC]
AUDIO_LEVEL: Final = ROUTER_IDS[capabilities.AUDIO_LEVEL]
#: Passed to consumers as they came. abs-send-time is passed too, with our own time in it.
_PASSED: Final = frozenset({AUDIO_LEVEL, ROUTER_IDS[capabilities.VIDEO_ORIENTATION], ROUTER_IDS[capabilities.PLAYOUT_DELAY]})


class Drop(Exception):
    """A packet that goes no further; `reason` is the name under which it is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stream:
    """One received SSRC. RTX packets of its twin are put back into its numbering."""

    __slots__ = (
        "clock_rate",
        "gaps",
        "highest",
        "last_report",
        "layer",
        "octets",
        "packets",
        "producer",
        "report_at",
        "rid",
        "rtx_packets",
        "ssrc",
    )

    def __init__(self, producer: Producer, ssrc: int, rid: str | None, layer: int, clock_rate: int) -> None:
        self.producer = producer
        self.ssrc = ssrc
        self.rid = rid
        self.layer = layer  # its place among the producer's encodings: 0 the smallest
        self.clock_rate = clock_rate
        self.gaps = GapTracker(clock_rate)
        self.highest: int | None = None  # SRTP index of the newest packet
        self.packets = 0
        self.octets = 0
        self.rtx_packets = 0
        self.last_report: SenderReport | None = None
        self.report_at = 0.0

    def report_block(self, now: float) -> ReportBlock:
        reception = self.gaps.reception()
        middle = self.last_report.ntp >> 16 & 0xFFFFFFFF if self.last_report else 0
        delay = int((now - self.report_at) * 65536) if self.last_report else 0
        return ReportBlock(
            self.ssrc,
            reception.fraction_lost,
            reception.cumulative_lost,
            reception.highest_seq,
            reception.jitter,
            middle,
            max(0, delay),
        )

    def clock(self, now: float) -> tuple[int, int] | None:
        """(NTP, RTP timestamp) of `now` on the sender's own clock, carried on from its last report: what lip-sync needs."""
        if self.last_report is None:
            return None
        elapsed = now - self.report_at
        return (
            self.last_report.ntp + int(elapsed * 4294967296) & 0xFFFFFFFFFFFFFFFF,
            self.last_report.rtp_timestamp + int(elapsed * self.clock_rate) & 0xFFFFFFFF,
        )


class Producer:
    """Tables for one track, made from its RTP parameters once."""

    def __init__(self, id: str, router_id: str, kind: str, parameters: Json, mapping: Json) -> None:
        self.id = id
        self.router_id = router_id
        self.kind = kind
        self.mid: str | None = parameters.get("mid")
        self.paused = False
        self.closed = False
        self.fanout = Fanout(keep_history=kind == "video")
        self.streams: list[Stream] = []
        self.encodings: list[Json] = parameters["encodings"]
        self.flowing = False
        self.last_packet = 0.0
        self.extension_ids = {
            entry["id"]: ROUTER_IDS[entry["uri"]] for entry in parameters["headerExtensions"] if entry["uri"] in ROUTER_IDS
        }
        mapped = {entry["payloadType"]: entry["mappedPayloadType"] for entry in mapping["codecs"]}
        rtx = [codec for codec in parameters["codecs"] if codec["mimeType"].lower().endswith("/rtx")]
        self.payload_types = {codec["payloadType"]: mapped[codec["payloadType"]] for codec in parameters["codecs"] if codec not in rtx}
        self.repairs: dict[int, int] = {codec["payloadType"]: codec["parameters"]["apt"] for codec in rtx}
        self.clock_rate: int = parameters["codecs"][0]["clockRate"]
        feedback = {(entry["type"], entry["parameter"]) for codec in parameters["codecs"] for entry in codec["rtcpFeedback"]}
        self.wants_nack = ("nack", "") in feedback
        self.wants_remb = ("goog-remb", "") in feedback

    @property
    def selected(self) -> Stream | None:
        """The stream that is forwarded: the first encoding that came. Choice of layers takes its place here."""
        return self.streams[0] if self.streams else None

    def stream(self, ssrc: int, rid: str | None, layer: int) -> Stream:
        before = self.selected
        made = Stream(self, ssrc, rid, layer, self.clock_rate)
        self.streams.append(made)
        self.streams.sort(key=lambda stream: stream.layer)
        if before is not None and self.selected is not before:
            self.fanout.restart()  # a better layer came later: its numbers are others
        return made

    def pour(self, consumer_id: str, take: Callable[[Stream, Sequence[Packet]], None] | None) -> None:
        """Give all packets to a consumer that is no WebRTC peer, too; None: no longer."""
        self.fanout.sinks.pop(consumer_id, None)
        if take is not None:
            self.fanout.sinks[consumer_id] = lambda packets: take(self.streams[0], packets)

    def take(self, layer: int, packet: Packet, now: float) -> int | None:
        """A packet that came by another way than a WebRTC transport. → its audio level octet, if it has one."""
        stream = next((stream for stream in self.streams if stream.layer == layer), None)
        if stream is None:
            rid = self.encodings[layer].get("rid") if layer < len(self.encodings) else None
            stream = self.stream(self.encodings[layer].get("ssrc", layer + 1), rid, layer)
        stream.packets += 1
        stream.octets += len(packet.payload)
        stream.gaps.seen(packet.ordinal & 0xFFFF, now, packet.timestamp)
        stream.highest = max(stream.highest or 0, packet.ordinal)
        self.last_packet = now
        if not self.paused and stream is self.streams[0]:
            self.fanout.stage(packet)
        return next((element[1] for identifier, element in packet.elements if identifier == AUDIO_LEVEL), None)

    def receive(self, stream: Stream, packet: bytes, index: int, payload: bytes, now: float) -> int | None:
        """One authentic packet of a known stream: count, stage for the consumers. → its audio level octet (RFC 6464), if it has one."""
        payload_type = self.payload_types.get(packet[1] & 0x7F)
        if payload_type is None:
            raise Drop("rtp_payload_type")
        timestamp = int.from_bytes(packet[4:8], "big")
        stream.packets += 1
        stream.octets += len(payload)
        stream.gaps.seen(index & 0xFFFF, now, timestamp)
        if stream.highest is None or index > stream.highest:
            stream.highest = index
        self.last_packet = now
        elements, level = self._elements(packet, now)
        if not self.paused and stream is self.streams[0]:
            body = without_padding(packet[0], payload)
            if body is None:
                raise Drop("rtp_padding")
            padding = 0
            if not body:  # a probe: nobody needs it, but its number must not look like a loss, so it is passed on as it is
                body, padding = payload, packet[0] & 0x20
            self.fanout.stage(Packet(index, 0x90 | padding, packet[1] & 0x80 | payload_type, timestamp, elements, body))
        return level

    def repair(self, stream: Stream, packet: bytes, payload: bytes, now: float) -> Packet | None:
        """An RTX packet (RFC 4588): its first two bytes are the original number. Probes carry nothing."""
        stream.rtx_packets += 1
        body = without_padding(packet[0], payload)
        if body is None:
            raise Drop("rtp_padding")
        original_type = self.payload_types.get(self.repairs.get(packet[1] & 0x7F, -1))
        if original_type is None:
            raise Drop("rtp_payload_type")
        if len(body) <= 2 or stream.highest is None:
            return None
        index = nearest_index(stream.highest, body[0] << 8 | body[1])
        stream.gaps.seen(index & 0xFFFF, now)
        stream.highest = max(stream.highest, index)
        # A browser fills its probes with copies of its newest packets, so a repair can also be the first to arrive.
        if self.paused or stream is not self.streams[0] or self.fanout.newest is None:
            return None
        elements, _ = self._elements(packet, now)
        repaired = Packet(index, 0x90, packet[1] & 0x80 | original_type, int.from_bytes(packet[4:8], "big"), elements, body[2:])
        return repaired if self.fanout.stage(repaired) else None

    def _elements(self, packet: bytes, now: float) -> tuple[tuple[tuple[int, bytes], ...], int | None]:
        """Header extensions as consumers get them, and the audio level octet."""
        found = []
        level = None
        ids = self.extension_ids
        for identifier, value in extensions(packet):
            known = ids.get(identifier)
            if known == AUDIO_LEVEL:
                level = value[0] if value else None
            if known in _PASSED and 0 < len(value) <= 16:
                found.append((known, one_byte_element(known, value)))
            elif known == ABS_SEND_TIME:
                found.append((known, one_byte_element(known, abs_send_time(now))))
        return tuple(found), level

    def is_keyframe(self, payload: bytes) -> bool:
        return self.kind == "video" and is_vp8_keyframe(payload)
