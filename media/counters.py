"""What `stats` answers: counters of one object or of the whole worker, as JSON. It must never change what it reads."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from media.entries import ConsumerEntry, Entry, ProducerEntry, Router, SinkEntry
from media.forwarder import Forwarder
from media.kinds import PlainTransport
from media.transport import Transport

Json = dict[str, Any]


def worker_counters(forwarder: Forwarder, sizes: Json, shell: Json) -> Json:
    """`shell` has what only the socket knows; its drops join the core's."""
    return (
        {
            "type": "worker",
            "packetsIn": forwarder.packets_in,
            "packetsThrough": forwarder.packets_through,
            "bytesIn": forwarder.bytes_in,
            "cpuSeconds": time.process_time(),
        }
        | sizes
        | {key: value for key, value in shell.items() if key != "drops"}
        | {"drops": {reason: count for reason, count in (forwarder.drops + shell.get("drops", Counter())).items() if count}}
    )


def counters_of(entry: Entry) -> Json:
    if isinstance(entry, Transport):
        return _transport(entry)
    if isinstance(entry, ProducerEntry):
        return _producer(entry)
    if isinstance(entry, ConsumerEntry):
        return _consumer(entry)
    if isinstance(entry, SinkEntry):
        return {"type": "consumer", "id": entry.id, "producerId": entry.source.producer.id, "paused": entry.paused, "wish": entry.wish}
    return _router(entry) if isinstance(entry, Router) else _plain(entry)


def _router(router: Router) -> Json:
    transports = [_transport(transport) for transport in router.transports.values()] + [_plain(plain) for plain in router.plain.values()]
    return {"type": "router", "id": router.id, "transports": transports}


def _plain(transport: PlainTransport) -> Json:
    return {"type": "transport", "id": transport.id, "direction": transport.direction} | transport.stats()


def _transport(transport: Transport) -> Json:
    streams = list(transport.streams.values())
    return {
        "type": "transport",
        "id": transport.id,
        "direction": transport.direction,
        "state": transport.state,
        "srtpProfile": transport.dtls.profile.decode(),
        "lastHeard": transport.last_heard,
        "lastN": transport.downlink.last_n,
        "remote": None if transport.address is None else {"ip": transport.address[0], "port": transport.address[1]},
        "packetsReceived": sum(stream.packets for stream in streams),
        "bytesReceived": sum(stream.octets for stream in streams),
        "estimate": transport.path.bitrate,
        "roundTrip": transport.path.rtt,
        "fractionLost": round(transport.path.fraction_lost, 4),
        "probes": transport.path.probes,
        "waiting": transport.path.pacer.queued if transport.path.pacer is not None else 0,
        "overflowed": transport.path.pacer.overflowed if transport.path.pacer is not None else 0,
        "producers": list(transport.producers),
        "consumers": [consumer.id for consumer in transport.consumers.values()],
    }


def _producer(entry: ProducerEntry) -> Json:
    producer = entry.producer
    return {
        "type": "producer",
        "id": producer.id,
        "kind": producer.kind,
        "paused": producer.paused,
        "flowing": producer.flowing,
        "streams": [
            {
                "ssrc": stream.ssrc,
                "rid": stream.rid,
                "layer": stream.layer,
                "height": stream.height,
                "bitrate": stream.meter.bitrate,
                "keyFrames": stream.keyframes,
                "keyFramesAsked": stream.keyframes_asked,
                "nacks": stream.nacks,
                "forwardedPackets": stream.fanout.packets,
                "lateDropped": stream.fanout.late_dropped,
                "packets": stream.packets,
                "bytes": stream.octets,
                "rtxPackets": stream.rtx_packets,
                "recovered": stream.recovered,
                "lost": stream.gaps.lost,
                "abandoned": stream.gaps.abandoned,
            }
            for stream in producer.streams
        ],
    }


def _consumer(entry: ConsumerEntry) -> Json:
    consumer = entry.consumer
    packets, octets = consumer.sent
    resender = consumer.resender
    return {
        "type": "consumer",
        "id": consumer.id,
        "producerId": entry.source.producer.id,
        "paused": consumer.paused,
        "wish": entry.transport.downlink.wishes[consumer.id],
        "layer": consumer.layer,
        "wantedLayer": consumer.wanted,
        "quiet": consumer.quiet,
        "playoutDelay": consumer.patience.seconds,
        "redundancy": consumer.depth,
        "switches": consumer.switches,
        "nacks": consumer.nacks,
        "plis": consumer.plis,
        "packets": packets,
        "bytes": octets,
        "retransmitted": resender.sent,
        "notRetransmitted": {
            "unknown": resender.unknown,
            "gone": resender.gone,
            "tooSoon": resender.too_soon,
            "limited": resender.limited,
        },
    }
