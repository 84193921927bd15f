"""`python -m ledger purge`: what is past its retention; a dry run unless told to apply it."""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..actions import recordings
from ..actions.purging import purge
from ..model import CHINA
from ..ports import Store
from ..retention import DEFAULT
from .opening import with_store

if TYPE_CHECKING:
    from .opening import Subparsers


def register(commands: Subparsers) -> None:
    parser = commands.add_parser("purge", help="remove what is past its retention; without --apply it is only counted")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true", help="count only (what it does anyway)")
    how.add_argument("--apply", action="store_true", help="remove for good")
    parser.add_argument("--recordings", type=Path, default=Path("var/recordings"), help="this node's folder of recordings")
    parser.set_defaults(run=run_purge)


async def run_purge(arguments: argparse.Namespace, url: str) -> int:
    async def act(store: Store) -> int:
        now = time.time()
        for one in await purge(store, now, apply=arguments.apply):
            kind = DEFAULT.of(one.kind)
            before = datetime.fromtimestamp(one.before, CHINA).strftime("%Y-%m-%d")
            print(f"{one.rows:>8}  < {before}  {kind.title_zh} · {kind.title_en}")
        due = await (recordings.purge(store, arguments.recordings, now) if arguments.apply else recordings.past_their_day(store, now))
        print(f"{due:>8}  会议录制 · recordings of meetings")
        print("已清除 · removed" if arguments.apply else "试运行，未清除；加 --apply 执行 · dry run, nothing removed; --apply removes")
        return 0

    return await with_store(url, act)
