"""What an estimate does on a path whose limit is known: finds it, falls with it in time, comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.arrivals import ArrivalLog
from media.bandwidth import LOWEST, Estimate, GccEstimate
from media.probing import Probe
from media.rtcp import TransportFeedback
from media.transportcc import Acknowledged, SendLog
from tests.support.netem import Path

STEP = 0.005
PACKET = 1200


@dataclass
class Sender:
    """Sends what the estimate allows, up to what it wants, over a path; feedback comes back over another every 100 ms."""

    estimate: Estimate
    wanted: float = 2_500_000.0
    there: Path[int] = field(default_factory=lambda: Path(seed=11, delay=0.025, rate=3_000_000))
    back: Path[TransportFeedback] = field(default_factory=lambda: Path(seed=12, delay=0.025))
    log: SendLog = field(default_factory=SendLog)
    arrivals: ArrivalLog = field(default_factory=ArrivalLog)
    now: float = 0.0
    bits: float = 0.0
    history: list[tuple[float, int]] = field(default_factory=list)
    probe: Probe | None = None
    probe_bits: float = 0.0
    probe_left: int = 0
    packets: int = 0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self._step()

    def _step(self) -> None:
        self.now = round(self.now + STEP, 6)
        self._send_media()
        self._send_probe()
        for at, number in self.there.arrived(self.now):
            self.arrivals.seen(number, at)
        for at, told in self.back.arrived(self.now):
            self.estimate.acknowledged(self.log.acknowledge(told, at), at)
        if round(self.now / STEP) % 20 == 0:
            told_now = self.arrivals.feedback(1, 2)
            if told_now is not None:
                self.back.send(told_now, 100, self.now)
            self.estimate.tick(self.packets, self.now)
            self.packets = 0
            self.history.append((self.now, self.estimate.bitrate))

    def _send_media(self) -> None:
        self.bits += min(self.estimate.bitrate, self.wanted) * STEP
        while self.bits >= PACKET * 8:
            self.bits -= PACKET * 8
            self._packet()

    def _send_probe(self) -> None:
        if self.probe is None:
            self.probe = self.estimate.probe(self.wanted, self.now)
            self.probe_left = self.probe.size if self.probe else 0
        if self.probe is None:
            return
        self.log.cluster = self.probe.cluster
        self.probe_bits += self.probe.rate * STEP
        while self.probe_left > 0 and self.probe_bits >= self.probe.packet_size * 8:
            self.probe_bits -= self.probe.packet_size * 8
            self.probe_left -= self.probe.packet_size
            self._packet(self.probe.packet_size)
        self.log.cluster = 0
        if self.probe_left <= 0:
            self.probe = None

    def _packet(self, size: int = PACKET) -> None:
        self.packets += 1
        self.there.send(self.log.sent(size, self.now), size, self.now)

    def between(self, start: float, end: float) -> list[int]:
        return [bitrate for at, bitrate in self.history if start < at <= end]


def test_a_free_path_is_found_within_seconds() -> None:
    sender = Sender(GccEstimate())
    sender.run(3.0)
    assert sender.estimate.bitrate > 1_500_000


def test_a_cut_to_300_kbit_is_followed_within_three_seconds_and_undone_after_it_ends() -> None:
    sender = Sender(GccEstimate())
    sender.run(20.0)
    assert min(sender.between(15.0, 20.0)) > 2_500_000
    sender.there.rate = 300_000
    sender.run(20.0)
    assert max(sender.between(23.0, 40.0)) < 400_000
    assert next(at for at, bitrate in sender.history if at > 20.0 and bitrate < 300_000) < 23.0
    assert min(sender.between(21.0, 40.0)) > 150_000
    sender.there.rate = 3_000_000
    sender.run(20.0)
    assert min(sender.between(55.0, 60.0)) > 2_500_000


def test_the_queue_before_a_narrow_place_stays_short() -> None:
    """Not only no loss: from three seconds after the cut on, packets wait less than 150 ms on average."""
    sender = Sender(GccEstimate(), there=Path(seed=5, delay=0.025, rate=500_000, queue=2.0))
    sender.run(30.0)
    waits = []
    for _ in range(2000):
        sender.run(STEP)
        waits.append(max(0.0, sender.there._free_at - sender.now))
    assert sum(waits) / len(waits) < 0.15
    assert sum(sender.between(30.0, 40.0)) / len(sender.between(30.0, 40.0)) > 300_000


@pytest.mark.parametrize(
    ("story", "there", "at_least", "at_most"),
    [
        ("2 % random loss is no reason to slow down", Path[int](seed=2, delay=0.025, rate=3_000_000, loss=0.015), 2_000_000, 6_000_000),
        ("20 % random loss is", Path[int](seed=2, delay=0.025, rate=3_000_000, loss=0.2), LOWEST, 400_000),
        ("10 ms of jitter is not congestion", Path[int](seed=4, delay=0.025, jitter=0.01, rate=3_000_000), 1_500_000, 6_000_000),
        ("a long path", Path[int](seed=6, delay=0.3, rate=3_000_000), 1_500_000, 6_000_000),
    ],
)
def test_paths(story: str, there: Path[int], at_least: int, at_most: int) -> None:
    sender = Sender(GccEstimate(), there=there)
    sender.run(30.0)
    mean = sum(sender.between(20.0, 30.0)) / len(sender.between(20.0, 30.0))
    assert at_least <= mean <= at_most


class Growing:
    """A detector that always says that a queue grows."""

    verdict = "overuse"

    def arrived(self, sent: float, arrived: float) -> None: ...


@pytest.mark.parametrize(
    ("story", "stretch", "least", "most"),
    [
        ("it comes as it was sent: by a step, whatever little that is", 1.0, 800_000, 850_000),
        ("it comes slower than it was sent: to what gets through", 1.5, LOWEST, 60_000),
    ],
)
def test_what_little_is_sent_says_nothing_of_what_is_carried(story: str, stretch: float, least: int, most: int) -> None:
    """64 kb/s over an estimate of a megabit, and the delay seems to grow: one decision."""
    estimate = GccEstimate(start=1_000_000)
    estimate.trendline = Growing()  # type: ignore[assignment]
    arrivals = [(n * 0.02, 5.0 + n * 0.02 * stretch, 160, 0) for n in range(20)]
    estimate.acknowledged(Acknowledged(arrivals, 0, 0, 0.1), 1.0)
    assert least <= estimate.bitrate <= most


def test_without_a_wish_for_more_nothing_is_probed() -> None:
    sender = Sender(GccEstimate(), wanted=100_000)
    sender.run(10.0)
    assert sender.estimate.probe(100_000, sender.now) is None
    assert sender.log.bytes * 8 < 1_100_000


def test_a_path_that_falls_silent_is_trusted_less_and_less() -> None:
    sender = Sender(GccEstimate())
    sender.run(10.0)
    before = sender.estimate.bitrate
    sender.back.loss = 1.0
    sender.run(5.0)
    assert sender.estimate.bitrate < before / 2


def test_a_receivers_lower_word_counts_also_beside_transport_feedback() -> None:
    estimate = GccEstimate(start=2_000_000)
    estimate.remb(700_000, 1.0)
    assert estimate.bitrate == 700_000


arrival = st.tuples(st.floats(0, 100), st.floats(-100, 100), st.integers(1, 1500), st.integers(0, 2))
step = st.one_of(
    st.tuples(st.just("told"), st.builds(Acknowledged, st.lists(arrival, max_size=30), st.integers(0, 50), st.just(0), st.floats(0, 10))),
    st.tuples(st.just("remb"), st.integers(0, 2**62)),
    st.tuples(st.just("reported"), st.floats(0, 1)),
    st.tuples(st.just("probe"), st.floats(0, 1e9)),
    st.tuples(st.just("tick"), st.integers(0, 1000)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(step, st.floats(0, 2)), max_size=60))
def test_no_feedback_breaks_an_estimate(steps: list[tuple[tuple[str, Any], float]]) -> None:
    estimates: list[Estimate] = [GccEstimate()]
    now = 0.0
    for (name, value), passed in steps:
        now += passed
        for estimate in estimates:
            if name == "told":
                estimate.acknowledged(value, now)
            elif name == "remb":
                estimate.remb(value, now)
            elif name == "reported":
                estimate.reported(value, None, now)
            elif name == "probe":
                asked = estimate.probe(value, now)
                assert asked is None or 0 < asked.packet_size <= 1200 <= asked.size
            else:
                estimate.tick(value, now)
            assert LOWEST <= estimate.bitrate <= 12_000_000
