"""The rulebook says every number with its basis, and its hash changes with any of them."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from ledger.exports.words import TERMS
from ledger.rulebook import DEFAULT, RULEBOOKS, Rulebook


def test_every_numeric_parameter_has_title_and_basis_in_both_languages() -> None:
    numbers = [f.name for f in fields(Rulebook) if f.name not in ("version", "point_rules", "notice_version")]
    assert [p.key for p in DEFAULT.parameters()] == numbers
    assert all(p.title_zh and p.title_en and p.basis_zh and p.basis_en for p in DEFAULT.parameters())


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("present_share", "80%", "80%"),
        ("bridge_tolerance", "60 秒", "60 s"),
        ("objection_window_days", "7 天", "7 days"),
        ("record_retention_years", "10 年", "10 years"),
        ("points_floor", "0 分", "0 points"),
    ],
)
def test_values_are_spelled_with_their_unit(key: str, zh: str, en: str) -> None:
    parameter = next(p for p in DEFAULT.parameters() if p.key == key)
    assert (parameter.spelled("zh"), parameter.spelled("en")) == (zh, en)


def test_the_hash_follows_the_content() -> None:
    assert Rulebook().content_hash() == DEFAULT.content_hash()
    changed = [replace(DEFAULT, bridge_tolerance=61), replace(DEFAULT, version="y"), replace(DEFAULT, point_rules=DEFAULT.point_rules[1:])]
    assert len({rulebook.content_hash() for rulebook in [DEFAULT, *changed]}) == 4


def test_old_versions_can_be_found() -> None:
    assert RULEBOOKS[DEFAULT.version] is DEFAULT


def test_the_notice_says_the_numbers_in_force() -> None:
    for locale, parts in (
        ("zh", ("70%", "60 秒", "10 年", "7 天", "2026.1")),
        ("en", ("70%", "60 seconds", "10 years", "7 days", "2026.1")),
    ):
        text = "\n".join(DEFAULT.notice(locale, present_share=0.7))
        assert [part for part in parts if part not in text] == []
        assert len(DEFAULT.notice(locale)) == 4
        assert "{" not in text


def test_the_page_people_read_says_what_the_rulebook_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rulebook.md").read_text(encoding="utf-8")
    lines = [f"| `{p.key}` | {p.spelled('zh')} | {p.title_zh} | {p.basis_zh} |" for p in DEFAULT.parameters()]
    lines += [f"| `{p.key}` | {p.spelled('en')} | {p.title_en} | {p.basis_en} |" for p in DEFAULT.parameters()]
    lines += [f"| {TERMS[rule.form][0]} | {rule.points:g} | {rule.yearly_cap:g} |" for rule in DEFAULT.point_rules]
    assert [line for line in [*lines, f"Version {DEFAULT.version}."] if line not in page] == []
