"""The rulebook of mobile members says every number with its basis, and every sentence put before people exists in both languages."""

import string
from dataclasses import fields, replace
from pathlib import Path

import pytest

from ledger.mobilityrules import DEFAULT, MOBILITY_RULES, MobilityRules
from ledger.rules.declined import SENTENCES, declined

LEDGER = Path(__file__).parents[2] / "ledger"


def test_every_number_has_title_and_basis_in_both_languages() -> None:
    numbers = [f.name for f in fields(MobilityRules) if f.name not in ("version", "consent_version")]
    assert [clause.key for clause in DEFAULT.clauses()] == numbers
    assert all(c.title_zh and c.title_en and c.basis("zh") and c.basis("en") for c in DEFAULT.clauses())


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("contact_months", "3 个月", "3 months"),
        ("letter_valid_days", "90 天", "90 days"),
        ("branch_full_at", "50 人", "50 members"),
        ("remote_life_interrupts", "否", "no"),
    ],
)
def test_values_are_spelled_with_their_unit(key: str, zh: str, en: str) -> None:
    clause = DEFAULT.clause(key)
    assert (clause.spelled("zh"), clause.spelled("en")) == (zh, en)


def test_periods_divide_the_year() -> None:
    periods = [c.value for c in DEFAULT.clauses() if c.key.endswith(("contact_months", "abroad_months", "report_months", "check_months"))]
    assert periods == [3, 6, 12, 12]
    assert all(12 % months == 0 for months in periods)


def test_the_hash_follows_the_content_and_old_versions_are_found() -> None:
    changed = [replace(DEFAULT, report_in_days=31), replace(DEFAULT, version="y")]
    assert len({rules.content_hash() for rules in [DEFAULT, MobilityRules(), *changed]}) == 3
    assert MOBILITY_RULES[DEFAULT.version] is DEFAULT


def test_every_reason_to_decline_has_a_sentence_and_every_sentence_is_used() -> None:
    texts = [path.read_text() for path in sorted(LEDGER.rglob("*.py")) if path.name != "declined.py"]
    used = {code for text in texts for code in SENTENCES if f'declined("{code}"' in text}
    assert used == set(SENTENCES)


@pytest.mark.parametrize("code", list(SENTENCES))
def test_a_sentence_takes_the_same_parameters_in_both_languages(code: str) -> None:
    family, zh, en = SENTENCES[code]
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
    assert names[0] == names[1]
    assert (zh[-1], en[-1], declined(code).family) == ("。", ".", family)
