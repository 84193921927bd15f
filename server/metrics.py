"""Figures for Prometheus: requests by route, refusals by code, rooms, people, the outbox, and the media worker's counters.

Labels are routes and codes, never ids or names. What others count is read when it is asked for, so that nobody has to report here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
Figures = Callable[[], dict[str, float]]
Json = dict[str, Any]
#: What is counted of the media workers: name in their `stats` → name here. Every datagram that is thrown away has its reason.
MEDIA_COUNTERS = {
    "packetsIn": "packets_in",
    "packetsOut": "packets_out",
    "bytesIn": "bytes_in",
    "bytesOut": "bytes_out",
    "cpuSeconds": "cpu_seconds",
}
MEDIA_GAUGES = {
    "routers": "routers",
    "transports": "transports",
    "producers": "producers",
    "consumers": "consumers",
    "tcpConnections": "tcp_connections",
}


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("branchline_http_requests", "Answered requests", ["method", "route", "status"], registry=self.registry)
        self._seconds = Histogram("branchline_http_seconds", "Time to answer", ["route"], buckets=BUCKETS, registry=self.registry)
        self._media = _Media()
        self._ask_media: Callable[[], Awaitable[Json | None]] | None = None

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def watch(
        self, gauges: Figures, counters: Figures, refused: Callable[[], dict[str, int]], media: Callable[[], Awaitable[Json | None]]
    ) -> None:
        """`media`: the plane's counters, each worker's under "workers" where there are several; None while it does not answer."""
        self.registry.register(_Watched(gauges, counters, refused))
        self._ask_media = media
        self.registry.register(self._media)

    async def text(self) -> bytes:
        if self._ask_media is not None:
            self._media.stats = await self._ask_media()
        return generate_latest(self.registry)


METRICS = web.AppKey("metrics", Metrics)


class _Watched(Collector):
    def __init__(self, gauges: Figures, counters: Figures, refused: Callable[[], dict[str, int]]) -> None:
        self._gauges, self._counters, self._refused = gauges, counters, refused

    def collect(self) -> Iterator[Metric]:
        for name, value in self._gauges().items():
            yield _single(GaugeMetricFamily, name, value)
        for name, value in self._counters().items():
            yield _single(CounterMetricFamily, name, value)
        refused = CounterMetricFamily("branchline_messages_refused", "Refused Socket.IO messages by code", labels=["code"])
        for code, count in self._refused().items():
            refused.add_metric([code], count)
        yield refused

    def describe(self) -> Iterable[Metric]:
        return ()


class _Media(Collector):
    """By worker, so that one that is full shows while the others are idle. A worker that was started again counts from nothing."""

    def __init__(self) -> None:
        self.stats: Json | None = None

    def collect(self) -> Iterator[Metric]:
        workers = [] if self.stats is None else self.stats.get("workers", [self.stats])
        for family, names in ((CounterMetricFamily, MEDIA_COUNTERS), (GaugeMetricFamily, MEDIA_GAUGES)):
            for told, name in names.items():
                metric = family(f"branchline_media_{name}", f"media {name.replace('_', ' ')}", labels=["worker"])
                for worker in workers:
                    if told in worker:
                        metric.add_metric([str(worker.get("number", 0))], worker[told])
                yield metric
        dropped = CounterMetricFamily("branchline_media_dropped", "Packets thrown away by reason", labels=["worker", "reason"])
        for worker in workers:
            for reason, count in worker.get("drops", {}).items():
                dropped.add_metric([str(worker.get("number", 0)), reason], count)
        yield dropped

    def describe(self) -> Iterable[Metric]:
        return ()


def _single(family: type[Any], name: str, value: float) -> Metric:
    metric: Metric = family(f"branchline_{name}", name.replace("_", " "), value=value)
    return metric
