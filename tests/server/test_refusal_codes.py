"""No refusal without an answer: every code that stands anywhere in the code has a status and two sentences, and none stands unused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from server.answers import ANSWERS

ROOT = Path(__file__).resolve().parents[2]
#: What turns a code into a refusal when called with it.
TELLERS = frozenset({"Refused", "ShellRefused", "_refusal", "refusal", "explain", "_explain", "refuse", "_refuse"})


def trees() -> Iterator[ast.AST]:
    for package in ("server", "rooms", "ledger"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ast.parse(path.read_text())


def raised() -> set[str]:
    return {code for tree in trees() for node in ast.walk(tree) for code in codes_in(node)}


def codes_in(node: ast.AST) -> list[str]:
    """`code = "…"` in a class (an empty default is none), and calls of a teller with a literal."""
    if isinstance(node, ast.ClassDef):
        return [text for statement in node.body if (text := code_of(statement)) is not None]
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        literals = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        return literals[:1] if called in TELLERS else []
    return []


def code_of(statement: ast.stmt) -> str | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    named = any(isinstance(target, ast.Name) and target.id == "code" for target in targets)
    value = getattr(statement, "value", None)
    return value.value if named and isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value else None


def test_every_code_in_the_code_has_an_answer() -> None:
    assert raised() - set(ANSWERS) == set()


def test_the_search_finds_what_it_is_for() -> None:
    assert {"notFound", "chatTooLong", "tooManyAttempts", "internalError", "originRefused", "meetingEnded"} <= raised()


def test_no_answer_is_for_nothing() -> None:
    files = literals()
    counted = {code: sum(code in words for words in files) for code in ANSWERS}
    assert [code for code, places in counted.items() if places < 2] == []


def literals() -> list[set[str]]:
    """The strings of each file; an answer's code stands in the table and in at least one other file."""
    return [{node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)} for tree in trees()]
