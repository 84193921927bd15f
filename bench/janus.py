"""The same load through Janus's VideoRoom, by the same load client: the peer that stands beside our figure.

Janus is started from the system's package on loopback with everything but VideoRoom and WebSockets switched off, and ended afterwards.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench.client import Client

Json = dict[str, Any]

_ROOM: Final = 1234
_START_SECONDS: Final = 10.0
_SSRCS: Final = {"audio": 11111, "video": 22222}
_CANDIDATE: Final = r"^a=candidate:\S+ 1 udp \d+ {} typ host"
_RTPMAP: Final = {"audio": "100 opus/48000/2", "video": "101 VP8/90000"}


def installed() -> bool:
    return shutil.which("janus") is not None and _library() is not None


def _library() -> Path | None:
    found = next(iter(Path("/usr/lib").glob("*/janus/plugins/libjanus_videoroom.so")), None)
    return found.parent.parent if found else None


async def measure(consumers: int, rate: int, seconds: float) -> Json:
    """→ {"janus_us", "janus_delivered", "janus_latency_p50_ms"}."""
    with tempfile.TemporaryDirectory(prefix="bench-janus-") as folder:
        port = free_port()
        configure(Path(folder), port)
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec("janus", "-F", folder, "-C", f"{folder}/janus.jcfg", stdout=quiet, stderr=quiet)
        try:
            async with aiohttp.ClientSession() as session, Client() as client:
                room = Room(await _connected(session, port), client.fingerprints[0]["value"])
                used, end = await _load(room, client, consumers, rate, seconds, process.pid)
        finally:
            process.terminate()
            await process.wait()
    latencies = end["latencies"] or [0.0]
    return {
        "janus_us": round(used / max(1, end["received"]) * 1e6, 2),
        "janus_delivered": round(end["received"] / max(1, end["sent"] * consumers), 5),
        "janus_latency_p50_ms": round(latencies[len(latencies) // 2] * 1e3, 2),
    }


async def _load(room: Room, client: Client, consumers: int, rate: int, seconds: float, pid: int) -> tuple[float, Json]:
    reader = asyncio.create_task(room.read())
    try:
        await room.open()
        await client.publish(await room.publish(), [{"ssrc": ssrc} for ssrc in _SSRCS.values()])
        await asyncio.sleep(0.5)  # the plugin learns a moment later that its publisher is up
        await client.join([await room.subscribe() for _ in range(consumers)])
        return await client.run(rate, seconds, pid)
    finally:
        reader.cancel()


async def _connected(session: aiohttp.ClientSession, port: int) -> aiohttp.ClientWebSocketResponse:
    deadline = asyncio.get_running_loop().time() + _START_SECONDS
    while True:
        try:
            return await session.ws_connect(f"ws://127.0.0.1:{port}", protocols=["janus-protocol"])
        except aiohttp.ClientError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.1)


class Room:
    """As much of Janus's WebSocket protocol as one publisher and its subscribers need."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, fingerprint: str) -> None:
        self._socket = socket
        self._fingerprint = fingerprint
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._session = 0
        self._feed = 0

    async def read(self) -> None:
        async for message in self._socket:
            answer = message.json()
            waiting = self._waiting.get(answer.get("transaction", ""))
            if waiting is not None and not waiting.done() and answer["janus"] != "ack":
                waiting.set_result(answer)

    async def open(self) -> None:
        self._session = (await self._ask(janus="create"))["data"]["id"]

    async def publish(self) -> Json:
        """→ the publisher's description for the load client."""
        handle = await self._attach()
        joined = await self._message(handle, {"request": "join", "ptype": "publisher", "room": _ROOM})
        self._feed = joined["plugindata"]["data"]["id"]
        local = local_side()
        offer = {"type": "offer", "sdp": description(local, self._fingerprint, "sendonly", ["audio", "video"])}
        answer = await self._message(handle, {"request": "configure", "audio": True, "video": True}, offer)
        return remote_side(answer["jsep"]["sdp"], local)

    async def subscribe(self) -> Json:
        handle = await self._attach()
        body = {"request": "join", "ptype": "subscriber", "room": _ROOM, "streams": [{"feed": self._feed}]}
        offer = (await self._message(handle, body))["jsep"]["sdp"]
        local = local_side()
        kinds = re.findall(r"^m=(audio|video)", offer, re.MULTILINE)
        payload_types = dict(re.findall(r"^a=rtpmap:(\d+) (opus|VP8)/", offer, re.MULTILINE))
        answer = description(local, self._fingerprint, "recvonly", kinds, {name: number for number, name in payload_types.items()})
        await self._message(handle, {"request": "start", "room": _ROOM}, {"type": "answer", "sdp": answer})
        return remote_side(offer, local)

    async def _attach(self) -> int:
        answer = await self._ask(janus="attach", session_id=self._session, plugin="janus.plugin.videoroom")
        handle: int = answer["data"]["id"]
        return handle

    async def _message(self, handle: int, body: Json, jsep: Json | None = None) -> Json:
        more = {"jsep": jsep} if jsep else {}
        return await self._ask(janus="message", session_id=self._session, handle_id=handle, body=body, **more)

    async def _ask(self, **request: Any) -> Json:
        transaction = secrets.token_hex(6)
        future = self._waiting[transaction] = asyncio.get_running_loop().create_future()
        await self._socket.send_json(request | {"transaction": transaction})
        return await asyncio.wait_for(future, 20)


def local_side() -> Json:
    return {"usernameFragment": secrets.token_hex(4), "password": secrets.token_hex(12)}


def remote_side(sdp: str, local: Json) -> Json:
    """What the load client must know of Janus's half of a session description."""

    def first(pattern: str) -> str:
        found = re.search(pattern, sdp, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"no {pattern} in what Janus said")
        return found.group(1)

    return {
        "iceParameters": {"usernameFragment": first(r"^a=ice-ufrag:(\S+)"), "password": first(r"^a=ice-pwd:(\S+)")},
        "iceCandidates": [{"ip": first(_CANDIDATE.format(r"([\d.]+) \d+")), "port": int(first(_CANDIDATE.format(r"[\d.]+ (\d+)")))}],
        "local": local,
    }


def description(local: Json, fingerprint: str, direction: str, kinds: list[str], payload_types: Json | None = None) -> str:
    """A session description with the least Janus accepts. We are always the DTLS client, and our address is learnt from our checks."""
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE " + " ".join(str(mid) for mid in range(len(kinds)))]
    for mid, kind in enumerate(kinds):
        number, name = _RTPMAP[kind].split(" ", 1)
        number = (payload_types or {}).get(name.split("/")[0], number)
        lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}", "c=IN IP4 127.0.0.1", f"a=mid:{mid}", f"a={direction}", "a=rtcp-mux"]
        lines += [f"a=ice-ufrag:{local['usernameFragment']}", f"a=ice-pwd:{local['password']}"]
        lines += [f"a=fingerprint:sha-256 {fingerprint}", "a=setup:active", f"a=rtpmap:{number} {name}"]
        if direction == "sendonly":
            lines.append(f"a=ssrc:{_SSRCS[kind]} cname:bench")
    return "\r\n".join(lines) + "\r\n"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def configure(folder: Path, port: int) -> None:
    """Janus's own files: only VideoRoom and WebSockets, loopback only, errors only."""
    library = _library()
    assert library is not None
    plugins = ",".join(path.name for path in (library / "plugins").glob("*.so") if path.name != "libjanus_videoroom.so")
    transports = ",".join(path.name for path in (library / "transports").glob("*.so") if path.name != "libjanus_websockets.so")
    folder.joinpath("janus.jcfg").write_text(
        f"""general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  events_folder = "{library}/events"
  loggers_folder = "{library}/loggers"
  debug_level = 2
  session_timeout = 0
}}
nat: {{ full_trickle = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
    )
    folder.joinpath("janus.transport.websockets.jcfg").write_text(
        f'general: {{ json = "compact", ws = true, ws_port = {port}, ws_ip = "127.0.0.1", wss = false }}\n'
    )
    room = f'description = "bench", publishers = 2, bitrate = {9_000_000}, fir_freq = 0, audiocodec = "opus", videocodec = "vp8"'
    folder.joinpath("janus.plugin.videoroom.jcfg").write_text(f"room-{_ROOM}: {{ {room} }}\n")
