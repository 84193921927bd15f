"""Socket.IO requests and answers. Each request is acknowledged with {ok: true, data} or {ok: false, refusal}; room events and snapshots are
the dataclasses of rooms/ in camelCase. mediasoup shapes pass as they are (the media plane validates them)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from .base import Id, Shape

Source = Literal["microphone", "camera", "screen", "screenAudio"]
ChatText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Json = dict[str, Any]


class Join(Shape):
    """`device_id` is kept by the browser (localStorage); `resume` is the token of an earlier join in this page."""

    meeting_id: Id
    device_id: Id
    device: Literal["phone", "desktop"]
    notice_version: str = Field(max_length=40)
    resume: str | None = Field(default=None, max_length=128)


class IceServer(Shape):
    urls: list[str]
    username: str | None = None
    credential: str | None = None


class Joined(Shape):
    """`state` joined or waiting: `snapshot` is the viewer's room snapshot. elsewhere: connect to `node` and join there."""

    state: Literal["joined", "waiting", "elsewhere"]
    peer_id: Id | None = None
    resume: str | None = None
    resumed: bool = False  # the same peer goes on: its transports, producers and consumers are still there
    node: str | None = None
    snapshot: Json | None = None
    router_rtp_capabilities: Json | None = None
    ice_servers: list[IceServer] = Field(default=[])
    server_now: float  # epoch seconds


class CreateTransport(Shape):
    direction: Literal["send", "recv"]


class ConnectTransport(Shape):
    transport_id: Id
    dtls_parameters: Json


class TransportId(Shape):
    transport_id: Id


class Produce(Shape):
    transport_id: Id
    kind: Literal["audio", "video"]
    source: Source
    rtp_parameters: Json
    paused: bool = False


class Produced(Shape):
    producer_id: Id


class ProducerId(Shape):
    producer_id: Id


class Consume(Shape):
    """Consumers are pulled by the client: it alone knows which tiles are on its page."""

    transport_id: Id
    producer_id: Id
    rtp_capabilities: Json


class Consumed(Shape):
    consumer_id: Id
    producer_id: Id
    kind: Literal["audio", "video"]
    rtp_parameters: Json
    producer_paused: bool


class ConsumerId(Shape):
    consumer_id: Id


class Tile(Shape):
    """One picture on the page: `tile` is its height in device pixels; `visible` false: outside the page, or the page is hidden."""

    consumer_id: Id
    tile: int = Field(ge=0, le=16_384)
    visible: bool
    pinned: bool = False


class SetWishes(Shape):
    """What the page shows now. `last_n`: at most so many pictures; None: as many as there are tiles."""

    consumers: list[Tile] = Field(max_length=400)
    last_n: int | None = Field(default=None, ge=0, le=400)


class LayersWanted(Shape):
    """Message `layersWanted`: the highest layer anybody wants of this producer, 0 the smallest, −1 none."""

    producer_id: Id
    highest: int


class ConsumerLayer(Shape):
    """Message `consumerLayer`: the layer a picture comes in, −1 not at all, and what decided it."""

    consumer_id: Id
    layer: int
    reason: Literal["path", "tile", "hidden", "quiet"]


class WayQuality(Shape):
    """One direction. `score` 0 (of no use) to 5, `bitrate` and `estimate` bit/s, `fraction_lost` 0…1, `round_trip` seconds."""

    score: int
    bitrate: float
    estimate: float | None
    fraction_lost: float
    round_trip: float | None


class OwnQuality(Shape):
    """Message `quality`: both directions of this peer; None: not measured yet."""

    uplink: WayQuality | None
    downlink: WayQuality | None


class Scores(Shape):
    """One member's directions as others see them; the downlink is told to moderators only."""

    uplink: int | None
    downlink: int | None


class Qualities(Shape):
    """Message `qualities`: member id → scores, of those that changed."""

    members: dict[str, Scores]


class StartedTest(Shape):
    """A self-test has begun: a router in which nobody else is, for `lastsSeconds`."""

    router_rtp_capabilities: Json
    ice_servers: list[IceServer] = Field(default=[])
    lasts_seconds: float


class ProduceTest(Shape):
    transport_id: Id
    kind: Literal["audio", "video"]
    rtp_parameters: Json


class Say(Shape):
    """`client_id` makes a repeated delivery harmless."""

    text: ChatText
    client_id: Id


class MemberId(Shape):
    member_id: Id


class Removal(Shape):
    member_id: Id
    reason: str = Field(default="", max_length=500)


class RecordingText(Shape):
    """Which version of the text was agreed to."""

    version: str = Field(min_length=1, max_length=40)


class Switch(Shape):
    on: bool


class Nothing(Shape):
    pass


class Counters(Shape):
    """Own live counters (message `counters`), seconds; `speaking` is measured by the server on the un-muted microphone."""

    member_id: Id
    present_seconds: float
    speaking_seconds: float
    session_seconds: float
    speaking_now: bool


class Speaking(Shape):
    """Volatile message `speaking`: member id → level 0..1 of those audible now."""

    levels: dict[str, float]
