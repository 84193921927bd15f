"""The sans-I/O core of the packet plane: datagrams and ticks in, datagrams and reports out.

`feed` demultiplexes one datagram by its first byte (RFC 7983) and its source address, `flush` fans out what was staged, `tick` does what
time asks for; all append to `outputs`, which the shell drains. Nothing here awaits, reads a clock or touches a socket.

It decides who may be heard: media from an address that passed an authenticated check of that very transport, or that moved and is authentic
itself (`media.strays`); nothing is sent to an unchecked address. Whatever is refused is counted in `drops` under one stable reason; an
exception that is a bug is counted by its type and never reaches another peer.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from media import stun
from media.audience import Audience
from media.dtls import Certificate, State, server_context
from media.feedback import Feedback
from media.ice import refusal
from media.kinds import PlainTransport
from media.origins import Origins
from media.packet import Outputs, Packet
from media.producer import TRANSPORT_CC, Drop, Producer, Stream
from media.rtp import extensions, is_rtcp
from media.srtp import SrtpError
from media.strays import Strays
from media.stun import Address, StunError
from media.through import Through
from media.transport import Transport

Json = dict[str, Any]
logger = logging.getLogger("media")

#: Nothing authentic heard for so long: the transport counts as disconnected. Chrome checks every 2.5 s, so two checks may be lost.
CONSENT_SECONDS: Final = 5.0
#: A producer that is not paused and sends nothing for so long does not flow. Longer than the 400 ms between DTX packets.
FLOW_SECONDS: Final = 1.5
#: No honest packet exceeds an Ethernet frame; what does was cut by the receive buffer or is an attack.
MAX_DATAGRAM: Final = 1500
FAST_TICK_SECONDS: Final = 0.025
#: While nothing is asked for, nobody is ranked and nobody connects: as rarely as arrivals are told.
CALM_TICK_SECONDS: Final = 0.1
ARRIVALS_SECONDS: Final = 0.1
SLOW_TICK_SECONDS: Final = 1.0
#: A large frame leaves in steps of this; finer than the 20 ms between voices.
PUMP_SECONDS: Final = 0.005


class Forwarder:
    def __init__(self, report: Callable[[Json], None], *, consent_seconds: float = CONSENT_SECONDS) -> None:
        self.report = report
        self.consent_seconds = consent_seconds
        self.certificate = Certificate.generate()
        self.ssl_context = server_context(self.certificate)
        self.outputs = Outputs()
        self.drops: Counter[str] = Counter()
        self.feedback = Feedback(self.outputs)
        self.transports: dict[str, Transport] = {}
        self.plain: dict[str, PlainTransport] = {}
        self.outlets: list[Callable[[], None]] = []  # ends with something to write, asked when the outputs leave
        self.drain: Callable[[], None] = self.outlets.clear  # the shell's: send what was made outside its own reading
        self.audiences: dict[str, Audience] = {}
        self.waiting: set[Transport] = set()  # something of theirs leaves a little later
        self.strays = Strays()
        self.calm = False  # nothing needs a tick soon
        self.packets_in = 0
        self.packets_through = 0  # of these, taken by the library
        self.bytes_in = 0
        self.origins = Origins()
        self.through: Through | None = None  # where the shell has one
        self._dirty: list[Stream] = []
        self._arrivals_at = 0.0
        self._slow_at = 0.0

    # --- packets ---------------------------------------------------------------------------------------------------------------------

    def feed(self, data: bytes, source: Address, now: float) -> int:
        """One datagram. → how many datagrams `flush` will make of what it staged (0 for everything but media)."""
        self.packets_in += 1
        self.bytes_in += len(data)
        try:
            first = data[0] if data else 0
            if 127 < first < 192:
                return self._media(data, source, now)
            if len(data) > MAX_DATAGRAM:
                raise Drop("oversized")
            if first < 4 and len(data) > 3:
                self._stun(data, source, now)
            elif 19 < first < 64:
                self._dtls(data, source, now)
            else:
                raise Drop("unknown_protocol")
        except (Drop, SrtpError, StunError) as drop:
            self.drops[drop.reason] += 1
        except Exception as error:
            self.bug(error)
        return 0

    def bug(self, error: Exception) -> None:
        """Loud in the log once per kind, counted always, and the next packet goes on: one peer's trouble is nobody else's."""
        reason = f"bug_{type(error).__name__}"
        if not self.drops[reason]:
            logger.error("a packet or tick caused an exception", exc_info=error)
        self.drops[reason] += 1

    def _media(self, data: bytes, source: Address, now: float) -> int:
        transport = self.origins.at(source)
        moved = transport is None
        if transport is None and (transport := self.strays.owner(data, self.transports.values())) is None:
            raise Drop("media_unchecked_address")
        if len(data) > MAX_DATAGRAM:
            raise Drop("oversized")
        if len(data) < 8:
            raise Drop("rtp_malformed")
        inbound = transport.require_inbound()
        if is_rtcp(data):
            packet = inbound.open_rtcp(data)
            self._heard(transport, now)
            self.feedback.receive(transport, packet, now)
            if transport.downlink.exceeds:
                self.choose(transport, now)
            return 0
        self.calm = False
        try:
            index, _, payload = inbound.open_rtp(data)
        except SrtpError:
            if moved:
                raise Drop("media_unchecked_address") from None
            raise
        if moved:
            self._moved(transport, source, now)
        self._heard(transport, now)
        if transport.arrivals is not None:
            self._log_arrival(transport, data, now)
        ssrc = int.from_bytes(data[8:12], "big")
        stream = transport.streams.get(ssrc)
        if stream is None:
            if ssrc in transport.rtx_streams:
                return self._repair(transport, ssrc, data, payload, now)
            if not transport.learn(ssrc, data):
                raise Drop("rtp_unknown_ssrc")
            stream = transport.streams.get(ssrc)
            if stream is None:  # what was learnt is a repair stream
                return self._repair(transport, ssrc, data, payload, now)
        stream.came_from = source
        producer = stream.producer
        level = producer.receive(stream, data, index, payload, now)
        self._noticed(producer, level, now)
        return self._staged(stream)

    def taken(self, transport: Transport, stream: Stream, packet: Packet, octets: int, size: int, number: int, now: float) -> None:
        """A packet that was opened elsewhere, the very next of its stream. `octets`: of its payload with all that was inside; `size`: of
        the datagram; `number`: transport-wide, −1 for none. `flush_one` follows.
        """
        self.packets_in += 1
        self.packets_through += 1
        self.bytes_in += size
        if number >= 0 and transport.arrivals is not None:
            transport.arrivals.seen(number, now)
        self._noticed(stream.producer, stream.producer.follow(stream, packet, octets, now), now)

    def hear(self, heard: dict[Transport, float]) -> None:
        """Packets were taken from these, the newest at these times."""
        for transport, at in heard.items():
            self._heard(transport, at)
        heard.clear()

    def inject(self, producer: Producer, layer: int, packet: Packet, now: float) -> int:
        """A packet that came by another way than a WebRTC transport, under the router's payload types and extension ids."""
        if self.through is not None:
            self.through.tell()
        stream, level = producer.take(layer, packet, now)
        self._noticed(producer, level, now)
        return self._staged(stream)

    def _noticed(self, producer: Producer, level: int | None, now: float) -> None:
        if not producer.flowing:
            self._flow(producer, True, now)
        if level is not None and producer.kind == "audio" and not producer.paused:
            self.audiences[producer.router_id].hearing.feed(producer.id, level, now)

    def _staged(self, stream: Stream) -> int:
        fanout = stream.fanout
        if fanout.staged and not fanout.queued:
            fanout.queued = True
            self._dirty.append(stream)
            if fanout.passage is not None:
                fanout.passage.hold()
        return len(fanout.consumers)

    def _repair(self, transport: Transport, ssrc: int, data: bytes, payload: bytes, now: float) -> int:
        stream = transport.rtx_streams[ssrc]
        stream.producer.repair(stream, data, payload, now)
        return self._staged(stream)

    def _log_arrival(self, transport: Transport, data: bytes, now: float) -> None:
        ids = transport.extension_ids
        for identifier, value in extensions(data):
            if ids.get(identifier) == TRANSPORT_CC and len(value) == 2 and transport.arrivals is not None:
                transport.arrivals.seen(value[0] << 8 | value[1], now)

    def flush(self) -> None:
        """Fan out everything staged since the last flush."""
        dirty, self._dirty = self._dirty, []
        for stream in dirty:
            stream.fanout.queued = False
            self.flush_one(stream)
            if self.through is not None and stream.fanout.steady and stream.came_from is not None:
                self.through.consider(stream, self.origins.at(stream.came_from))

    def flush_one(self, stream: Stream, *, sent: bool = False) -> None:
        """`sent`: all of it has left already."""
        if stream.fanout.staged:
            try:
                stream.fanout.flush(sent=sent)
            except SrtpError as error:
                self.drops[error.reason] += 1
            except Exception as error:
                self.bug(error)

    def _stun(self, data: bytes, source: Address, now: float) -> None:
        message = stun.parse(data)
        if message.type == stun.BINDING_INDICATION:
            return
        if message.type != stun.BINDING_REQUEST:
            raise Drop("stun_type")
        fragment = message.local_fragment
        if fragment is None or not message.integrity_at:
            self._answer(refusal(message, 400), source)
            raise Drop("stun_no_credentials")
        transport = self.origins.named(fragment)
        if transport is None:
            self._answer(refusal(message, 401), source)
            raise Drop("stun_unknown_fragment")
        before = transport.ice.address
        answer, reason = transport.ice.answer(message, source)
        self._answer(answer, source)
        if reason:
            raise Drop(reason)
        owner = self.origins.checked(transport, source)
        if owner is not None:  # the same socket with a new transport, as after a reload
            owner.ice.forget(source)
            owner.close_passages()
            self.rebuild(owner, now)
        self._heard(transport, now)
        if transport.ice.address != before:
            self.rebuild(transport, now)

    def _moved(self, transport: Transport, source: Address, now: float) -> None:
        """It is heard from there from now on; where its own packets go only a check decides."""
        self.origins.moved(transport, source)
        self._tell_moved(transport, now)

    def _tell_moved(self, transport: Transport, now: float) -> None:
        if self.strays.is_news(transport, now):
            self.report({"event": "addressMoved", "routerId": transport.router_id, "transportId": transport.id, "at": now})

    def _answer(self, answer: bytes, source: Address) -> None:
        if answer:
            self.outputs.append((answer, 0, source))

    def _dtls(self, data: bytes, source: Address, now: float) -> None:
        transport = self.origins.at(source)
        if transport is None:
            raise Drop("dtls_unchecked_address")
        self.handshake(transport, transport.dtls.feed(data, now), now)

    def handshake(self, transport: Transport, datagrams: list[bytes], now: float) -> None:
        """Send what DTLS has to say, and follow its state."""
        if transport.address is not None:
            self.outputs.extend((datagram, 0, transport.address) for datagram in datagrams)
        state = transport.dtls.state
        if state is State.CONNECTED and transport.outbound is None:
            transport.inbound, transport.outbound = transport.dtls.inbound, transport.dtls.outbound
            self._heard(transport, now)
            self._set_state(transport, "connected", now, "")
            self.rebuild(transport, now)
        elif state in (State.CLOSED, State.FAILED) and transport.state != "closed":
            self._set_state(transport, "closed", now, transport.dtls.reason)
            self.drops[f"dtls_{transport.dtls.reason}"] += state is State.FAILED
            self.silence(transport, now)

    def _heard(self, transport: Transport, now: float) -> None:
        transport.last_heard = now
        if transport.state == "disconnected":
            self._set_state(transport, "connected", now, "heard_again")
            self.rebuild(transport, now)

    # --- tables ----------------------------------------------------------------------------------------------------------------------

    def rebuild(self, transport: Transport, now: float) -> None:
        """A transport's address, keys or consent changed: its consumers' rows with it."""
        for consumer in transport.consumers.values():
            consumer.producer.settle(consumer)
            if consumer.source is not None:
                consumer.source.stale = True
            if consumer.reachable and not consumer.paused:  # whatever was on the way to the old place is lost
                self.feedback.want_keyframe(consumer, now)

    def choose(self, transport: Transport, now: float) -> None:
        self.audiences[transport.router_id].choose(transport, now)

    def add(self, transport: Transport) -> None:
        self.transports[transport.id] = transport
        self.audiences[transport.router_id].transports[transport.id] = transport
        self.origins.name(transport)

    def silence(self, transport: Transport, now: float) -> None:
        """Take a closed transport's keys, addresses and fragments out of every table."""
        transport.inbound = transport.outbound = None
        self.origins.forget(transport)
        self.rebuild(transport, now)

    def remove(self, transport: Transport, now: float) -> None:
        datagrams = transport.dtls.close()
        if transport.address is not None:
            self.outputs.extend((datagram, 0, transport.address) for datagram in datagrams)
        self.silence(transport, now)
        self.transports.pop(transport.id, None)
        self.strays.forget(transport)
        self.waiting.discard(transport)
        self.audiences[transport.router_id].transports.pop(transport.id, None)
        if transport.state != "closed":
            self._set_state(transport, "closed", now, "closed_by_plane")

    # --- time ------------------------------------------------------------------------------------------------------------------------

    def pump(self, now: float) -> None:
        """Every PUMP_SECONDS while somebody is `waiting`: the rest of large frames leaves, and probes."""
        for transport in list(self.waiting):
            address = transport.address
            if address is not None:
                self.outputs.extend([(datagram, 0, address) for datagram in transport.path.pump(now)])
            if not transport.path.busy:
                self.waiting.discard(transport)

    def tick(self, now: float) -> None:
        """Call every FAST_TICK_SECONDS, while it is `calm` every CALM_TICK_SECONDS."""
        transports = list(self.transports.values())
        if not self.calm:
            self._tick_quickly(transports, now)
        for audience in self.audiences.values():
            self._guarded(audience.tick, now)
        for plain in self.plain.values():
            self._guarded(plain.tick, now)
        if now - self._arrivals_at >= ARRIVALS_SECONDS:
            self._arrivals_at = now
            self._guarded(self.feedback.tick_arrivals, transports)
            self._guarded(self._watch, transports, now)
            self._guarded(self._choose, now)
        elif any(producer.has_stopped(now) for producer in self.feedback.producers if producer.kind == "video"):
            self._guarded(self._choose, now)
        if now - self._slow_at >= SLOW_TICK_SECONDS:
            self._slow_at = now
            self._guarded(self.feedback.tick_reports, transports, now)
            self._guarded(self._expire, now)
            for audience in self.audiences.values():
                self._guarded(audience.tick_quality, now)
        self.calm = self._is_calm(transports)

    def _tick_quickly(self, transports: list[Transport], now: float) -> None:
        """What was asked for, and what may be wrong: of this there was nothing at the last tick when it is calm."""
        self.strays.renew()
        self._guarded(self.pump, now)
        self._guarded(self.feedback.tick, transports, now)
        for transport in transports:
            if transport.dtls.state is State.CONNECTING:
                self._guarded(self._tick_handshake, transport, now)

    def _is_calm(self, transports: list[Transport]) -> bool:
        return not (
            self.waiting
            or self.feedback.waits
            or any(transport.dtls.state is State.CONNECTING for transport in transports)
            or any(audience.ranks_voices for audience in self.audiences.values())
            or any(producer.may_have_stopped for producer in self.feedback.producers)
        )

    def _guarded(self, step: Callable[..., None], *arguments: Any) -> None:
        try:
            step(*arguments)
        except Exception as error:
            self.bug(error)

    def _tick_handshake(self, transport: Transport, now: float) -> None:
        self.handshake(transport, transport.dtls.tick(now), now)

    def _expire(self, now: float) -> None:
        """A stream that stopped holds no memory."""
        for producer in self.feedback.producers:
            for stream in producer.streams:
                if stream.fanout.history is not None:
                    stream.fanout.history.expire(now)

    def _choose(self, now: float) -> None:
        cameras: dict[str, list[Producer]] = {router_id: [] for router_id in self.audiences}
        for producer in self.feedback.producers:
            if producer.kind == "video":
                producer.sample(now)
                cameras[producer.router_id].append(producer)
        for router_id, audience in self.audiences.items():
            self._guarded(audience.tick_layers, sum([producer.version for producer in cameras[router_id]]), now)
            self._guarded(audience.tick_wishes, cameras[router_id], now)

    def _watch(self, transports: list[Transport], now: float) -> None:
        for transport in transports:
            if transport.state == "connected" and now - transport.last_heard > self.consent_seconds:
                self._set_state(transport, "disconnected", transport.last_heard, "consent")
                self.rebuild(transport, now)
            elif transport.state == "connected" and transport.path.falls_silent(now):
                self._tell_moved(transport, now)
        for producer in self.feedback.producers:
            if producer.flowing and not producer.paused and now - producer.last_packet > FLOW_SECONDS:
                self._flow(producer, False, producer.last_packet)

    def _flow(self, producer: Producer, flowing: bool, at: float) -> None:
        producer.flowing = flowing
        self.report({"event": "mediaFlow", "routerId": producer.router_id, "producerId": producer.id, "flowing": flowing, "at": at})

    def _set_state(self, transport: Transport, state: Any, at: float, reason: str) -> None:
        transport.state = state
        self.report(
            {
                "event": "transportState",
                "routerId": transport.router_id,
                "transportId": transport.id,
                "state": state,
                "at": at,
                "reason": reason,
            }
        )
