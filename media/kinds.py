"""Further types of transports, ends that are no WebRTC peer (a pipe to another worker, a recording): the table, and what each must be.

They have neither ICE nor keys. What they take are the packets as the fan-out has them before anybody's numbers and keys: `Packet` with its
ordinal in the stream, payload without padding, header extension elements under the router's ids; each layer of a producer is a `Stream`
with its `layer`, `rid` and `clock`. What they bring goes in by `Forwarder.inject`. Everything is called from the loop of packets: nothing
may block, await or raise. A type's own module never imports this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from media import pipe, recorder
from media.packet import Packet
from media.producer import Producer, Stream

if TYPE_CHECKING:
    from media.forwarder import Forwarder

Json = dict[str, Any]


class Sink(Protocol):
    """One consumer of such a transport."""

    def take(self, stream: Stream, packets: Sequence[Packet]) -> None:
        """Packets of one layer in the order in which they came, once each; also late and repaired ones. Every layer that is received."""


class PlainTransport(Protocol):
    """Made by its `Maker`; lives until `close`."""

    @property
    def id(self) -> str: ...
    @property
    def router_id(self) -> str: ...
    @property
    def direction(self) -> str: ...

    def describe(self) -> Json:
        """What `create_transport` answers beside the id."""

    def connect(self, parameters: object) -> Json:
        """`connect_transport`. PlaneError for what it does not take."""

    def sink(self, consumer_id: str, producer: Producer, consumable: Json, options: object) -> Sink:
        """`consume` on a transport of direction "recv". `consumable`: RTP parameters under the router's payload types and ids;
        `options`: what the caller gave in the place of RTP capabilities.
        """

    def adopt(self, producer: Producer) -> None:
        """`produce` on one of direction "send": its packets will come through here."""

    def want_keyframe(self, producer: Producer, layer: int) -> None:
        """Somebody needs a key frame of an adopted producer; asked at most twice a second and layer."""

    def forget(self, id: str) -> None:
        """A consumer or producer of this transport was closed."""

    def tick(self, now: float) -> None:
        """About forty times a second."""

    def stats(self) -> Json: ...

    def close(self) -> None: ...


#: (forwarder, router id, transport id, direction, options) → the transport; PlaneError for options it does not take.
Maker = Callable[["Forwarder", str, str, str, Json], PlainTransport]

KINDS: Final[dict[str, Maker]] = {"pipe": pipe.open_end, "recording": recorder.open_recording}
