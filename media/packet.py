"""A packet on its way to consumers, what leaves for the socket, and the extension block of a header. RFC 3550 §5.1, RFC 8285.

It must never know who gets a packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from media.srtp import Encrypt
from media.stun import Address

if TYPE_CHECKING:
    from media.express import Express

#: (bytes of one datagram, 0, address) or (buffers of several equal datagrams, bytes of each, address) for segmentation offload.
Output = tuple[bytes, int, Address] | tuple[list[bytes], int, Address]
#: (router extension id, encoded one-byte element), MID and transport-wide number not among them.
Elements = tuple[tuple[int, bytes], ...]
#: What all consumers of a packet share: (ordinal, first byte, marker and type, timestamp, words << 32, extension block, payload)
Line = tuple[int, int, int, int, int, bytes, bytes]
#: One consumer: (base, salt, prefix, SSRC, encrypt, address, shift of timestamps); base + ordinal is SSRC << 48 | index.
Row = tuple[int, int, int, int, Encrypt, Address, int]


class Outputs(list[Output]):
    """What leaves, until the shell takes it. `express`: sends whole tables past the list, where the shell has one."""

    express: Express | None = None


class Packet(NamedTuple):
    """One packet of one stream, before anybody's numbers and keys."""

    ordinal: int  # 48-bit SRTP index in the stream of the producer
    first_byte: int  # version, extension bit, padding bit
    marker_and_type: int
    timestamp: int
    elements: Elements
    payload: bytes


def elements_length(elements: Elements) -> int:
    return sum([len(element) for _, element in elements]) + 3 & ~3


def extension_block(elements: Elements, wanted: frozenset[int]) -> bytes:
    """Elements somebody takes, padded to 32-bit words."""
    block = b"".join([element for identifier, element in elements if identifier in wanted])
    return block + bytes(-len(block) % 4)
