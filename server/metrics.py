"""Figures for Prometheus: requests by route, refusals by code, rooms, people, the outbox, and the media worker's counters.

Labels are routes and codes, never ids or names. What others count is read when it is asked for, so that nobody has to report here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LATE = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
Figures = Callable[[], dict[str, float]]
Json = dict[str, Any]
#: name → (its labels, their values → how many)
Views = Callable[[], dict[str, tuple[tuple[str, ...], Mapping[Any, float]]]]
#: What is counted of the media workers: name in their `stats` → name here. Every datagram that is thrown away has its reason.
MEDIA_COUNTERS = {
    "packetsIn": "packets_in",
    "packetsThrough": "packets_through",
    "packetsOut": "packets_out",
    "bytesIn": "bytes_in",
    "bytesOut": "bytes_out",
    "cpuSeconds": "cpu_seconds",
}
#: Counted by kind, under one name in `stats`: name there → (name here, label).
MEDIA_COUNTED = {"drops": ("dropped", "reason"), "repairs": ("repairs", "what"), "late": ("ticks_late", "seconds")}
MEDIA_STANDING = {"layers": ("pictures", "layer"), "estimates": ("estimates", "upto")}
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
        self._late = Histogram("branchline_loop_late_seconds", "How late the web process wakes", buckets=LATE, registry=self.registry)
        self._media = _Media()
        self._ask_media: Callable[[], Awaitable[Json | None]] | None = None

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def late(self, seconds: float) -> None:
        """A turn of the event loop came so much later than it was asked for."""
        self._late.observe(seconds)

    def watch(
        self,
        gauges: Figures,
        counters: Figures,
        refused: Callable[[], dict[str, int]],
        media: Callable[[], Awaitable[Json | None]],
        views: Views = dict,
    ) -> None:
        """`media`: the plane's counters, each worker's under "workers" where there are several; None while it does not answer.
        `views`: gauges with labels."""
        self.registry.register(_Watched(gauges, counters, refused, views))
        self._ask_media = media
        self.registry.register(self._media)

    async def text(self) -> bytes:
        if self._ask_media is not None:
            self._media.stats = await self._ask_media()
        return generate_latest(self.registry)


METRICS = web.AppKey("metrics", Metrics)


class _Watched(Collector):
    def __init__(self, gauges: Figures, counters: Figures, refused: Callable[[], dict[str, int]], views: Views) -> None:
        self._gauges, self._counters, self._refused, self._views = gauges, counters, refused, views

    def collect(self) -> Iterator[Metric]:
        for name, value in self._gauges().items():
            yield _single(GaugeMetricFamily, name, value)
        for name, value in self._counters().items():
            yield _single(CounterMetricFamily, name, value)
        refused = CounterMetricFamily("branchline_messages_refused", "Refused Socket.IO messages by code", labels=["code"])
        for code, count in self._refused().items():
            refused.add_metric([code], count)
        yield refused
        for name, (labels, values) in self._views().items():
            gauge = GaugeMetricFamily(f"branchline_{name}", name.replace("_", " "), labels=labels)
            for label, value in values.items():
                gauge.add_metric(list(label), value)
            yield gauge

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
        for kinds, kind_names in ((CounterMetricFamily, MEDIA_COUNTED), (GaugeMetricFamily, MEDIA_STANDING)):
            for told, (name, label) in kind_names.items():
                metric = kinds(f"branchline_media_{name}", f"media {name.replace('_', ' ')} by {label}", labels=["worker", label])
                for worker in workers:
                    for kind, count in worker.get(told, {}).items():
                        metric.add_metric([str(worker.get("number", 0)), kind], count)
                yield metric

    def describe(self) -> Iterable[Metric]:
        return ()


def _single(family: type[Any], name: str, value: float) -> Metric:
    metric: Metric = family(f"branchline_{name}", name.replace("_", " "), value=value)
    return metric
