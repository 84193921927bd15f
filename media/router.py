"""The control side: routers, transports, producers, consumers by their ids, and the calls of the door as plain functions.

It decides what may be made of what, and keeps every table of the forwarder in step. mediasoup's vocabulary and shapes. It must never know
the channel it is called through, nor people or rooms. Every refusal is a PlaneError.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from media import capabilities, parameters
from media.audience import Audience
from media.capabilities import CapabilityError
from media.changes import NO_WISH, checked
from media.consumer import Consumer
from media.counters import counters_of, worker_counters
from media.entries import ConsumerEntry, ProducerEntry, Router, SinkEntry
from media.feedback import Feedback
from media.forwarder import Forwarder
from media.ice import host_candidates
from media.kinds import KINDS, PlainTransport
from media.plane import PlaneError
from media.producer import ABS_SEND_TIME, MID, PLAYOUT_DELAY, TRANSPORT_CC, Producer
from media.tables import Tables, new_ssrc, no_collision
from media.totals import Totals
from media.transport import MAX_CONSUMERS_EVER, MAX_PRODUCERS, Transport

Json = dict[str, Any]

#: Bounds of one worker; far above what it can carry, so that only a runaway caller meets them.
MAX_ROUTERS: Final = 2_000
MAX_TRANSPORTS: Final = 10_000
_RTX_SUFFIX: Final = "/rtx"


class Routers:
    """The methods of MediaPlane without `async`."""

    def __init__(self, forwarder: Forwarder, announced: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self.forwarder = forwarder
        self.port = 0
        self.shell_counters: Callable[[], Json] = dict  # what only the socket knows: packets out, drops on send
        self._announced = announced
        self._clock = clock
        self._tables = Tables(forwarder)
        self._totals = Totals()

    @property
    def _feedback(self) -> Feedback:
        return self.forwarder.feedback

    def open_router(self, router_id: str) -> Json:
        self._tables.new_id(router_id)
        if len(self._tables.routers) >= MAX_ROUTERS:
            raise PlaneError("limit", "routers")
        router = Router(router_id, capabilities.router_rtp_capabilities())
        self._tables.routers[router_id] = router
        self.forwarder.audiences[router_id] = Audience(router_id, self.forwarder.report, self._feedback.request_keyframe)
        return {"rtpCapabilities": router.rtp_capabilities}

    # --- transports ------------------------------------------------------------------------------------------------------------------

    def create_transport(self, router_id: str, transport_id: str, direction: str, options: Json | None = None) -> Json:
        router = self._tables.router(router_id)
        self._tables.new_id(transport_id)
        if direction not in ("send", "recv") or not isinstance(options, dict | None):
            raise PlaneError("invalid_parameters", "direction or options")
        if self._tables.sizes["transports"] >= MAX_TRANSPORTS:
            raise PlaneError("limit", "transports")
        kind = (options or {}).get("type", "webrtc")
        if kind in KINDS:
            plain = KINDS[kind](self.forwarder, router_id, transport_id, direction, options or {})
            router.plain[transport_id] = self.forwarder.plain[transport_id] = plain
            return {"id": transport_id} | plain.describe()
        if kind != "webrtc":
            raise PlaneError("unsupported", "type of the transport")
        transport = Transport(transport_id, router_id, direction, self.forwarder.ssl_context, self._clock(), self.forwarder.waiting.add)
        router.transports[transport_id] = transport
        self.forwarder.add(transport)
        return {
            "id": transport_id,
            "iceParameters": transport.ice.credentials.parameters,
            "iceCandidates": host_candidates(self._announced, self.port),
            "dtlsParameters": {"role": "server", "fingerprints": self.forwarder.certificate.fingerprints},
        }

    def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        transport = self._tables.any_transport(transport_id)
        if not isinstance(transport, Transport):
            return transport.connect(dtls_parameters)
        if transport.dtls.state.value != "new":
            raise PlaneError("wrong_state", "connected already")
        wanted = _checked(parameters.dtls_parameters, dtls_parameters)
        if wanted["role"] == "server":
            raise PlaneError("unsupported", "the worker is the DTLS server")
        now = self._clock()
        self.forwarder.handshake(transport, transport.dtls.expect(wanted["fingerprints"], now), now)
        return {}

    def restart_ice(self, transport_id: str) -> Json:
        transport = self._tables.transport(transport_id)
        if transport.state == "closed":
            raise PlaneError("wrong_state", "closed")
        credentials = transport.ice.restart()
        self.forwarder.origins.name(transport)
        return {"iceParameters": credentials.parameters}

    # --- producers and consumers -----------------------------------------------------------------------------------------------------

    def produce(self, transport_id: str, producer_id: str, kind: str, rtp_parameters: Json, paused: bool = False) -> Json:
        transport = self._tables.any_transport(transport_id)
        self._tables.new_id(producer_id)
        if transport.direction != "send" or (isinstance(transport, Transport) and transport.state == "closed"):
            raise PlaneError("wrong_state", "direction or state of the transport")
        router = self._tables.routers[transport.router_id]
        params = _checked(parameters.rtp_parameters, rtp_parameters)
        mapping = _checked(capabilities.producer_mapping, params, router.rtp_capabilities)
        if isinstance(transport, Transport):
            transport.cname = params["rtcp"].get("cname") or transport.cname or secrets.token_hex(8)
            params["rtcp"]["cname"] = transport.cname  # one per client: what shares it is played in sync
        consumable = _checked(capabilities.consumable_rtp_parameters, kind, params, router.rtp_capabilities, mapping)
        producer = Producer(producer_id, router.id, kind, params, mapping, self.forwarder.outputs)
        producer.on_keyframe = self._feedback.keyframes.satisfied
        self._adopt(transport, producer, params)
        entry = ProducerEntry(producer, transport, consumable, capabilities.producer_type(params))
        self._tables.producers[producer_id] = entry
        if kind == "audio":
            self.forwarder.audiences[router.id].hearing.add(producer_id, producer.cname)
        self._pause_producer(entry, bool(paused))
        return {"id": producer_id, "type": entry.type}

    def _adopt(self, transport: Transport | PlainTransport, producer: Producer, params: Json) -> None:
        if isinstance(transport, Transport):
            if len(transport.producers) >= MAX_PRODUCERS:
                raise PlaneError("limit", "producers")
            no_collision(transport, params)
            transport.adopt(producer, params)
        else:
            transport.adopt(producer)
        self._feedback.sources[producer] = transport

    def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        transport = self._tables.any_transport(transport_id)
        self._tables.new_id(consumer_id)
        source = self._tables.producers.get(producer_id)
        if source is None or source.producer.router_id != transport.router_id:
            raise PlaneError("unknown_id", "producer")
        if transport.direction != "recv" or (isinstance(transport, Transport) and transport.state == "closed"):
            raise PlaneError("wrong_state", "direction or state of the transport")
        if isinstance(transport, Transport):
            params = self._consume(transport, consumer_id, source, rtp_capabilities, bool(paused))
        else:
            params = self._pour(transport, consumer_id, source, rtp_capabilities, bool(paused))
        return {
            "id": consumer_id,
            "producerId": producer_id,
            "kind": source.producer.kind,
            "rtpParameters": params,
            "type": source.type,
            "producerPaused": source.producer.paused,
        }

    def _consume(self, transport: Transport, consumer_id: str, source: ProducerEntry, rtp_capabilities: Json, paused: bool) -> Json:
        if transport.mids + 1 >= MAX_CONSUMERS_EVER:
            raise PlaneError("limit", "consumers of one transport")
        mid, ssrc, rtx_ssrc = transport.next_mid(), new_ssrc(transport), new_ssrc(transport)
        params = _checked(
            capabilities.consumer_rtp_parameters,
            source.consumable,
            rtp_capabilities,
            ssrc=ssrc,
            rtx_ssrc=rtx_ssrc,
            cname=source.consumable["rtcp"]["cname"],
            mid=mid,
        )
        consumer = _consumer(consumer_id, transport, source.producer, params, mid)
        if consumer.kind == "video" and consumer.numbered:
            transport.path.measure()
        transport.consumers[ssrc] = consumer
        transport.downlink.wishes[consumer_id] = dict(NO_WISH)
        source.producer.consumers[consumer_id] = consumer
        self._tables.consumers[consumer_id] = ConsumerEntry(consumer, source, transport)
        if not paused:
            self._pause_consumer(consumer, False)
        self.forwarder.choose(transport, self._clock())
        return params

    def _pour(self, transport: PlainTransport, consumer_id: str, source: ProducerEntry, options: Json, paused: bool) -> Json:
        sink = transport.sink(consumer_id, source.producer, source.consumable, options)
        self._tables.sinks[consumer_id] = SinkEntry(consumer_id, sink, source, transport, paused)
        self._pour_on(self._tables.sinks[consumer_id], paused)
        return source.consumable

    def _pour_on(self, entry: SinkEntry, paused: bool) -> None:
        entry.paused = paused
        entry.source.producer.pour(entry.id, None if paused else entry.sink.take, asks=entry.wish["visible"])
        if not paused:
            self._want_keyframes(entry)

    def _want_keyframes(self, entry: SinkEntry) -> None:
        for stream in entry.source.producer.streams:
            self._feedback.request_keyframe(stream, self._clock())

    def update(self, id: str, changes: Json) -> Json:
        entry = self._tables.find(id)
        if isinstance(entry, ProducerEntry):
            wanted = checked("producer", changes)
            self._pause_producer(entry, wanted.get("paused", entry.producer.paused))
        elif isinstance(entry, ConsumerEntry):
            self._update_consumer(entry, checked("consumer", changes))
        elif isinstance(entry, SinkEntry):
            self._update_sink(entry, checked("consumer", changes))
        elif isinstance(entry, Transport):
            wanted = checked("transport", changes)
            if wanted and entry.direction != "recv":
                raise PlaneError("wrong_state", "direction of the transport")
            entry.downlink.last_n = wanted.get("lastN", entry.downlink.last_n)
            self.forwarder.choose(entry, self._clock())
        else:
            raise PlaneError("unknown_id", "producer, consumer or transport")
        return {}

    def _update_consumer(self, entry: ConsumerEntry, changes: Json) -> None:
        downlink, consumer = entry.transport.downlink, entry.consumer
        downlink.wishes[consumer.id] |= changes.get("wish", {})
        if changes.get("paused", consumer.paused) != consumer.paused:
            self._pause_consumer(consumer, changes["paused"])
        self.forwarder.choose(entry.transport, self._clock())
        if "keyframe" in changes:
            self._feedback.want_keyframe(consumer, self._clock())

    def _pause_consumer(self, consumer: Consumer, paused: bool) -> None:
        consumer.paused = paused
        consumer.producer.settle(consumer)

    def _update_sink(self, entry: SinkEntry, changes: Json) -> None:
        entry.wish |= changes.get("wish", {})
        if changes.get("paused", entry.paused) != entry.paused:
            self._pour_on(entry, changes["paused"])
        elif "keyframe" in changes:
            self._want_keyframes(entry)

    def close(self, id: str) -> Json:
        tables = self._tables
        if id in tables.routers:
            self._close_router(tables.routers[id])
        elif id in self.forwarder.transports:
            self._close_transport(self.forwarder.transports[id])
        elif id in tables.plain:
            self._close_plain(tables.plain[id])
        elif id in tables.producers:
            self._close_producer(tables.producers[id], "")
        elif id in tables.consumers:
            self._close_consumer(tables.consumers[id])
        elif id in tables.sinks:
            self._close_sink(tables.sinks[id])
        return {}

    def close_all(self) -> None:
        for router in list(self._tables.routers.values()):
            self._close_router(router)

    def stats(self, id: str | None = None) -> Json:
        if id is not None:
            return counters_of(self._tables.find(id))
        tables = self._tables
        totals = self._totals.now(tables.producers.values(), tables.consumers.values(), self.forwarder.transports.values())
        return worker_counters(self.forwarder, tables.sizes, self.shell_counters()) | totals

    # --- changes ---------------------------------------------------------------------------------------------------------------------

    def _pause_producer(self, entry: ProducerEntry, paused: bool) -> None:
        producer = entry.producer
        if producer.paused == paused:
            return
        producer.pause(paused)
        if producer.kind == "audio":
            self.forwarder.audiences[producer.router_id].hearing.pause(producer.id, paused, self._clock())
        if not paused:
            for consumer in producer.consumers.values():
                if not consumer.paused:
                    self._feedback.want_keyframe(consumer, self._clock())

    def _close_router(self, router: Router) -> None:
        for transport in list(router.transports.values()):
            self._close_transport(transport)
        for plain in list(router.plain.values()):
            self._close_plain(plain)
        self._tables.routers.pop(router.id, None)
        self.forwarder.audiences.pop(router.id, None)

    def _close_transport(self, transport: Transport) -> None:
        for producer in list(transport.producers.values()):
            self._close_producer(self._tables.producers[producer.id], "transport")
        for entry in [self._tables.consumers[consumer.id] for consumer in transport.consumers.values()]:
            self._close_consumer(entry)
        self.forwarder.remove(transport, self._clock())
        self._feedback.forget(transport.id)
        self._tables.routers[transport.router_id].transports.pop(transport.id, None)

    def _close_plain(self, transport: PlainTransport) -> None:
        for entry in [entry for entry in self._tables.producers.values() if entry.transport is transport]:
            self._close_producer(entry, "transport")
        for sink in [sink for sink in self._tables.sinks.values() if sink.transport is transport]:
            self._close_sink(sink)
        self.forwarder.plain.pop(transport.id, None)
        self._tables.routers[transport.router_id].plain.pop(transport.id, None)
        transport.close()

    def _close_producer(self, entry: ProducerEntry, reason: str) -> None:
        producer = entry.producer
        for other in [other for other in self._tables.consumers.values() if other.source is entry]:
            self._close_consumer(other)
            self._tell_closed("consumerClosed", producer.router_id, other.consumer.id, "producer")
        for sink in [sink for sink in self._tables.sinks.values() if sink.source is entry]:
            self._close_sink(sink)
            self._tell_closed("consumerClosed", producer.router_id, sink.id, "producer")
        if producer.kind == "audio":
            self.forwarder.audiences[producer.router_id].hearing.remove(producer.id, self._clock())
        if isinstance(entry.transport, Transport):
            entry.transport.abandon(producer)
        else:
            entry.transport.forget(producer.id)
        self._totals.close(entry)
        self._tables.producers.pop(producer.id, None)
        self._feedback.sources.pop(producer, None)
        for stream in producer.streams:
            self._feedback.keyframes.forget(stream)
        if reason:
            self._tell_closed("producerClosed", producer.router_id, producer.id, reason)

    def _close_consumer(self, entry: ConsumerEntry) -> None:
        entry.source.producer.remove(entry.consumer)
        entry.transport.consumers.pop(entry.consumer.ssrc, None)
        entry.transport.downlink.forget(entry.consumer.id)
        self.forwarder.audiences[entry.transport.router_id].hearing.reordered = True  # somebody else may be heard now
        self._totals.close(entry)
        self._tables.consumers.pop(entry.consumer.id, None)

    def _close_sink(self, entry: SinkEntry) -> None:
        entry.source.producer.pour(entry.id, None)
        self._tables.sinks.pop(entry.id, None)
        entry.transport.forget(entry.id)

    def _tell_closed(self, event: str, router_id: str, id: str, reason: str) -> None:
        self.forwarder.report({"event": event, "routerId": router_id, "id": id, "reason": reason})


def _consumer(id: str, transport: Transport, producer: Producer, params: Json, mid: str) -> Consumer:
    ids = {extension["id"] for extension in params["headerExtensions"]}
    rtx_type = next((codec["payloadType"] for codec in params["codecs"] if codec["mimeType"].endswith(_RTX_SUFFIX)), None)
    encoding = params["encodings"][0]
    rtx = (encoding["rtx"]["ssrc"], rtx_type) if rtx_type is not None and "rtx" in encoding else None
    redundant = any(capabilities.is_red(codec) for codec in params["codecs"])
    told = any(feedback["type"] == "transport-cc" for feedback in params["codecs"][0]["rtcpFeedback"])
    # Without RTX a repeat is the very same bytes, which a number for each sending would break: such a peer gets none.
    numbered = producer.kind == "video" and told and TRANSPORT_CC in ids and rtx is not None
    # What is said of delays is ours where a repeat is RTX; else a repeat could not be the very same bytes.
    delays = numbered and PLAYOUT_DELAY in ids
    made = Consumer(
        id,
        transport,
        producer,
        ssrc=encoding["ssrc"],
        mid=mid,
        extension_ids=ids - {MID, TRANSPORT_CC} - ({ABS_SEND_TIME} if numbered else set()) - ({PLAYOUT_DELAY} if delays else set()),
        mid_id=MID if MID in ids else None,
        rtx=rtx,
        numbered=numbered,
        delays=delays,
        redundant=redundant,
    )
    made.protect(transport.downlink.protection.depth)
    return made


def _checked(function: Callable[..., Json], *arguments: Any, **named: Any) -> Json:
    try:
        return function(*arguments, **named)
    except CapabilityError as error:
        raise PlaneError(error.code, error.detail) from None
