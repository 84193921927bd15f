"""The media plane in the caller's own process: the same core behind the same door, for tests and for trying things out.

It decides nothing. A worker process is what a server uses (`media.channel`), so that no report and no garbage collection touches a packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from media.engine import Engine
from media.plane import Direction, Kind, Report
from media.router import Routers

Json = dict[str, Any]


class LocalPlane:
    """MediaPlane; `start` and `stop` around it."""

    def __init__(self, on_report: Report, *, listen_ip: str = "127.0.0.1", port: int = 0, announced: Sequence[str] = ()) -> None:
        self._on_report = on_report
        self._listen = (listen_ip, port, announced)
        self._engine: Engine | None = None

    async def start(self) -> None:
        ip, port, announced = self._listen
        self._engine = Engine(self._on_report, listen_ip=ip, port=port, announced=announced)

    async def stop(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("not started")
        return self._engine

    @property
    def _routers(self) -> Routers:
        return self.engine.routers

    async def open_router(self, router_id: str) -> Json:
        return self.engine.call(self._routers.open_router, router_id)

    async def create_transport(self, router_id: str, transport_id: str, direction: Direction, options: Json | None = None) -> Json:
        return self.engine.call(self._routers.create_transport, router_id, transport_id, direction, options)

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        return self.engine.call(self._routers.connect_transport, transport_id, dtls_parameters)

    async def restart_ice(self, transport_id: str) -> Json:
        return self.engine.call(self._routers.restart_ice, transport_id)

    async def produce(self, transport_id: str, producer_id: str, kind: Kind, rtp_parameters: Json, paused: bool = False) -> Json:
        return self.engine.call(self._routers.produce, transport_id, producer_id, kind, rtp_parameters, paused)

    async def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        return self.engine.call(self._routers.consume, transport_id, consumer_id, producer_id, rtp_capabilities, paused)

    async def update(self, id: str, changes: Json) -> Json:
        return self.engine.call(self._routers.update, id, changes)

    async def close(self, id: str) -> Json:
        return self.engine.call(self._routers.close, id)

    async def stats(self, id: str | None = None) -> Json:
        return self.engine.call(self._routers.stats, id)
