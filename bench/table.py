"""Every figure with its limit and aim, one benchmark after the other in a process of its own, as a table.

`python -m bench all [NAME …]`: all, or only those. A row says what was asked for and what was seen. The exit code is 1 only where a
benchmark could not run: figures of a shared machine are to be read, not to be enforced.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

Json = dict[str, Any]


class Row(NamedTuple):
    """One figure of a run. `at_most`: the limit is an upper one."""

    what: str
    read: Callable[[Json], float | None]
    limit: float
    aim: float
    unit: str
    at_most: bool = True


class Run(NamedTuple):
    name: str
    options: tuple[str, ...]
    rows: tuple[Row, ...]


def _key(*path: str) -> Callable[[Json], float | None]:
    def read(result: Json) -> float | None:
        found: Any = result
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return float(found) if isinstance(found, int | float) else None

    return read


def _over_limit(result: Json) -> float:
    return round(float(result["us_per_packet_out"] / result["limit_us"]), 2)


RUNS: Final[tuple[Run, ...]] = (
    Run("forwarding", ("--consumers", "40", "--rate", "450"), (
        Row("worker CPU per packet sent, 40 consumers, 450 packets/s in", _key("us_per_packet_out"), 8.0, 5.0, "µs"),
        Row("… Janus ÷ ours in the same run", _key("janus_ratio"), 4.0, 6.0, "×", False),
        Row("… ours ÷ the bare loop", _over_limit, 2.0, 1.3, "×"),
        Row("… delivered", _key("delivered"), 1.0, 1.0, "", False),
        Row("… latency p99", _key("latency_p99_ms"), 5.0, 2.0, "ms"),
    )),
    Run("forwarding", ("--consumers", "40", "--rate", "450", "--python", "--no-janus"), (
        Row("… the same without the compiled twin", _key("us_per_packet_out"), 8.0, 5.0, "µs"),
        Row("… its latency p99", _key("latency_p99_ms"), 5.0, 2.0, "ms"),
    )),
    Run("forwarding", ("--consumers", "5", "--rate", "140"), (
        Row("worker CPU per packet sent, 5 consumers, 140 packets/s in", _key("us_per_packet_out"), 20.0, 12.0, "µs"),
        Row("… Janus ÷ ours in the same run", _key("janus_ratio"), 1.0, 4.0, "×", False),
    )),
    Run("forwarding", ("--consumers", "20", "--rate", "450"), (
        Row("worker CPU per packet sent, 20 consumers, 450 packets/s in", _key("us_per_packet_out"), 12.0, 5.0, "µs"),
    )),
    Run("capacity", (), (
        Row("highest rate of which one worker delivers 99.9 %", _key("packets_out_per_second"), 60_000, 120_000, "/s", False),
    )),
    Run("busy", (), (
        Row("latency p99 at 18,000/s while the web process exports", _key("latency_p99_ms"), 5.0, 2.0, "ms"),
        Row("… the same while it is idle", _key("idle_p99_ms"), 5.0, 2.0, "ms"),
    )),
    Run("crowd", (), (
        Row("40 people, three layers, 9 tiles: cores", _key("cores"), 0.5, 0.25, "cores"),
        Row("… packets lost", _key("lost"), 0.0, 0.0, ""),
    )),
    Run("lecture", (), (
        Row("1,000 listeners over two workers: delivered", _key("delivered"), 0.999, 0.999, "", False),
        Row("… cores", _key("cores"), 1.2, 0.8, "cores"),
    )),
    Run("join", (), (
        Row("click to the first decoded picture, p95", _key("p95_s"), 1.0, 0.6, "s"),
    )),
    Run("badpath", (), (
        Row("5 % loss, 100 ms: share of time frozen", _key("loss", "frozen_percent"), 2.0, 0.5, "%"),
        Row("… voice concealed", _key("loss", "concealed_percent"), 1.0, 1.0, "%"),
        Row("downlink cut to 300 kb/s: lowest layer after", _key("cut", "lowest_layer_after_s"), 3.0, 3.0, "s"),
        Row("… frozen afterwards", _key("cut", "frozen_after_lowest_s"), 1.0, 1.0, "s"),
        Row("… voice concealed afterwards", _key("cut", "concealed_after_lowest_percent"), 1.0, 1.0, "%"),
        Row("change of address: media back", _key("address", "media_back_s"), 2.0, 0.5, "s"),
        Row("… intervals of presence", _key("address", "connections"), 1.0, 1.0, ""),
    )),
    Run("revive", (), (
        Row("worker killed: everybody seen again in every page, p50", _key("p50_s"), 5.0, 2.0, "s"),
        Row("… the worst page of the worst death", _key("worst_s"), 5.0, 2.0, "s"),
        Row("… wrong lines of the attendance sheet", _key("wrong_lines"), 0.0, 0.0, ""),
    )),
    Run("memory", (), (
        Row("memory of an idle peer", _key("idle_peer_mb"), 0.5, 0.5, "MB"),
        Row("memory of a publishing peer", _key("publishing_peer_mb"), 2.0, 2.0, "MB"),
    )),
    Run("speech", (), (
        Row("speaking time, worst story", _key("worst_percent"), 3.0, 1.0, "%"),
    )),
    Run("fuzz", (), (
        Row("hostile datagrams that raised an exception, of a million", _key("exceptions"), 0.0, 0.0, ""),
        Row("… honest packets missed", _key("honest_missed"), 0.0, 0.0, ""),
    )),
    Run("recording", (), (
        Row("CPU for each recorded packet", _key("us_per_packet_recorded"), 20.0, 10.0, "µs"),
    )),
    Run("ledger", (), (
        Row("roster of 10,000 rows", _key("sqlite_import_seconds"), 20.0, 5.0, "s"),
        Row("facts appended", _key("sqlite_facts_per_second"), 2000, 10_000, "/s", False),
    )),
    Run("scale", (), (
        Row("10,000 members: lists p95, 20 people at once", _key("all_pages_p95_ms"), 200.0, 100.0, "ms"),
        Row("… the slowest list p95", _key("worst_page_p95_ms"), 200.0, 100.0, "ms"),
        Row("… a member's file p95", _key("file_p95_ms"), 100.0, 50.0, "ms"),
        Row("… dashboard of the top", _key("dashboard_top_ms"), 1000.0, 500.0, "ms"),
        Row("… nightly evaluation of all clocks", _key("night_seconds"), 60.0, 20.0, "s"),
    )),
)  # fmt: skip


def outcome(row: Row, value: float | None) -> str:
    """aim, limit or missed."""
    if value is None:
        return "missed"
    good, fair = (value <= row.aim, value <= row.limit) if row.at_most else (value >= row.aim, value >= row.limit)
    return "aim" if good else "limit" if fair else "missed"


def lines(run: Run, result: Json) -> list[str]:
    found = []
    for row in run.rows:
        value = row.read(result)
        bound = "≤" if row.at_most else "≥"
        seen = "–" if value is None else f"{value:g}"
        found.append(f"{row.what:58} {seen:>9} {row.unit:5} {bound} {row.limit:g} (aim {row.aim:g})   {outcome(row, value)}")
    return found or [f"{run.name:58} {json.dumps(result)}"]


def main(arguments: Sequence[str]) -> int:
    failed = 0
    for run in RUNS:
        if arguments and run.name not in arguments:
            continue
        command = [sys.executable, "-m", "bench", run.name, *run.options, "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            failed += 1
            print(f"{run.name}: could not run", flush=True)
            continue
        print("\n".join(lines(run, json.loads(done.stdout.splitlines()[-1]))), flush=True)
    return 1 if failed else 0
