"""Hostile datagrams by the million, from a seed: none may raise an exception in the packet plane, none may be noticed by honest people.

`python -m bench fuzz [--datagrams 1000000] [--seed 1] [--json]`. What is thrown is described in `tests/support/fuzzing.py`. Limit: no
exception, no answer to a stranger that is larger than its cause, every honest packet heard.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Final

from tests.support.fuzzing import Fuzz

PART: Final = 50_000  # then a fresh meeting with the next seed


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench fuzz", description=__doc__)
    parser.add_argument("--datagrams", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    begun = time.perf_counter()
    thrown = amplified = missed = 0
    bugs: dict[str, int] = {}
    reasons: set[str] = set()
    seed = options.seed
    while thrown < options.datagrams:
        outcome = Fuzz(seed).run(min(PART, options.datagrams - thrown))
        thrown += outcome.thrown
        amplified += outcome.amplified
        missed += outcome.honest_sent - outcome.honest_heard
        bugs = {name: bugs.get(name, 0) + outcome.bugs.get(name, 0) for name in bugs.keys() | outcome.bugs.keys()}
        reasons |= set(outcome.drops)
        seed += 1
    result = {
        "datagrams": thrown,
        "exceptions": sum(bugs.values()),
        "exceptions_by_kind": bugs,
        "amplified": amplified,
        "honest_missed": missed,
        "drop_reasons": len(reasons),
        "seconds": round(time.perf_counter() - begun, 1),
    }
    if not options.json:
        print("fuzz: hostile datagrams, and what came of them")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0 if not (bugs or amplified or missed) else 1
