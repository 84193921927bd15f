"""CPU of the media worker per packet it sends, and how late packets arrive, beside the limit of this machine in the same run.

`us_per_packet_out`: CPU of the worker's process (all threads, from the scheduler's accounts) ÷ packets that reached consumers.
`limit_us`: a bare loop of header + AES-128-GCM + `sendto` to as many addresses with the same X"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench import janus
from bench.client import Client
from bench.load_client import AUDIO_BYTES, AUDIO_PER_SECOND, VIDEO_BYTES
from media.capabilities import router_rtp_capabilities
from media.channel import WorkerPlane
from media.plane import MediaPlane

Json = dict[str, Any]

AUDIO: Final = {"mimeType": "audio/opus", "payloadType": 100, "clockRate": 48000, "channels": 2, "parameters": {}, "rtcpFeedback": []}
VIDEO: Final = {
    "mimeType": "video/VP8",
    "payloadType": 101,
    "clockRate": 90000,
    "parameters": {},
    "rtcpFeedback": [{"type": "nack", "parameter": ""}],
}
_LIMIT_PACKETS: Final = 60_000


async def measure(consumers: int, rate: int, seconds: float, more: Sequence[str] = ()) -> Json:
    """One run with a worker and a load client of their own. → the result object."""
    plane = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0, announce=["127.0.0.1"], more=more)
    await plane.start()
    try:
        async with Client() as client:
            plan = await lecture(plane, client.fingerprints, consumers)
            await client.publish(plan["publisher"], plan["tracks"])
            await client.join(plan["consumers"])
            used, end = await client.run(rate, seconds, plane.pid)
            stats = await plane.stats()
    finally:
        await plane.stop()
    latencies = end["latencies"] or [0.0]
    return {
        "consumers": consumers,
        "rate": rate,
        "seconds": seconds,
        "us_per_packet_out": round(used / max(1, end["received"]) * 1e6, 2),
        "limit_us": round(limit_us(consumers, rate), 2),
        "delivered": round(end["received"] / max(1, end["sent"] * consumers), 5),
        "packets_out_per_second": round(end["received"] / seconds),
        "latency_p50_ms": round(latencies[len(latencies) // 2] * 1e3, 2),
        "latency_p99_ms": round(latencies[len(latencies) * 99 // 100] * 1e3, 2),
        "compiled": stats["compiled"],
        "packets_per_call": round(stats["packetsOut"] / max(1, stats["callsOut"]), 2),
        "drops": stats["drops"],
    }


async def lecture(plane: MediaPlane, fingerprints: list[Json], consumers: int) -> Json:
    """One publisher with microphone and camera, `consumers` transports that take both. → what the load client must know."""
    await plane.open_router("room")
    dtls = {"role": "client", "fingerprints": fingerprints}
    publisher = await plane.create_transport("room", "publisher", "send")
    await plane.connect_transport("publisher", dtls)
    tracks = []
    for kind, codec, ssrc in (("audio", AUDIO, 11111), ("video", VIDEO, 22222)):
        parameters = {"mid": kind, "codecs": [codec], "headerExtensions": [], "encodings": [{"ssrc": ssrc}], "rtcp": {"cname": "bench"}}
        await plane.produce("publisher", kind, "audio" if kind == "audio" else "video", parameters)
        tracks.append({"ssrc": ssrc})
    descriptions = []
    for number in range(consumers):
        descriptions.append(await plane.create_transport("room", f"consumer{number}", "recv"))
        await plane.connect_transport(f"consumer{number}", dtls)
        for kind in ("audio", "video"):
            await plane.consume(f"consumer{number}", f"{kind}{number}", kind, router_rtp_capabilities(), False)
    return {"publisher": publisher, "consumers": descriptions, "tracks": tracks}


def limit_us(consumers: int, rate: int, video_bytes: int = VIDEO_BYTES) -> float:
    """The bare loop: what remains when everything that makes a forwarder is left out."""
    receivers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(consumers)]
    for receiver in receivers:
        receiver.bind(("127.0.0.1", 0))
    rows = [(AESGCM(os.urandom(16)).encrypt, receiver.getsockname(), 1000 + row) for row, receiver in enumerate(receivers)]
    audio_share = AUDIO_PER_SECOND / rate
    audio, video = os.urandom(AUDIO_BYTES), os.urandom(video_bytes)
    pack = struct.Struct("!BBHII").pack
    rounds = _LIMIT_PACKETS // consumers
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        send = sender.sendto
        started = time.process_time()
        for number in range(rounds):
            payload = audio if int((number + 1) * audio_share) > int(number * audio_share) else video
            for encrypt, address, ssrc in rows:
                header = pack(0x80, 101, number & 0xFFFF, number, ssrc)
                send(header + encrypt((ssrc << 48 | number).to_bytes(12, "big"), payload, header), address)
        used = time.process_time() - started
    for receiver in receivers:
        receiver.close()
    return used / (rounds * consumers) * 1e6


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench forwarding", description=__doc__)
    parser.add_argument("--consumers", type=int, default=20)
    parser.add_argument("--rate", type=int, default=450, help="packets per second of the publisher, 50 of them audio")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    parser.add_argument("--plain", action="store_true", help="without segmentation offload: one system call per packet")
    parser.add_argument("--python", action="store_true", help="without the compiled twin of the innermost loop")
    parser.add_argument("--no-janus", action="store_true", help="do not measure Janus in the same run, also where it is installed")
    options = parser.parse_args(arguments)
    more = ["--no-segmentation"] * options.plain + ["--no-express"] * options.python
    result = asyncio.run(measure(options.consumers, options.rate, options.seconds, more))
    if janus.installed() and not options.no_janus:
        result |= asyncio.run(janus.measure(options.consumers, options.rate, options.seconds))
        result["janus_ratio"] = round(result["janus_us"] / result["us_per_packet_out"], 2)
    if not options.json:
        print("forwarding: CPU of the worker per packet sent, beside the bare loop of AES-GCM and sendto")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0
