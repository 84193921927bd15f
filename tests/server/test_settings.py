"""Settings come from the environment and from nowhere else, with defaults that suit one machine."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = ("PORT", "DATABASE_URL", "REDIS_URL")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PLATFORM:
        monkeypatch.delenv(name, raising=False)


def test_without_an_environment_it_serves_this_machine_only() -> None:
    settings = Settings()
    assert (settings.listen, settings.port, settings.address) == ("127.0.0.1", 8080, "http://localhost:8080")
    assert (settings.database_url, settings.redis_url, settings.secure) == ("sqlite:///var/branchline.db", "", False)


def test_a_platform_gives_the_port_and_the_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "5000", "DATABASE_URL": "postgres://u@db/x", "REDIS_URL": "redis://r:6379/0"}.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.listen, settings.port) == ("0.0.0.0", 5000)
    assert (settings.database_url, settings.redis_url) == ("postgres://u@db/x", "redis://r:6379/0")


def test_behind_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANCHLINE_PUBLIC_URL", "https://branch.example.org/")
    monkeypatch.setenv("BRANCHLINE_NODE_URLS", "https://b.example.org, https://c.example.org:8443")
    settings = Settings()
    assert settings.secure
    assert settings.own_address == settings.address == "https://branch.example.org"
    assert settings.origins == {"branch.example.org", "b.example.org", "c.example.org:8443"}


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("BRANCHLINE_SESSION_DAYS", "0"), ("BRANCHLINE_LOG_FORMAT", "xml")])
def test_nonsense_is_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_nobody_else_in_the_server_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in ("server", "rooms", "media")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    assert readers == {"server/settings.py"}
