"""`python -m ledger audit verify` reads the log of access and every chain of facts; `audit anchor` writes the log's head down."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..actions.auditing import Audit, anchor, audit
from ..anchors import AnchorsUnreadable, add_anchor, read_anchors
from ..model import CHINA
from ..ports import Store
from .opening import with_store

if TYPE_CHECKING:
    from .opening import Subparsers


def register(commands: Subparsers) -> None:
    parser = commands.add_parser("audit", help="verify: read all chains; anchor: write the head of the log of access down")
    parser.add_argument("what", choices=("verify", "anchor"))
    parser.add_argument("--anchors", metavar="FILE", help="file of anchors (default: anchors.jsonl in BRANCHLINE_VAR)")
    parser.set_defaults(run=run_audit)


async def run_audit(arguments: argparse.Namespace, url: str) -> int:
    path = Path(arguments.anchors or Path(os.environ.get("BRANCHLINE_VAR") or "var") / "anchors.jsonl")

    async def write(store: Store) -> int:
        made = await anchor(store, time.time())
        add_anchor(path, made)
        print(f"{path}: #{made.line} {made.hash}")
        return 0

    async def verify(store: Store) -> int:
        try:
            anchors = read_anchors(path) if arguments.anchors or path.exists() else []
        except AnchorsUnreadable as unreadable:
            print(unreadable, file=sys.stderr)
            return 1
        found = await audit(store, anchors)
        _print(found, len(anchors))
        return 0 if found.whole else 1

    return await with_store(url, write if arguments.what == "anchor" else verify)


def _print(found: Audit, anchors: int) -> None:
    log = found.log
    if log.broken is not None:
        print(f"访问日志断裂 · log of access broken: #{log.broken}")
    for one in log.anchors:
        when = datetime.fromtimestamp(one.at, CHINA).strftime("%Y-%m-%d %H:%M")
        print(f"锚点不符 · anchor does not fit: #{one.line} ({when})")
    for batch in log.histories:
        print(f"档案历史被改动 · a file's history was changed: {batch}")
    for broken in found.broken:
        print(f"链条断裂 · chain broken: {broken.stream} #{broken.number}")
    print(f"access log: {log.lines} lines to #{log.head[0]}, {anchors} anchors, {'whole' if log.broken is None else 'broken'}")
    print(f"{found.streams} streams, {found.facts} facts, {len(found.broken)} broken")
