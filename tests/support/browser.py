"""Real Chromium for the tests: one browser per voice (the fake microphone's file belongs to the process), a fresh profile each."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--auto-select-desktop-capture-source=Entire screen",
]


def chromium_path() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "Chromium is missing: apt install chromium"
    return path


async def launch(playwright: Playwright, voice: Path | None = None, *, extra: tuple[str, ...] = ()) -> Browser:
    """A browser whose microphone says `voice` once, from the moment the page opens it; without a file Chromium beeps."""
    flags = [*FLAGS, *extra]
    if voice is not None:
        flags.append(f"--use-file-for-fake-audio-capture={voice}%noloop")
    return await playwright.chromium.launch(executable_path=chromium_path(), args=flags)


@asynccontextmanager
async def browsers() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright
