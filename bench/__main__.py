"""`python -m bench NAME [options] [--json]` measures one thing, `python -m bench all` everything; each figure beside its limit or peer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from bench import badpath, busy, capacity, crowd, forwarding, ledger, memory, speech

BENCHES: Final[dict[str, Callable[[list[str]], int]]] = {
    "forwarding": forwarding.main,
    "busy": busy.main,
    "capacity": capacity.main,
    "crowd": crowd.main,
    "memory": memory.main,
    "badpath": badpath.main,
    "speech": speech.main,
    "ledger": ledger.main,
}


def main(arguments: list[str]) -> int:
    name, *options = arguments or ["--help"]
    if name == "all":
        return max([bench(options) for bench in BENCHES.values()])
    if name not in BENCHES:
        print(f"usage: python -m bench {{all,{','.join(BENCHES)}}} [--json] [options]", file=sys.stderr)
        return 2
    return BENCHES[name](options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
