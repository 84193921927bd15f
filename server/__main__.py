"""`python -m server`: read the settings, run one node, say where it is, stop cleanly on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

import structlog
import uvloop
from pydantic import ValidationError

from ledger.keyring import KeysUnusable
from ledger.refusals import StoreUnavailable
from media.plane import PlaneError
from server.app import Node, serve
from server.log import configure
from server.settings import VERSION, Settings

log = structlog.get_logger(__name__)


#: How long a thread that computes keeps the interpreter from one that wants it. SQLite's threads want it back for every row: with the usual
#: five milliseconds a page of fifty rows waits for a quarter of a second while another page is being written.
SWITCH_SECONDS = 0.0005


async def run(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    node = Node(settings)
    _ = node.house.sealer  # unusable keys are told now, not at the first member's file
    async with node.running():
        runner = await serve(node, settings.listen, settings.port)
        try:
            settle()
            announce(node, runner.addresses[0][1])
            log.info("server_started", version=VERSION, port=runner.addresses[0][1], workers=len(node.plane.seats))
            await stop.wait()
            log.info("server_stopping", rooms=len(node.registry.rooms))
        finally:
            await runner.cleanup()
    log.info("server_stopped")


def settle() -> None:
    """What the start has built is there to stay. The collector looks through everything each time it looks for old garbage, and holds up
    whoever is being answered for a quarter of a second; from here on it looks at what came later."""
    gc.collect()
    gc.freeze()


def announce(node: Node, port: int) -> None:
    address = node.settings.public_url or f"http://localhost:{port}"
    print(f"\n支部连线 Branchline: {address}", flush=True)
    if node.house.demo:
        print("演示账号 · demo accounts:")
        for one in node.house.demo:
            print(f"  {one['username']:<10} {one['password']:<16} {one['roleZh']} · {one['roleEn']}")
    print("按 Ctrl-C 停止 · stop with Ctrl-C\n", flush=True)


def main() -> int:
    try:
        settings = Settings()
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            print(f"设置有误 · setting {'.'.join(map(str, error['loc']))}: {error['msg']}", file=sys.stderr)
        return 2
    configure(settings.log_level, settings.log_lines)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        uvloop.run(run(settings))
    except KeysUnusable as unusable:
        print(f"密钥不可用 · the keys cannot be used: {unusable}", file=sys.stderr)
        return 1
    except OSError as trouble:
        print(f"无法启动 · cannot start: {trouble}", file=sys.stderr)
        return 1
    except StoreUnavailable as away:
        reason = str(away.__cause__).splitlines()[0]
        print(f"无法使用数据库 · the database cannot be used: {reason}", file=sys.stderr)
        print("尚未建表时请先运行 · if it has no tables yet, first run: python -m ledger migrate", file=sys.stderr)
        return 1
    except PlaneError as trouble:
        print(f"媒体服务未能启动 · the media worker did not start: {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
