"""`python -m bench NAME [options] [--json]` measures one thing, `python -m bench all` everything; each figure beside its limit or peer."""

from __future__ import annotations

import importlib
import sys
from typing import Final

from bench import table

#: Each is a module with `main(arguments) -> exit code`, imported when it is asked for: the ledger's figures need no browser.
NAMES: Final = (
    "forwarding",
    "capacity",
    "busy",
    "crowd",
    "lecture",
    "join",
    "badpath",
    "revive",
    "memory",
    "speech",
    "fuzz",
    "ledger",
    "scale",
    "recording",
)


def main(arguments: list[str]) -> int:
    name, *options = arguments or ["--help"]
    if name == "all":
        return table.main(options)
    if name not in NAMES:
        print(f"usage: python -m bench {{all,{','.join(NAMES)}}} [--json] [options]", file=sys.stderr)
        return 2
    result: int = importlib.import_module(f"bench.{name}").main(options)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
