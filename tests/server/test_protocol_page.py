"""docs/protocol.md says what the code does: every message, event and refusal, with its fields, its right and its rate, and no more."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

import rooms.refusals
import server.live
import server.live.refusals
from media.memory import MemoryPlane
from rooms.events import Happening, camel
from rooms.ids import LeaveReason
from rooms.policy import MAY
from server.answers import explain
from server.live.cluster import SingleNode
from server.live.registry import Registry
from server.live.selftest import SelfTests
from server.rate_limits import LocalRateLimits
from server.signalling.messages import MESSAGES, Message
from server.signalling.switchboard import END_TEST, JOIN, START_TEST, SocketLoudspeaker, Switchboard
from tests.support.live import MemoryBook

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
ALL_MESSAGES: dict[str, Message] = {"join": JOIN, "startTest": START_TEST, "endTest": END_TEST, **MESSAGES}


def tables(heading: str) -> dict[str, list[str]]:
    """The rows of all tables below a heading of the second rank: the name in the first column → all columns."""
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    return {row[0].strip("`"): row for row in rows if row[0].startswith("`")}


def words(text: str) -> list[str]:
    """What stands between single backticks; fenced examples are left out."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


class RecordedServer:
    """Notes which handlers are registered; nothing is ever sent."""

    def __init__(self) -> None:
        self.handlers: set[str] = set()
        self.reason = SimpleNamespace()
        self.eio = SimpleNamespace()

    def on(self, name: str, handler: Any) -> None:
        self.handlers.add(name)


async def _nobody(environ: dict[str, Any]) -> None:
    return None


def test_the_page_lists_the_messages_that_are_handled_and_no_others() -> None:
    sio: Any = RecordedServer()
    book = MemoryBook()
    registry = Registry(book, MemoryPlane(), SocketLoudspeaker(sio), SingleNode(), book.facts.extend)
    tests = SelfTests(MemoryPlane(), LocalRateLimits())
    Switchboard(sio, registry, book, _nobody, explain, notice_version="n1", tests=tests)
    assert set(tables("Messages of a client")) == sio.handlers - {"connect", "disconnect", "*"}


@pytest.mark.parametrize("name", ALL_MESSAGES)
def test_a_message_has_the_fields_the_right_and_the_rate_of_the_page(name: str) -> None:
    message, row = ALL_MESSAGES[name], tables("Messages of a client")[name]
    required = {field.alias: field.is_required() for field in message.shape.model_fields.values()}
    assert {word.rstrip("?"): not word.endswith("?") for word in words(row[1])} == required
    assert row[2] == message.who
    assert row[3] == f"{message.rate:g} / {message.burst:g}"


def test_the_rights_on_the_page_are_those_of_the_rooms_policy() -> None:
    section = PAGE.read_text().split("\n## Messages of a client\n")[1].split("\n### ")[0]
    assert set(re.findall(r"\*\*(\w+)\*\*", section)) == {right.name for right in MAY.values()}
    assert {message.who for message in ALL_MESSAGES.values()} == {right.name for right in MAY.values()}


def test_the_page_lists_every_room_event_with_its_fields() -> None:
    named = {kind.__name__[0].lower() + kind.__name__[1:]: [camel(f.name) for f in fields(kind)] for kind in get_args(Happening)}
    assert {name: words(row[1]) for name, row in tables("Room events").items()} == named


def emitted() -> set[str]:
    """Names of messages in the code of the running rooms: the first argument of each `emit` and `say`."""
    found = set()
    for path in Path(server.live.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("emit", "say"):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_the_page_lists_what_the_server_sends_and_no_more() -> None:
    assert set(tables("Messages of the server")) == emitted()


def test_every_refusal_of_a_room_and_of_the_shell_is_on_the_page() -> None:
    codes = rooms.refusals.CODES | server.live.refusals.CODES
    assert codes - set(words(PAGE.read_text())) == set()


@pytest.mark.parametrize("name", ALL_MESSAGES)
def test_the_refusals_of_a_message_exist(name: str) -> None:
    assert set(words(tables("Messages of a client")[name][4])) <= rooms.refusals.CODES | server.live.refusals.CODES


def test_the_reasons_for_leaving_are_those_of_the_room() -> None:
    """All that the room knows but connectionLost, which reaches no socket, and the door's own."""
    told = set(words(tables("Messages of the server")["left"][2]))
    assert told == set(get_args(LeaveReason)) - {"connectionLost"} | {"refused"}
