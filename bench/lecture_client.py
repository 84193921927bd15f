"""Either a lecturer (a voice and one layer of a camera) or a part of the audience, each listener a real WebRTC endpoint on its own socket.

A process of its own, so that its CPU is not the workers'. Listeners do what browsers do as far as a worker can tell: checks that keep the
consent, a receiver report every second, transport-wide feedback ten times a second where packets carry numbers. Everything that arrives
is counted; one packet in SAMPLE is decrypted, which proves that it is what was sent and gives the latency (all processes of a machine
read one monotonic clock). Lines of JSON on stdin and stdout are the whole protocol with `bench.lecture`.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import sys
import time
from typing import Any, Final

from bench.load_client import AUDIO_BYTES, AUDIO_PER_SECOND, Endpoint, tell
from media import rtcp
from media.arrivals import ArrivalLog
from media.dtls import Certificate
from media.rtp import is_rtcp
from media.srtp import SrtpError

Json = dict[str, Any]

SAMPLE: Final = 64
FRAMES_PER_SECOND: Final = 30
#: A camera's lowest layer at 30 pictures a second: 150 kb/s.
VIDEO_BYTES: Final = 625
#: RFC 7675: a browser checks every 2.5 s.
CHECK_SECONDS: Final = 2.5
REPORT_SECONDS: Final = 1.0
FEEDBACK_SECONDS: Final = 0.1
STEP_SECONDS: Final = 0.01
AUDIO_TYPE, VIDEO_TYPE = 100, 101
#: When a packet came is the kernel's word, as in a browser: five hundred listeners in one process must not look like a jittery path.
_SO_TIMESTAMPNS: Final = 35
_timespec: Final = struct.Struct("@ll")
_ANCILLARY: Final = socket.CMSG_SPACE(_timespec.size)
#: Where a packet for us has its transport-wide number: after the header, the extension's header and the MID.
_NUMBERED_AT: Final = 20
_NUMBERED: Final = 0x51


class Lecturer:
    def __init__(self, endpoint: Endpoint, ssrcs: list[int]) -> None:
        self._endpoint = endpoint
        self._audio, self._video = ssrcs
        self._number = dict.fromkeys(ssrcs, 1000)
        self._pictures = 0
        self._key = True
        self.sent = 0

    def run(self, seconds: float) -> None:
        start = time.perf_counter()
        audio_at = video_at = check_at = start
        while (now := time.perf_counter()) < start + seconds:
            if now >= check_at:
                check_at += CHECK_SECONDS
                self._endpoint.check()
            if now >= audio_at:
                audio_at += 1 / AUDIO_PER_SECOND
                self._send(self._audio, AUDIO_TYPE, 960, b"", AUDIO_BYTES)
            if now >= video_at:
                video_at += 1 / FRAMES_PER_SECOND
                self._picture()
            self._hear(max(0.0, min(audio_at, video_at) - time.perf_counter()))

    def _picture(self) -> None:
        self._pictures = self._pictures + 1 & 0x7FFF
        key, self._key = self._key, False
        descriptor = bytes((0x90, 0x80)) + (0x8000 | self._pictures).to_bytes(2, "big") + bytes((0 if key else 1,))
        self._send(self._video, 0x80 | VIDEO_TYPE, 90_000 // FRAMES_PER_SECOND, descriptor, VIDEO_BYTES)

    def _send(self, ssrc: int, second: int, ticks: int, head: bytes, size: int) -> None:
        number = self._number[ssrc] = self._number[ssrc] + 1
        header = struct.pack("!BBHII", 0x80, second, number & 0xFFFF, number * ticks & 0xFFFFFFFF, ssrc)
        payload = head + bytes(size - len(head) - 8) + struct.pack("!d", time.perf_counter())
        self._endpoint.socket.send(self._endpoint.outbound.protect(ssrc << 48 | number, header, payload))
        self.sent += 1

    def _hear(self, seconds: float) -> None:
        if not select.select([self._endpoint.socket], [], [], seconds)[0]:
            return
        data = self._endpoint.socket.recv(2048)
        if data[0] < 4:
            self._endpoint.stun(data)
        elif 127 < data[0] < 192 and is_rtcp(data):
            parts = rtcp.parse_compound(self._endpoint.inbound.open_rtcp(data))
            self._key = self._key or any(isinstance(part, rtcp.Pli | rtcp.Fir) for part in parts)


class Listener:
    __slots__ = ("arrivals", "endpoint", "numbers", "received")

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.received = 0
        self.numbers: dict[int, set[int]] = {}  # SSRC → numbers of this run: what came twice counts once
        self.arrivals = ArrivalLog()

    def report(self) -> None:
        blocks = [rtcp.ReportBlock(ssrc, 0, 0, max(numbers, default=0), 0, 0, 0) for ssrc, numbers in self.numbers.items()]
        self.endpoint.socket.send(self.endpoint.outbound.protect_rtcp(rtcp.build_receiver_report(1, blocks)))

    def feedback(self) -> None:
        told = self.arrivals.feedback(1, 2)
        if told is not None:
            self.endpoint.socket.send(self.endpoint.outbound.protect_rtcp(rtcp.build_transport_feedback(told)))


class Audience:
    """Its duties are spread evenly over time, as they are among a thousand browsers."""

    def __init__(self, listeners: list[Listener]) -> None:
        self.listeners = listeners
        self.latencies: list[float] = []
        self._poll = select.epoll()
        self._by_number = {listener.endpoint.socket.fileno(): listener for listener in listeners}
        for number in self._by_number:
            self._poll.register(number, select.EPOLLIN)
        for listener in listeners:
            listener.endpoint.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        os.set_blocking(0, False)
        self._poll.register(0, select.EPOLLIN)
        self._step = 0

    def run(self) -> None:
        """Until the parent says something."""
        due = time.perf_counter()
        while True:
            now = time.perf_counter()
            while now >= due:
                due += STEP_SECONDS
                self._duties()
            for number, _ in self._poll.poll(max(0.0, due - now)):
                if number == 0:
                    return
                self._take(self._by_number[number])

    def _duties(self) -> None:
        self._step += 1
        for duty, seconds in ((Listener.feedback, FEEDBACK_SECONDS), (Listener.report, REPORT_SECONDS), (_check, CHECK_SECONDS)):
            steps = round(seconds / STEP_SECONDS)
            for listener in self.listeners[self._step % steps :: steps]:
                duty(listener)

    def _take(self, listener: Listener) -> None:
        """One datagram per wake-up: the poll comes back for more, and a second `recv` would mostly find nothing."""
        try:
            data, ancillary, _, _ = listener.endpoint.socket.recvmsg(2048, _ANCILLARY)
        except OSError:
            return
        first = data[0]
        if not 127 < first < 192:
            if first < 4:
                listener.endpoint.stun(data)
            return
        if 192 <= data[1] <= 223:
            return
        kind = data[1] & 0x7F
        if kind != AUDIO_TYPE and data[_NUMBERED_AT] == _NUMBERED:  # in a voice's packet this byte is ciphertext
            seconds, nanoseconds = _timespec.unpack(ancillary[0][2])
            listener.arrivals.seen(data[21] << 8 | data[22], seconds % 100_000 + nanoseconds * 1e-9)
        if kind not in (AUDIO_TYPE, VIDEO_TYPE):
            return  # padding that probes the path
        listener.numbers.setdefault(int.from_bytes(data[8:12], "big"), set()).add(data[2] << 8 | data[3])
        listener.received += 1
        if listener.received % SAMPLE == 0:
            self._measure(listener, data)

    def _measure(self, listener: Listener, data: bytes) -> None:
        arrived = time.perf_counter()
        try:
            _, _, payload = listener.endpoint.inbound.open_rtp(data)
        except SrtpError:
            return
        if not data[0] & 0x20:  # padded packets have their time elsewhere
            self.latencies.append(arrived - struct.unpack("!d", payload[-8:])[0])

    def begin(self) -> None:
        self.latencies.clear()
        for listener in self.listeners:
            listener.numbers.clear()

    def figures(self) -> Json:
        self.latencies.sort()
        counts = [sum(map(len, listener.numbers.values())) for listener in self.listeners]
        lost = sum(missing(numbers) for listener in self.listeners for numbers in listener.numbers.values())
        return {
            "received": sum(counts),
            "least": min(counts),
            "lost": lost,
            "latencies": self.latencies[:: max(1, len(self.latencies) // 4000)],
        }


def missing(numbers: set[int]) -> int:
    """Gaps between the first and the last number of a line; 16 bits may have gone round once."""
    if max(numbers) - min(numbers) > 0x8000:
        numbers = {number if number > 0x8000 else number + 0x10000 for number in numbers}
    return max(numbers) - min(numbers) + 1 - len(numbers)


def _check(listener: Listener) -> None:
    listener.endpoint.check()


def connected(description: Json, certificate: Certificate) -> Endpoint:
    endpoint = Endpoint(description, certificate)
    endpoint.connect()
    return endpoint


def lecture(plan: Json, certificate: Certificate) -> None:
    lecturer = Lecturer(connected(plan["lecturer"], certificate), plan["ssrcs"])
    tell({})
    for line in sys.stdin:
        lecturer.sent = 0
        lecturer.run(json.loads(line)["seconds"])
        tell({"sent": lecturer.sent})


def attend(plan: Json, certificate: Certificate) -> None:
    audience = Audience([Listener(connected(description, certificate)) for description in plan["listeners"]])
    tell({})
    while True:
        audience.run()
        said = os.read(0, 4096)
        if not said:
            return
        if "begin" in json.loads(said):  # the parent waits for each answer: never two at a time
            audience.begin()
            tell({})
        else:
            tell(audience.figures())


def main() -> None:
    certificate = Certificate.generate()
    tell({"fingerprints": certificate.fingerprints})
    plan = json.loads(sys.stdin.readline())
    (lecture if "lecturer" in plan else attend)(plan, certificate)


if __name__ == "__main__":
    main()
