"""A pipe between two workers of one machine: a producer's packets travel once, however many consumers are at the far end.

The near end is a receiving transport (`media.kinds`): what it consumes is written to a unix socket, decrypted, with its ordinals. The far
end is a sending transport: its producers have the ids they have at the near end, and are fed from the socket. Key frame requests come
back. Levels are inside the packets; who is heard is reported by the near worker only, whoever owns both sees to that.

Who may connect is decided by the file system (a private folder, a socket for its owner) and by the kernel's word for who is at the other
end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from media import pipeframes
from media.packet import Packet
from media.pipeframes import Bind, Clock, Forwarded, Frame, Keyframe
from media.pipesocket import PipeSocket, is_ours
from media.plane import PlaneError
from media.producer import Producer, Stream
from media.rtcp import SenderReport

if TYPE_CHECKING:
    from media.forwarder import Forwarder

Json = dict[str, Any]
clock = time.monotonic

MAX_CHANNELS: Final = 0xFFFF
_PATH_BYTES: Final = 107  # sockaddr_un of Linux


class _End:
    """What both ends are to `media.kinds`."""

    direction = ""

    def __init__(self, forwarder: Forwarder, router_id: str, id: str) -> None:
        self.id = id
        self.router_id = router_id
        self.counts: Counter[str] = Counter()
        self._forwarder = forwarder
        self._line: PipeSocket | None = None

    def connect(self, parameters: object) -> Json:
        raise PlaneError("wrong_state", "this end is connected to")

    def sink(self, consumer_id: str, producer: Producer, consumable: Json, options: object) -> Channel:
        raise PlaneError("wrong_state", "direction of the transport")

    def adopt(self, producer: Producer) -> None:
        raise PlaneError("wrong_state", "direction of the transport")

    def want_keyframe(self, producer: Producer, layer: int) -> None:
        return

    def tick(self, now: float) -> None:
        return

    def stats(self) -> Json:
        return {"connected": self._line is not None and self._line.open, **self.counts}

    def close(self) -> None:
        if self._line is not None:
            self._line.close()

    def _opened(self, connected: socket.socket, take: Callable[[Frame], int]) -> PipeSocket:
        self._line = PipeSocket(connected, take, self._settled, self._lost)
        self._tell("connected", "")
        return self._line

    def _settled(self) -> None:
        self._forwarder.flush()
        self._forwarder.drain()

    def _lost(self) -> None:
        self._tell("disconnected", "pipe_lost")

    def _tell(self, state: str, reason: str) -> None:
        report = {"routerId": self.router_id, "transportId": self.id, "state": state, "at": clock(), "reason": reason}
        self._forwarder.report({"event": "transportState"} | report)


class Channel:
    """One producer on its way into the pipe: the sink of its packets."""

    def __init__(self, end: NearEnd, number: int, producer: Producer) -> None:
        self.number = number
        self.producer = producer
        self.told: dict[int, SenderReport | None] = {}  # layers the far end knows, each with the report of which it was told
        self._end = end

    def take(self, stream: Stream, packets: Sequence[Packet]) -> None:
        number, layer, write = self.number, stream.layer, self._end.write
        self.told.setdefault(layer, None)
        for packet in packets:
            write(pipeframes.packet(number, layer, packet))


class NearEnd(_End):
    direction = "recv"

    def __init__(self, forwarder: Forwarder, router_id: str, id: str) -> None:
        super().__init__(forwarder, router_id, id)
        self._channels: dict[str, Channel] = {}  # by consumer id
        self._numbers = 0
        self._staged = False

    def describe(self) -> Json:
        return {}

    def connect(self, parameters: object) -> Json:
        path = _path(parameters)
        if self._line is not None:
            raise PlaneError("wrong_state", "connected already")
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.connect(str(path))
        except OSError as error:
            made.close()
            raise PlaneError("invalid_parameters", f"nobody listens: {error.strerror}") from error
        self._opened(made, self._take)
        return {}

    def sink(self, consumer_id: str, producer: Producer, consumable: Json, options: object) -> Channel:
        if self._line is None or not self._line.open:
            raise PlaneError("wrong_state", "not connected")
        if self._numbers >= MAX_CHANNELS:
            raise PlaneError("limit", "channels")
        self._numbers += 1
        channel = self._channels[consumer_id] = Channel(self, self._numbers, producer)
        self.write(pipeframes.bind(channel.number, producer.id))
        return channel

    def forget(self, id: str) -> None:
        self._channels.pop(id, None)

    def write(self, frame: bytes) -> None:
        if self._line is None or not self._line.write(frame):
            self.counts["dropped"] += 1
            self._forwarder.drops["pipe_full"] += 1
            return
        self.counts["frames"] += 1
        self.counts["bytes"] += len(frame)
        if not self._staged:
            self._staged = True
            self._forwarder.outlets.append(self._leave)

    def _leave(self) -> None:
        self._staged = False
        if self._line is not None:
            self._line.leave()

    def tick(self, now: float) -> None:
        """Sender reports are rare, and a fortieth of a second late is early for them."""
        for channel in self._channels.values():
            for stream in channel.producer.streams:
                report = stream.last_report
                if report is not None and stream.layer in channel.told and channel.told[stream.layer] is not report:
                    channel.told[stream.layer] = report
                    self.write(pipeframes.clock(channel.number, stream.layer, report.ntp, report.rtp_timestamp, stream.report_at))

    def _take(self, frame: Frame) -> int:
        if isinstance(frame, Keyframe):
            channel = next((one for one in self._channels.values() if one.number == frame.channel), None)
            stream = channel.producer.at(frame.layer) if channel is not None else None
            if stream is not None:
                self._forwarder.feedback.request_keyframe(stream, clock())
        return 0


class FarEnd(_End):
    direction = "send"

    def __init__(self, forwarder: Forwarder, router_id: str, id: str, path: Path) -> None:
        super().__init__(forwarder, router_id, id)
        self._producers: dict[str, Producer] = {}
        self._channels: dict[int, str] = {}  # number → producer id
        self._path = path
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.setblocking(False)
        before = os.umask(0o177)  # for this user only
        try:
            path.unlink(missing_ok=True)
            self._listening.bind(str(path))
        except OSError as error:
            self._listening.close()
            raise PlaneError("invalid_parameters", f"path: {error.strerror}") from error
        finally:
            os.umask(before)
        self._listening.listen(1)
        asyncio.get_running_loop().add_reader(self._listening.fileno(), self._accept)

    def describe(self) -> Json:
        return {"path": str(self._path)}

    def _accept(self) -> None:
        """A new near end replaces the old one: it comes when the old one is of no more use."""
        with contextlib.suppress(BlockingIOError):
            made, _ = self._listening.accept()
            if not is_ours(made):
                made.close()
                self.counts["strangers"] += 1
                return
            super().close()
            self._channels.clear()
            self._opened(made, self._take)

    def adopt(self, producer: Producer) -> None:
        self._producers[producer.id] = producer

    def forget(self, id: str) -> None:
        self._producers.pop(id, None)

    def want_keyframe(self, producer: Producer, layer: int) -> None:
        for number, producer_id in self._channels.items():
            if producer_id == producer.id and self._line is not None:
                self._line.write(pipeframes.keyframe(number, layer))
                self._line.leave()

    def _take(self, frame: Frame) -> int:
        if isinstance(frame, Bind):
            self._channels = {number: id for number, id in self._channels.items() if id != frame.producer_id}
            self._channels[frame.channel] = frame.producer_id
            return 0
        producer = self._producers.get(self._channels.get(frame.channel, ""))
        if producer is None or frame.layer >= len(producer.encodings):
            self.counts["unknown"] += 1
            return 0
        if isinstance(frame, Forwarded):
            self.counts["frames"] += 1
            try:
                return self._forwarder.inject(producer, frame.layer, frame.packet, clock())
            except Exception as error:
                self._forwarder.bug(error)
                return 0
        if isinstance(frame, Clock):
            stream = producer.at(frame.layer)
            if stream is not None:
                stream.reported(SenderReport(stream.ssrc, frame.ntp, frame.rtp_timestamp, 0, 0, ()), frame.at)
        return 0

    def close(self) -> None:
        super().close()
        asyncio.get_running_loop().remove_reader(self._listening.fileno())
        self._listening.close()
        self._path.unlink(missing_ok=True)


def open_end(forwarder: Forwarder, router_id: str, id: str, direction: str, options: Json) -> NearEnd | FarEnd:
    """The maker of transports of type "pipe". `options` of the far end: {"path": where it listens}, which the near end connects to."""
    return NearEnd(forwarder, router_id, id) if direction == "recv" else FarEnd(forwarder, router_id, id, _path(options))


def _path(options: object) -> Path:
    path = options.get("path") if isinstance(options, dict) else None
    if not isinstance(path, str) or not path.startswith("/") or len(os.fsencode(path)) > _PATH_BYTES:
        raise PlaneError("invalid_parameters", "path")
    return Path(path)
