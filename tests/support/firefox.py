"""Firefox as the distribution ships it, driven by Playwright over WebDriver BiDi. For the tests only, and only where it is installed.

Playwright's Firefox is a patched one from its own store; members come with the real one. Playwright speaks BiDi to it, but asks for a few
things every new page that an extended-support release does not know yet, and gives up over the first. So this file is also a program of
its own: it stands between the two, passes everything on, and answers what the browser calls an unknown command with "done".

Firefox takes no loopback address for its own side of a media connection, so a story with it needs a server that listens on an address of
this machine too: `MEDIA_HOST`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, WSMsgType, web
from playwright.async_api import Browser, Playwright

MEDIA_HOST = {"BRANCHLINE_MEDIA_HOST": "0.0.0.0"}  # the settings of a server in a story with Firefox
NO_LIMIT = 0
PREFERENCES: dict[str, str | float | bool] = {
    "media.navigator.streams.fake": True,  # a picture that changes its colour, a tone of 440 Hz; both are also the devices' names
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
}


def firefox_path() -> str | None:
    return os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


async def launch_firefox(playwright: Playwright, folder: Path) -> Browser:
    """A browser with its own microphone and camera. `folder`: where the program can be put that stands between."""
    return await playwright.firefox.launch(channel="moz-firefox", executable_path=executable(folder), firefox_user_prefs=PREFERENCES)


def executable(folder: Path) -> Path:
    """This file as a program that Playwright can start."""
    program = folder / "firefox"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).resolve()}" "$@"\n')
    program.chmod(0o755)
    return program


class GoBetween:
    """One browser process and, while Playwright is there, one conversation."""

    def __init__(self, browser: str) -> None:
        self._browser = browser

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        asking = web.WebSocketResponse(max_msg_size=NO_LIMIT)
        await asking.prepare(request)
        async with ClientSession() as http, http.ws_connect(f"{self._browser}/session", max_msg_size=NO_LIMIT) as answering:

            async def there() -> None:
                async for message in asking:
                    if message.type is WSMsgType.TEXT:
                        await answering.send_str(message.data)
                await answering.close()

            async def back() -> None:
                async for message in answering:
                    if message.type is WSMsgType.TEXT:
                        await asking.send_str(bearable(message.data))
                await asking.close()

            await asyncio.gather(there(), back())
        return asking


def bearable(answer: str) -> str:
    """An answer as Playwright can live with it."""
    if '"unknown command"' not in answer:
        return answer
    said: dict[str, Any] = json.loads(answer)
    if said.get("type") != "error" or said.get("error") != "unknown command":
        return answer
    return json.dumps({"type": "success", "id": said["id"], "result": {}})


async def listening(process: asyncio.subprocess.Process) -> str:
    """Where the browser listens; it says so among everything else it says."""
    assert process.stderr is not None
    async for line in process.stderr:
        if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
            return found[1].decode()
    raise SystemExit("Firefox ended before it listened")


async def main() -> int:
    path = firefox_path()
    assert path, "Firefox is missing: apt install firefox-esr"
    process = await asyncio.create_subprocess_exec(path, *sys.argv[1:], stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    app = web.Application()
    app.router.add_get("/session", GoBetween(await listening(process)).serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"WebDriver BiDi listening on ws://127.0.0.1:{runner.addresses[0][1]}", file=sys.stderr, flush=True)
    while await process.stderr.read(65_536):
        pass  # a full pipe would stop the browser
    await runner.cleanup()
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
