"""Every refusal of the house has one sentence in each language and one status."""

from __future__ import annotations

import ledger.refusals as ledger
import rooms.refusals as rooms
from server.answers import ANSWERS, explain
from server.live import refusals as shell


def subclasses(of: type[ledger.Refusal]) -> set[type[ledger.Refusal]]:
    found = {of}
    for cls in of.__subclasses__():
        found |= subclasses(cls)
    return found


def test_every_code_has_a_sentence() -> None:
    codes = {cls.code for cls in subclasses(ledger.Refusal)} | rooms.CODES | shell.CODES | {ledger.StoreUnavailable.code}
    assert codes - set(ANSWERS) == set()


def test_sentences_end_and_differ_by_language() -> None:
    for code, (status, zh, en) in ANSWERS.items():
        assert 400 <= status < 600, code
        assert zh.endswith(("。", "）")), code
        assert en.endswith((".", ")")), code


def test_parameters_fill_the_sentence_and_a_missing_one_is_a_dash() -> None:
    assert explain("chatTooLong", {"limit": 2000})["message"]["en"] == "The message is too long: 2000 characters at most."
    assert "–" in explain("chatTooLong", {})["message"]["zh"]
