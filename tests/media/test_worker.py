"""The worker process and its channel, and both planes behind the same door."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from media import frames
from media.capabilities import router_rtp_capabilities
from media.channel import WorkerPlane
from media.local import LocalPlane
from media.plane import MediaPlane, PlaneError
from tests.media.peer import Peer, opus

Json = dict[str, Any]


@pytest.fixture(params=["local", "worker"])
async def plane(request: pytest.FixtureRequest) -> AsyncIterator[MediaPlane]:
    made: LocalPlane | WorkerPlane
    if request.param == "local":
        made = LocalPlane(lambda report: None)
    else:
        made = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0)
    await made.start()
    yield made
    await made.stop()


async def refused(call: Any) -> str:
    with pytest.raises(PlaneError) as error:
        await call
    return error.value.code


async def until(condition: Any, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_the_door_answers_in_mediasoups_shapes(plane: MediaPlane) -> None:
    assert await plane.open_router("room") == {"rtpCapabilities": router_rtp_capabilities()}
    sender = await plane.create_transport("room", "t1", "send")
    assert sender["iceParameters"].keys() == {"usernameFragment", "password", "iceLite"}
    assert {candidate["protocol"] for candidate in sender["iceCandidates"]} == {"udp", "tcp"}
    assert sender["iceCandidates"][0]["protocol"] == "udp"
    assert sender["dtlsParameters"]["fingerprints"][0]["algorithm"] == "sha-256"
    await plane.create_transport("room", "t2", "recv")
    assert await plane.connect_transport("t1", {"role": "client", "fingerprints": Peer.certificate.fingerprints}) == {}
    assert await plane.produce("t1", "p1", "audio", opus(1)) == {"id": "p1", "type": "simple"}
    consumer = await plane.consume("t2", "c1", "p1", router_rtp_capabilities())
    assert {key: consumer[key] for key in ("id", "producerId", "kind", "type", "producerPaused")} == {
        "id": "c1",
        "producerId": "p1",
        "kind": "audio",
        "type": "simple",
        "producerPaused": False,
    }
    assert await plane.update("c1", {"paused": False}) == {}
    assert await plane.update("c1", {"keyframe": True}) == {}
    assert (await plane.restart_ice("t1"))["iceParameters"] != sender["iceParameters"]
    assert (await plane.stats("c1"))["packets"] == 0
    assert (await plane.stats())["consumers"] == 1
    assert await plane.close("room") == {}
    assert {key: value for key, value in (await plane.stats()).items() if key in ("routers", "transports", "producers", "consumers")} == {
        "routers": 0,
        "transports": 0,
        "producers": 0,
        "consumers": 0,
    }


async def test_what_cannot_be_is_refused_with_a_stable_code(plane: MediaPlane) -> None:
    await plane.open_router("room")
    await plane.create_transport("room", "send", "send")
    await plane.create_transport("room", "recv", "recv")
    dtls: Json = {"role": "client", "fingerprints": Peer.certificate.fingerprints}
    await plane.connect_transport("send", dtls)
    await plane.produce("send", "mic", "audio", opus(1))
    no_codecs: Json = {"codecs": [], "headerExtensions": []}
    codes = [
        await refused(plane.open_router("room")),
        await refused(plane.open_router("x" * 65)),
        await refused(plane.create_transport("nowhere", "t", "send")),
        await refused(plane.create_transport("room", "t", "sideways")),  # type: ignore[arg-type]
        await refused(plane.connect_transport("send", dtls)),
        await refused(plane.connect_transport("recv", {"role": "server", "fingerprints": Peer.certificate.fingerprints})),
        await refused(plane.connect_transport("recv", {"fingerprints": []})),
        await refused(plane.produce("recv", "p", "audio", opus(2))),
        await refused(plane.produce("send", "p", "audio", opus(1, mid="9"))),
        await refused(plane.produce("send", "p", "audio", opus(2, mid="0"))),
        await refused(plane.produce("send", "p", "video", opus(2, mid="9"))),
        await refused(plane.consume("recv", "c", "nothing", router_rtp_capabilities())),
        await refused(plane.consume("send", "c", "mic", router_rtp_capabilities())),
        await refused(plane.consume("recv", "c", "mic", no_codecs)),
        await refused(plane.update("nothing", {"paused": True})),
        await refused(plane.update("nothing", {"keyframe": True})),
        await refused(plane.stats("nothing")),
    ]
    assert codes == [
        "duplicate_id",
        "invalid_parameters",
        "unknown_id",
        "invalid_parameters",
        "wrong_state",
        "unsupported",
        "invalid_parameters",
        "wrong_state",
        "invalid_parameters",
        "invalid_parameters",
        "invalid_parameters",
        "unknown_id",
        "wrong_state",
        "unsupported",
        "unknown_id",
        "unknown_id",
        "unknown_id",
    ]
    assert await plane.close("nothing") == {}


async def test_a_worker_that_dies_is_noticed_and_replaced() -> None:
    reports: list[Json] = []
    plane = WorkerPlane.spawn(reports.append, listen_ip="127.0.0.1", port=0)
    await plane.start()
    try:
        await plane.open_router("room")
        first = plane.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: [report["event"] for report in reports] == ["workerReady", "workerDied", "workerReady"])
        assert plane.pid != first
        await plane.open_router("room")  # nothing of the old life is left
    finally:
        await plane.stop()
    assert await refused(plane.stats()) == "worker_gone"


async def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    plane = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0, socket_path=str(tmp_path / "media.sock"))
    await plane.start()
    pid = plane.pid
    assert plane._writer is not None
    plane._arguments = None  # no second life
    plane._writer.close()
    await until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0])
    await plane.stop()


async def test_a_running_worker_serves_one_process_at_a_time_and_forgets_the_last_ones_rooms(tmp_path: Path) -> None:
    path = str(tmp_path / "media.sock")
    arguments = ["-m", "media.worker", "--socket", path, "--ip", "127.0.0.1", "--port", "0"]
    worker = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.DEVNULL)
    try:
        owner = WorkerPlane.connect(lambda report: None, path)
        await owner.start()
        await owner.open_router("room")
        reader, writer = await asyncio.open_unix_connection(path)
        assert await frames.read(reader) == {"error": {"code": "busy", "detail": "another process holds this worker"}}
        writer.close()
        await writer.wait_closed()
        await owner.stop()
        successor = WorkerPlane.connect(lambda report: None, path)
        await successor.start()
        assert (await successor.stats())["routers"] == 0
        await successor.stop()
        assert worker.returncode is None
    finally:
        worker.terminate()
        assert await worker.wait() == 0


async def test_a_caller_that_talks_nonsense_is_cut_off_and_one_that_asks_wrongly_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "media.sock")
    plane = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0, socket_path=path)
    await plane.start()
    try:
        codes = []
        for method, arguments in (("__init__", []), ("stats", "no list"), ("open_router", []), ("open_router", [7])):
            codes.append(await refused(plane._call(method, *arguments) if isinstance(arguments, list) else _raw(plane, method, arguments)))
        assert codes == ["invalid_parameters", "invalid_parameters", "invalid_parameters", "invalid_parameters"]
        assert (await plane.stats())["routers"] == 0
    finally:
        await plane.stop()


async def _raw(plane: WorkerPlane, method: str, arguments: object) -> Json:
    assert plane._writer is not None
    future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
    plane._waiting[9999] = future
    plane._writer.write(frames.encode({"id": 9999, "method": method, "arguments": arguments}))
    return await asyncio.wait_for(future, 5)


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\1{"])
async def test_frames_that_cannot_be_are_not_believed(data: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    with pytest.raises(frames.FrameError):
        await frames.read(reader)


async def test_frames_survive_being_cut_anywhere() -> None:
    message = {"id": 1, "result": {"text": "支部连线"}}
    reader = asyncio.StreamReader()
    for byte in frames.encode(message) * 2:
        reader.feed_data(bytes((byte,)))
    reader.feed_eof()
    assert [await frames.read(reader), await frames.read(reader), await frames.read(reader)] == [message, message, None]
