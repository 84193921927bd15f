"""`python -m ledger keys`: which there are and what they seal, a new one, sealing anew, and dropping one that seals nothing any more."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from ..actions.rotation import KeyReport, check_keys, reseal
from ..keyring import KeySource, KeysUnusable, add_key, drop_key, open_sealer
from ..ports import Store
from ..sealing import Sealer
from .keysource import key_source
from .opening import with_store

if TYPE_CHECKING:
    from .opening import Subparsers


def register(commands: Subparsers) -> None:
    parser = commands.add_parser("keys", help="check: open everything sealed; rotate: a new key and everything sealed anew with it")
    parser.add_argument("what", choices=("check", "rotate", "reseal", "drop"))
    parser.add_argument("key", nargs="?", help="id of the key to drop")
    parser.set_defaults(run=run_keys)


async def run_keys(arguments: argparse.Namespace, url: str) -> int:
    source = key_source()
    sealer = open_sealer(source)

    async def act(store: Store) -> int:
        if arguments.what == "check":
            return _print(await check_keys(store, sealer), sealer)
        if arguments.what == "drop":
            return await _drop(store, source, sealer, arguments.key or "")
        if arguments.what == "rotate" and not await _unfinished(store, sealer):
            _add(source)
        return _told(await reseal(store, open_sealer(source), time.time()), open_sealer(source))

    return await with_store(url, act)


async def _unfinished(store: Store, sealer: Sealer) -> bool:
    """A rotation that was broken off is gone on with, not begun anew."""
    return (await check_keys(store, sealer)).stale > 0


def _add(source: KeySource) -> None:
    if source.given:
        raise KeysUnusable(
            "密钥来自环境变量：请把新密钥放在 BRANCHLINE_KEYS 最前面，重启后运行 keys reseal · "
            "the keys come from the environment: put a new one first in BRANCHLINE_KEYS, restart, and run keys reseal"
        )
    add_key(source.file)


def _told(done: int, sealer: Sealer) -> int:
    print(f"已用密钥 {sealer.ring.primary} 重新加密 {done} 项 · {done} values sealed anew with {sealer.ring.primary}")
    return 0


async def _drop(store: Store, source: KeySource, sealer: Sealer, key_id: str) -> int:
    report = await check_keys(store, sealer)
    if report.by_key[key_id]:
        print(
            f"密钥 {key_id} 仍在使用 · {report.by_key[key_id]} values are still sealed with {key_id}: run keys reseal first",
            file=sys.stderr,
        )
        return 1
    if source.given:
        raise KeysUnusable("请从 BRANCHLINE_KEYS 中删除 · take it out of BRANCHLINE_KEYS")
    drop_key(source.file, key_id)
    print(f"已删除密钥 · dropped {key_id}")
    return 0


def _print(report: KeyReport, sealer: Sealer) -> int:
    for key_id in sorted({*sealer.ring.keys, *report.by_key}):
        mark = "当前 · in use" if key_id == sealer.ring.primary else "缺失 · missing" if key_id in report.missing else "旧 · older"
        print(f"{key_id:<12} {report.by_key[key_id]:>8}  {mark}")
    for subject in report.broken:
        print(f"无法打开 · does not open: {subject}")
    print(f"{sum(report.by_key.values())} sealed, {report.stale} not under the key in use, {len(report.broken)} broken")
    return 1 if report.missing or report.broken else 0
