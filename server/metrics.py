"""Figures for Prometheus: requests by route, refusals by code, rooms, people, the outbox, and the media worker's counters.

Labels are routes and codes, never ids or names. What others count is read when it is asked for, so that nobody has to report here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
Figures = Callable[[], dict[str, float]]


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("branchline_http_requests", "Answered requests", ["method", "route", "status"], registry=self.registry)
        self._seconds = Histogram("branchline_http_seconds", "Time to answer", ["route"], buckets=BUCKETS, registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def watch(self, gauges: Figures, counters: Figures, refused: Callable[[], dict[str, int]]) -> None:
        self.registry.register(_Watched(gauges, counters, refused))

    def text(self) -> bytes:
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


def _single(family: type[Any], name: str, value: float) -> Metric:
    metric: Metric = family(f"branchline_{name}", name.replace("_", " "), value=value)
    return metric
