"""The UDP socket for everybody: read until it is empty, send what the core made. Never awaits.

It decides how datagrams leave: runs of equal packets by one system call where the kernel segments them (UDP_SEGMENT, Linux 4.18), one by
one where it refuses. A full buffer drops and counts; nothing queues behind it, because a late media packet is worth less than the next
one. It must never know what is in a datagram.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from media.packet import Output
from media.stun import Address

#: Bytes the kernel may hold in each direction: 4 MiB is 1/4 s of a 100 Mb/s worker. The kernel caps it at net.core.{r,w}mem_max.
BUFFER_BYTES: Final = 4 << 20
RECEIVE_BYTES: Final = 2048
_UDP_SEGMENT: Final = 103  # linux/udp.h; the socket module of CPython 3.11 has no name for it
_ANCILLARY: Final = {segment: [(socket.IPPROTO_UDP, _UDP_SEGMENT, struct.pack("=H", segment))] for segment in range(40, 1600)}
_FULL: Final = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM})
#: What a kernel or device without segmentation offload answers.
_NO_SEGMENTS: Final = frozenset({errno.EINVAL, errno.EIO, errno.EOPNOTSUPP, errno.ENOPROTOOPT})


class UdpPort:
    def __init__(self, ip: str, port: int, *, segment: bool = True) -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        if ip == "::":  # one socket for both families; :: alone would depend on a setting of the machine
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            self.socket.bind((ip, port))
        except OSError:
            self.socket.close()
            raise
        self.number: int = self.socket.getsockname()[1]
        self.segmenting = segment
        self.drops: Counter[str] = Counter()
        self.packets_out = 0
        self.calls_out = 0
        self.bytes_out = 0
        self.elsewhere: Callable[[list[bytes], int], int] = self._nowhere
        self.others: list[UdpPort] = []  # the same number on further addresses: an answer leaves from where its question came to

    def close(self) -> None:
        self.socket.close()

    def receive(self) -> tuple[bytes, Address] | None:
        """The next datagram; None when there is none."""
        while True:
            try:
                return self.socket.recvfrom(RECEIVE_BYTES)
            except BlockingIOError:
                return None
            except OSError as error:  # an ICMP error of an earlier send: nobody's fault here
                self.drops[f"receive_{_name(error)}"] += 1

    def send(self, outputs: Sequence[Output]) -> None:
        sendto = self.socket.sendto
        sendmsg = self.socket.sendmsg
        sent = octets = 0
        for data, segment, address in outputs:  # no question about the address here: a datagram pays for nothing but itself
            try:
                if not segment:
                    sendto(data, address)  # type: ignore[arg-type]
                    sent += 1
                    octets += len(data)
                elif self.segmenting:
                    sendmsg(data, _ANCILLARY[segment], 0, address)  # type: ignore[arg-type]
                    sent += len(data) >> 1
                    octets += segment * (len(data) >> 1)  # the last may be shorter: at most a packet too much
                else:
                    gone = self._one_by_one(data, address)  # type: ignore[arg-type]
                    sent += gone
                    octets += segment * gone
            except OSError as error:
                sent += self._failed(error, data, address)
            except TypeError:  # an address of five is refused by the socket module before any system call: not this socket's way
                sent += self._by_other_way(data, segment, address)
        self.packets_out += sent
        self.bytes_out += octets
        self.calls_out += len(outputs)

    def _by_other_way(self, data: bytes | list[bytes], segment: int, address: Address) -> int:
        """A TCP connection by its number, another socket by its own below zero. → packets not counted there."""
        if len(address) != 5:
            raise TypeError(f"no address: {address!r}")
        if address[4] < 0:
            self.others[-1 - address[4]].send([(data, segment, _plain(address))])  # type: ignore[list-item]
            self.calls_out -= 1  # it counts its own
            return 0
        packets = [data] if isinstance(data, bytes) else [data[at] + data[at + 1] for at in range(0, len(data), 2)]
        taken = self.elsewhere(packets, address[4])
        self.bytes_out += sum(map(len, packets[:taken]))
        return taken

    def _nowhere(self, packets: list[bytes], number: int) -> int:
        self.drops["send_nowhere"] += len(packets)
        return 0

    def _one_by_one(self, buffers: list[bytes], address: Address) -> int:
        """→ packets that left; the rest of a run of which one was refused is counted as lost."""
        packets = len(buffers) >> 1
        gone = 0
        try:
            for at in range(0, len(buffers), 2):
                self.socket.sendto(buffers[at] + buffers[at + 1], address)
                gone += 1
        except OSError as error:
            self.refused(error.errno or 0, packets - gone)
        self.calls_out += gone - 1
        return gone

    def _failed(self, error: OSError, data: bytes | list[bytes], address: Address) -> int:
        """→ packets sent after all."""
        if not isinstance(data, list):
            self.refused(error.errno or 0, 1)
            return 0
        return self._one_by_one(data, address) if self.refused(error.errno or 0, len(data) >> 1) else 0

    def refused(self, number: int, packets: int) -> bool:
        """What the kernel said (errno) of packets that should have left in one call. True: it does not segment, send them one by one.
        False: they are lost, and counted.
        """
        if packets > 1 and self.segmenting and number in _NO_SEGMENTS:
            self.unsegmented()
            return True
        self.lost(number, packets)
        return False

    def lost(self, number: int, packets: int) -> None:
        self.drops["send_buffer_full" if number in _FULL else f"send_{errno.errorcode.get(number, 'unknown')}"] += packets

    def unsegmented(self) -> None:
        """The kernel or the device does not segment: from now on one by one."""
        self.segmenting = False
        self.drops["segmentation_refused"] += 1

    def sent(self, packets: int, octets: int, calls: int) -> None:
        """Somebody else has sent by this socket."""
        self.packets_out += packets
        self.bytes_out += octets
        self.calls_out += calls


def tagged(source: Address, number: int) -> Address:
    """A source as it came to another socket than the main one: what goes there must leave by the same."""
    flow, scope = (source[2], source[3]) if len(source) == 4 else (0, 0)
    return source[0], source[1], flow, scope, number


def _plain(address: tuple[str, int, int, int, int]) -> Address:
    return address[:4] if ":" in address[0] else address[:2]


def _name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "unknown")
