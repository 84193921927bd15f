"""RTCP in both directions: what is done with a compound packet, and which reports and requests leave when.

Towards producers: receiver reports with a reference time, NACK, PLI, transport-wide feedback or REMB. Towards consumers: sender reports
on the producer's clock.
It decides rates and what is ignored. It must never know sockets or DTLS; protected packets are appended to the outputs.
RFC 3550 §6, RFC 3611, RFC 4585, RFC 5104, RFC 5506 (reduced size).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from media import rtcp
from media.consumer import Consumer
from media.gaps import DEFAULT_RTT, LONG_RTT
from media.keyframes import KeyframeThrottle
from media.kinds import PlainTransport
from media.packet import Output
from media.producer import Drop, Producer, Stream
from media.transport import Transport

#: What a client may send at most: one good camera and a screen. A per-producer estimate takes its place with the bandwidth work.
MAX_BITRATE: Final = 4_000_000
#: RTCP packets one transport may have handled in a second; a browser with forty consumers sends about 100.
RTCP_PER_SECOND: Final = 400
#: Of 256. An encoder that is told of a tenth spends all it may on protection; more would only be taken from the voice of all others.
MOST_LOSS_AHEAD: Final = 26
#: Seconds; a longer round trip is no conversation.
LONGEST_TRIP: Final = 30.0


def _middle(now: float) -> int:
    """Of our clock as an NTP time: nobody compares it with anything but itself."""
    return int(now * 65536) & 0xFFFFFFFF


class Feedback:
    """One for a worker."""

    def __init__(self, outputs: list[Output]) -> None:
        self._outputs = outputs
        self.keyframes: KeyframeThrottle[Stream] = KeyframeThrottle()
        self.sources: dict[Producer, Transport | PlainTransport] = {}  # producer → its transport
        self._handled: dict[str, int] = {}  # transport id → packets in this second

    @property
    def producers(self) -> Iterable[Producer]:
        return self.sources

    def forget(self, transport_id: str) -> None:
        self._handled.pop(transport_id, None)

    def receive(self, transport: Transport, packet: bytes, now: float) -> None:
        """One authentic compound packet of a client."""
        handled = self._handled[transport.id] = self._handled.get(transport.id, 0) + 1
        if handled > RTCP_PER_SECOND:
            raise Drop("rtcp_flood")
        try:
            parts = rtcp.parse_compound(packet)
        except rtcp.RtcpError:
            raise Drop("rtcp_malformed") from None
        for part in parts:
            self._one(transport, part, now)

    def _one(self, transport: Transport, part: rtcp.Packet, now: float) -> None:
        if isinstance(part, rtcp.SenderReport):
            stream = transport.streams.get(part.ssrc)
            if stream is not None:
                stream.reported(part, now)
            self._blocks(transport, part.blocks, now)
        elif isinstance(part, rtcp.ReceiverReport):
            self._blocks(transport, part.blocks, now)
        elif isinstance(part, rtcp.TransportFeedback):
            transport.path.acknowledged(part, now)
        elif isinstance(part, rtcp.Remb):
            transport.path.estimate.remb(part.bitrate, now)
        elif isinstance(part, rtcp.Delays):
            self._delays(transport, part, now)
        elif isinstance(part, rtcp.Nack):
            consumer = transport.consumers.get(part.media_ssrc)
            if consumer is not None and transport.address is not None:
                fanouts = [stream.fanout for stream in consumer.producer.streams]
                repeats = consumer.repeats(fanouts, part.seqs, transport.path.round_trip, now)
                self._outputs.extend([(datagram, 0, transport.address) for datagram in repeats])
        elif isinstance(part, rtcp.Pli):
            self._wanted(transport, part.media_ssrc, now)
        elif isinstance(part, rtcp.Fir):
            for ssrc, _ in part.entries:
                self._wanted(transport, ssrc, now)

    def _blocks(self, transport: Transport, blocks: tuple[rtcp.ReportBlock, ...], now: float) -> None:
        for block in blocks:
            consumer = transport.consumers.get(block.ssrc)
            if consumer is not None:
                transport.path.reported(block, consumer.round_trip(block, now), now)

    def _delays(self, transport: Transport, delays: rtcp.Delays, now: float) -> None:
        """Our own reference time come back (RFC 3611 §4.5). What cannot be is another's, or made up."""
        for ssrc, sent, held in delays.entries:
            trip = (_middle(now) - sent - held & 0xFFFFFFFF) / 65536
            if ssrc == transport.rtcp_ssrc and sent and trip < LONGEST_TRIP:
                known = transport.round_trip
                transport.round_trip = trip if known is None else known + (trip - known) / 4

    def _wanted(self, transport: Transport, ssrc: int, now: float) -> None:
        consumer = transport.consumers.get(ssrc)
        if consumer is not None:
            consumer.plis += 1
            self.want_keyframe(consumer, now)

    def want_keyframe(self, consumer: Consumer, now: float) -> None:
        """Of the layer the consumer is on, or waits for."""
        producer = consumer.producer
        stream = producer.at(consumer.layer) or producer.at(consumer.wanted) or next(iter(producer.streams), None)
        if stream is not None:
            self.request_keyframe(stream, now)

    def request_keyframe(self, stream: Stream, now: float) -> None:
        if stream.producer.kind != "video" or stream.producer.paused:
            return
        source = self.sources.get(stream.producer)
        far = isinstance(source, Transport) and source.round_trip is not None and source.round_trip >= LONG_RTT
        if self.keyframes.request(stream, now, twice=far):
            self._send_pli(stream)

    def _send_pli(self, stream: Stream) -> None:
        stream.keyframes_asked += 1
        source = self.sources.get(stream.producer)
        if isinstance(source, Transport):
            self.send(source, rtcp.build_pli(source.rtcp_ssrc, stream.ssrc))
        elif source is not None:
            source.want_keyframe(stream.producer, stream.layer)

    def send(self, transport: Transport, packet: bytes) -> None:
        if transport.outbound is not None and transport.address is not None:
            self._outputs.append((transport.outbound.protect_rtcp(packet), 0, transport.address))

    @property
    def waits(self) -> bool:
        """Whether something was asked of a sender that has not come yet."""
        return self.keyframes.waits or any(stream.gaps.waits for producer in self.producers for stream in producer.streams)

    def tick(self, transports: list[Transport], now: float) -> None:
        """About forty times a second: what must be quick. Missing packets, late key frames, arrivals."""
        for stream in self.keyframes.due(now):
            self._send_pli(stream)
        for transport in transports:
            rtt = DEFAULT_RTT if transport.round_trip is None else transport.round_trip
            for producer in transport.producers.values():
                if producer.wants_nack:
                    for stream in producer.streams:
                        if missing := stream.gaps.due(now, rtt):
                            stream.nacks += len(missing)
                            self.send(transport, rtcp.build_nack(transport.rtcp_ssrc, stream.ssrc, missing))

    def tick_arrivals(self, transports: list[Transport]) -> None:
        """Ten times a second, as libwebrtc's own receiver does at ordinary rates."""
        for transport in transports:
            if transport.arrivals is None or not transport.streams:
                continue
            feedback = transport.arrivals.feedback(transport.rtcp_ssrc, next(iter(transport.streams)))
            if feedback is not None:
                try:
                    self.send(transport, rtcp.build_transport_feedback(feedback))
                except ValueError:  # a pause of more than 8 s between two packets: nothing to learn from it
                    continue

    def tick_reports(self, transports: list[Transport], now: float) -> None:
        """Once a second."""
        self._handled.clear()
        for transport in transports:
            if transport.outbound is None:
                continue
            streams = [stream for producer in transport.producers.values() for stream in producer.streams if stream.packets]
            if streams:
                self._report_to_sender(transport, streams, now)
            for consumer in transport.consumers.values():
                if consumer.source is not None:
                    self._report_to_receiver(transport, consumer, now)

    def _report_to_sender(self, transport: Transport, streams: list[Stream], now: float) -> None:
        report = rtcp.build_receiver_report(transport.rtcp_ssrc, [_block(stream, now) for stream in streams[:31]])
        if any(stream.producer.wants_remb for stream in streams):
            report += rtcp.build_remb(
                transport.rtcp_ssrc, MAX_BITRATE, [stream.ssrc for stream in streams if stream.producer.kind == "video"]
            )
        self.send(transport, report + rtcp.build_reference_time(transport.rtcp_ssrc, int(now * 4294967296)))

    def _report_to_receiver(self, transport: Transport, consumer: Consumer, now: float) -> None:
        stream, sums = consumer.producer.at(consumer.layer), consumer.sums
        clock = stream.clock(now) if stream is not None else None
        if clock is None or sums is None:  # without the sender's clock a report could only mislead lip-sync
            return
        consumer.reported = (clock[0] >> 16 & 0xFFFFFFFF, now)
        self.send(transport, rtcp.build_sender_report(consumer.ssrc, clock[0], clock[1] + sums.timestamp_shift, *consumer.sent))


def _block(stream: Stream, now: float) -> rtcp.ReportBlock:
    """What was lost on the way here. The fraction of a voice tells of the way to its worst hearer, too, because encoders protect it (Opus
    FEC) by that figure alone; estimates of the uplink go by the sum, which stays what it is.
    """
    block = stream.report_block(now)
    if stream.producer.kind == "audio":
        ahead = min(round(stream.producer.loss_ahead * 256), MOST_LOSS_AHEAD)
        return block._replace(fraction_lost=max(block.fraction_lost, ahead))
    return block
