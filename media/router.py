"""The control side: routers, transports, producers, consumers by their ids, and the ten calls of the door as plain functions.

It decides what may be made of what, and keeps every table of the forwarder in step. mediasoup's vocabulary and shapes. It must never know
the channel it is called through, nor people or rooms. Every refusal is a PlaneError.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from media import capabilities, parameters
from media.capabilities import CapabilityError
from media.counters import counters_of, worker_counters
from media.entries import ConsumerEntry, Entry, ProducerEntry, Router
from media.fanout import Consumer
from media.feedback import Feedback
from media.forwarder import Forwarder
from media.hearing import Hearing
from media.ice import host_candidates
from media.plane import PlaneError
from media.producer import MID, Producer
from media.transport import MAX_CONSUMERS_EVER, MAX_PRODUCERS, Transport

Json = dict[str, Any]

#: Bounds of one worker; far above what it can carry, so that only a runaway caller meets them.
MAX_ROUTERS: Final = 2_000
MAX_TRANSPORTS: Final = 10_000
_RTX_SUFFIX: Final = "/rtx"


class Routers:
    """The ten methods of MediaPlane without `async`."""

    def __init__(self, forwarder: Forwarder, announced: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self.forwarder = forwarder
        self.port = 0
        self.shell_counters: Callable[[], Json] = dict  # what only the socket knows: packets out, drops on send
        self._announced = announced
        self._clock = clock
        self._routers: dict[str, Router] = {}
        self._producers: dict[str, ProducerEntry] = {}
        self._consumers: dict[str, ConsumerEntry] = {}

    @property
    def _feedback(self) -> Feedback:
        return self.forwarder.feedback

    def open_router(self, router_id: str) -> Json:
        self._new_id(router_id)
        if len(self._routers) >= MAX_ROUTERS:
            raise PlaneError("limit", "routers")
        router = Router(router_id, capabilities.router_rtp_capabilities())
        self._routers[router_id] = router
        self.forwarder.hearings[router_id] = Hearing(router_id, self.forwarder.report)
        return {"rtpCapabilities": router.rtp_capabilities}

    def create_transport(self, router_id: str, transport_id: str, direction: str) -> Json:
        router = self._router(router_id)
        self._new_id(transport_id)
        if direction not in ("send", "recv"):
            raise PlaneError("invalid_parameters", "direction")
        if len(self.forwarder.transports) >= MAX_TRANSPORTS:
            raise PlaneError("limit", "transports")
        transport = Transport(transport_id, router_id, direction, self.forwarder.ssl_context, self._clock())
        router.transports[transport_id] = transport
        self.forwarder.add(transport)
        return {
            "id": transport_id,
            "iceParameters": transport.ice.credentials.parameters,
            "iceCandidates": host_candidates(self._announced, self.port),
            "dtlsParameters": {"role": "server", "fingerprints": self.forwarder.certificate.fingerprints},
        }

    def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        transport = self._transport(transport_id)
        if transport.dtls.state.value != "new":
            raise PlaneError("wrong_state", "connected already")
        wanted = _checked(parameters.dtls_parameters, dtls_parameters)
        if wanted["role"] == "server":
            raise PlaneError("unsupported", "the worker is the DTLS server")
        now = self._clock()
        self.forwarder.handshake(transport, transport.dtls.expect(wanted["fingerprints"], now), now)
        return {}

    def restart_ice(self, transport_id: str) -> Json:
        transport = self._transport(transport_id)
        if transport.state == "closed":
            raise PlaneError("wrong_state", "closed")
        credentials = transport.ice.restart()
        self.forwarder.index_fragments(transport)
        return {"iceParameters": credentials.parameters}

    def produce(self, transport_id: str, producer_id: str, kind: str, rtp_parameters: Json, paused: bool = False) -> Json:
        transport = self._transport(transport_id)
        self._new_id(producer_id)
        if transport.direction != "send" or transport.state == "closed":
            raise PlaneError("wrong_state", "direction or state of the transport")
        if len(transport.producers) >= MAX_PRODUCERS:
            raise PlaneError("limit", "producers")
        router = self._routers[transport.router_id]
        params = _checked(parameters.rtp_parameters, rtp_parameters)
        mapping = _checked(capabilities.producer_mapping, params, router.rtp_capabilities)
        transport.cname = params["rtcp"].get("cname") or transport.cname or secrets.token_hex(8)
        params["rtcp"]["cname"] = transport.cname  # one per client: what shares it is played in sync
        consumable = _checked(capabilities.consumable_rtp_parameters, kind, params, router.rtp_capabilities, mapping)
        self._no_collision(transport, params)
        producer = Producer(producer_id, router.id, kind, params, mapping)
        transport.adopt(producer, params)
        entry = ProducerEntry(producer, transport, consumable, capabilities.producer_type(params))
        self._producers[producer_id] = entry
        self._feedback.sources[producer_id] = transport
        if kind == "audio":
            self.forwarder.hearings[router.id].add(producer_id)
        self._pause_producer(entry, bool(paused))
        return {"id": producer_id, "type": entry.type}

    def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        transport = self._transport(transport_id)
        self._new_id(consumer_id)
        source = self._producers.get(producer_id)
        if source is None or source.producer.router_id != transport.router_id:
            raise PlaneError("unknown_id", "producer")
        if transport.direction != "recv" or transport.state == "closed":
            raise PlaneError("wrong_state", "direction or state of the transport")
        if transport.mids + 1 >= MAX_CONSUMERS_EVER:
            raise PlaneError("limit", "consumers of one transport")
        mid, ssrc, rtx_ssrc = transport.next_mid(), self._new_ssrc(transport), self._new_ssrc(transport)
        params = _checked(
            capabilities.consumer_rtp_parameters,
            source.consumable,
            rtp_capabilities,
            ssrc=ssrc,
            rtx_ssrc=rtx_ssrc,
            cname=source.consumable["rtcp"]["cname"],
            mid=mid,
        )
        consumer = _consumer(consumer_id, transport, params, mid)
        consumer.paused = bool(paused)
        transport.consumers[ssrc] = consumer
        self._consumers[consumer_id] = ConsumerEntry(consumer, source, transport)
        self._feedback.fanouts[consumer_id] = (source.producer, source.transport)
        source.producer.fanout.add(consumer)
        if not consumer.paused:
            self._feedback.request_keyframe(source.producer, self._clock())
        return {
            "id": consumer_id,
            "producerId": producer_id,
            "kind": source.producer.kind,
            "rtpParameters": params,
            "type": "simple",  # one stream whatever the producer has; with choice of layers this becomes the producer's type
            "producerPaused": source.producer.paused,
        }

    def set_paused(self, id: str, paused: bool) -> Json:
        if id in self._producers:
            self._pause_producer(self._producers[id], bool(paused))
        elif id in self._consumers:
            entry = self._consumers[id]
            entry.consumer.paused = bool(paused)
            entry.source.producer.fanout.rebuild()
            if not paused:
                self._feedback.request_keyframe(entry.source.producer, self._clock())
        else:
            raise PlaneError("unknown_id", "producer or consumer")
        return {}

    def request_keyframe(self, consumer_id: str) -> Json:
        entry = self._consumers.get(consumer_id)
        if entry is None:
            raise PlaneError("unknown_id", "consumer")
        self._feedback.request_keyframe(entry.source.producer, self._clock())
        return {}

    def close(self, id: str) -> Json:
        if id in self._routers:
            self._close_router(self._routers[id])
        elif id in self.forwarder.transports:
            self._close_transport(self.forwarder.transports[id])
        elif id in self._producers:
            self._close_producer(self._producers[id], "")
        elif id in self._consumers:
            self._close_consumer(self._consumers[id])
        return {}

    def close_all(self) -> None:
        for router in list(self._routers.values()):
            self._close_router(router)

    def stats(self, id: str | None = None) -> Json:
        if id is not None:
            return counters_of(self._find(id))
        return worker_counters(self.forwarder, self._sizes, self.shell_counters())

    # --- lookups ---------------------------------------------------------------------------------------------------------------------

    def _find(self, id: str) -> Entry:
        found: Entry | None = (
            self._routers.get(id) or self.forwarder.transports.get(id) or self._producers.get(id) or self._consumers.get(id)
        )
        if found is None:
            raise PlaneError("unknown_id", id[:64])
        return found

    @property
    def _sizes(self) -> Json:
        return {
            "routers": len(self._routers),
            "transports": len(self.forwarder.transports),
            "producers": len(self._producers),
            "consumers": len(self._consumers),
        }

    def _router(self, id: str) -> Router:
        if id not in self._routers:
            raise PlaneError("unknown_id", "router")
        return self._routers[id]

    def _transport(self, id: str) -> Transport:
        if id not in self.forwarder.transports:
            raise PlaneError("unknown_id", "transport")
        return self.forwarder.transports[id]

    def _new_id(self, id: str) -> None:
        if not isinstance(id, str) or not 0 < len(id) <= 64 or not id.isascii():
            raise PlaneError("invalid_parameters", "id")
        if id in self._routers or id in self.forwarder.transports or id in self._producers or id in self._consumers:
            raise PlaneError("duplicate_id", id)

    def _new_ssrc(self, transport: Transport) -> int:
        while True:
            ssrc = 0x10000 + secrets.randbelow(0xFFFE0000)
            if ssrc not in transport.used_ssrcs:
                transport.used_ssrcs.add(ssrc)
                return ssrc

    def _no_collision(self, transport: Transport, params: Json) -> None:
        taken = transport.streams.keys() | transport.rtx_streams.keys()
        for encoding in params["encodings"]:
            if encoding.get("ssrc") in taken or encoding.get("rtx", {}).get("ssrc") in taken:
                raise PlaneError("invalid_parameters", "ssrc in use")
        if "mid" in params and any(producer.mid == params["mid"] for producer in transport.producers.values()):
            raise PlaneError("invalid_parameters", "mid in use")

    # --- changes ---------------------------------------------------------------------------------------------------------------------

    def _pause_producer(self, entry: ProducerEntry, paused: bool) -> None:
        producer = entry.producer
        if producer.paused == paused:
            return
        producer.paused = paused
        producer.flowing = False
        producer.fanout.pause(paused)
        if producer.kind == "audio":
            self.forwarder.hearings[producer.router_id].pause(producer.id, paused, self._clock())
        if not paused:
            self._feedback.request_keyframe(producer, self._clock())

    def _close_router(self, router: Router) -> None:
        for transport in list(router.transports.values()):
            self._close_transport(transport)
        self._routers.pop(router.id, None)
        self.forwarder.hearings.pop(router.id, None)

    def _close_transport(self, transport: Transport) -> None:
        for producer in list(transport.producers.values()):
            self._close_producer(self._producers[producer.id], "transport")
        for entry in [self._consumers[consumer.id] for consumer in transport.consumers.values()]:
            self._close_consumer(entry)
        self.forwarder.remove(transport, self._clock())
        self._feedback.forget(transport.id)
        self._routers[transport.router_id].transports.pop(transport.id, None)

    def _close_producer(self, entry: ProducerEntry, reason: str) -> None:
        producer = entry.producer
        for other in [other for other in self._consumers.values() if other.source is entry]:
            self._close_consumer(other)
            self._tell_closed("consumerClosed", producer.router_id, other.consumer.id, "producer")
        if producer.kind == "audio":
            self.forwarder.hearings[producer.router_id].remove(producer.id, self._clock())
        entry.transport.abandon(producer)
        self._producers.pop(producer.id, None)
        self._feedback.sources.pop(producer.id, None)
        self._feedback.keyframes.forget(producer.id)
        if reason:
            self._tell_closed("producerClosed", producer.router_id, producer.id, reason)

    def _close_consumer(self, entry: ConsumerEntry) -> None:
        entry.source.producer.fanout.remove(entry.consumer)
        entry.transport.consumers.pop(entry.consumer.ssrc, None)
        self._consumers.pop(entry.consumer.id, None)
        self._feedback.fanouts.pop(entry.consumer.id, None)

    def _tell_closed(self, event: str, router_id: str, id: str, reason: str) -> None:
        self.forwarder.report({"event": event, "routerId": router_id, "id": id, "reason": reason})


def _consumer(id: str, transport: Transport, params: Json, mid: str) -> Consumer:
    ids = {extension["id"] for extension in params["headerExtensions"]}
    rtx_type = next((codec["payloadType"] for codec in params["codecs"] if codec["mimeType"].endswith(_RTX_SUFFIX)), None)
    encoding = params["encodings"][0]
    return Consumer(
        id,
        transport,
        ssrc=encoding["ssrc"],
        mid=mid,
        extension_ids=ids - {MID},
        mid_id=MID if MID in ids else None,
        rtx=(encoding["rtx"]["ssrc"], rtx_type) if rtx_type is not None and "rtx" in encoding else None,
    )


def _checked(function: Callable[..., Json], *arguments: Any, **named: Any) -> Json:
    try:
        return function(*arguments, **named)
    except CapabilityError as error:
        raise PlaneError(error.code, error.detail) from None
