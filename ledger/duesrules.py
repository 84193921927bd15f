"""The rulebook of dues: rates, and the days of reminders, each with its basis, as one value with a version. It decides nothing.

Rates are those of the central rules as branches apply them; what a member pays is entered by the branch, and these only help to reckon it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from .dues import DuesGroup

YUAN = 100  # fen


@dataclass(frozen=True, slots=True)
class Bracket:
    """Up to and including this monthly base, in fen (None: above all others), so many per mille of the whole base."""

    up_to_fen: int | None
    per_mille: int


@dataclass(frozen=True, slots=True)
class DuesClause:
    """One line of the rulebook as people read it."""

    key: str
    value: str
    title_zh: str
    title_en: str
    basis_zh: str
    basis_en: str

    def basis(self, locale: str) -> str:
        return self.basis_zh if locale == "zh" else self.basis_en


def _clause(default: Any, zh: str, en: str, basis: tuple[str, str]) -> Any:
    return field(default=default, metadata={"title_zh": zh, "title_en": en, "basis_zh": basis[0], "basis_en": basis[1]})


_RULES = ("关于党费收缴、使用和管理的规定", "rules on the collection, use and administration of dues")
_OURS = ("本系统默认值", "our default")
_EMPLOYED = (Bracket(3000 * YUAN, 5), Bracket(5000 * YUAN, 10), Bracket(10_000 * YUAN, 15), Bracket(None, 20))
_PENSIONERS = (Bracket(5000 * YUAN, 5), Bracket(None, 10))


@dataclass(frozen=True, slots=True)
class DuesRules:
    version: str = "2026.1-dues"
    employed: tuple[Bracket, ...] = _clause(_EMPLOYED, "月收入（税后）计算比例", "Of the monthly income after tax", _RULES)
    pensioner: tuple[Bracket, ...] = _clause(_PENSIONERS, "离退休人员养老金计算比例", "Of a pension", _RULES)
    no_income_fen: int = _clause(20, "学生、下岗失业人员每月", "Students and unemployed, a month", _RULES)
    arrears_months: int = _clause(6, "补交一般不超过的月数", "Paid afterwards for this many months at most, as a rule", _RULES)
    remind_days: int = _clause(7, "到期前提醒天数", "Reminder before a due day", _OURS)

    def brackets(self, group: DuesGroup) -> tuple[Bracket, ...]:
        return {DuesGroup.EMPLOYED: self.employed, DuesGroup.PENSIONER: self.pensioner}.get(group, ())

    def clauses(self, locale: str) -> tuple[DuesClause, ...]:
        return tuple(DuesClause(one.name, _spelled(getattr(self, one.name), one.name, locale), **one.metadata) for one in _told())


def _told() -> list[Any]:
    return [one for one in fields(DuesRules) if one.metadata]


def _spelled(value: Any, key: str, locale: str) -> str:
    zh = locale == "zh"
    if key == "no_income_fen":
        return f"{value / YUAN:g}{' 元' if zh else ' yuan'}"
    if isinstance(value, int):
        unit = ("个月", "months") if key == "arrears_months" else ("天", "days")
        return f"{value} {unit[not zh]}"
    return ("；" if zh else "; ").join(_bracket(one, value, zh) for one in value)


def _bracket(one: Bracket, among: tuple[Bracket, ...], zh: bool) -> str:
    rate = f"{one.per_mille / 10:g}%"
    if one.up_to_fen is None:
        above = (among[-2].up_to_fen or 0) // YUAN
        return f"{above} 元以上 {rate}" if zh else f"above {above} yuan {rate}"
    return f"{one.up_to_fen // YUAN} 元以下（含）{rate}" if zh else f"up to {one.up_to_fen // YUAN} yuan {rate}"


DEFAULT = DuesRules()
DUES_RULES = {DEFAULT.version: DEFAULT}  # every version ever used stays here
