"""One's own data to take away: a ZIP with `data.json` for programs and `index.html` to read, which needs nothing from any server."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from ..filefields import FIELDS
from ..model import CHINA
from ..retention import Kind, RetentionRules

_STYLE = """body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#24201c}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #d8d2c8;padding:.4rem .6rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}h2{margin-top:2.5rem}.soft{color:#5d564f}"""
_WORDS = {
    "zh": ("我的个人信息", "导出时间", "用途", "依据", "保存期限", "谁能看到", "没有记录", "规则版本"),
    "en": ("My personal data", "exported", "purpose", "basis", "kept", "seen by", "nothing is held", "rules"),
}


@dataclass(frozen=True, slots=True)
class MyDataExport:
    name: str
    number: str
    branch: str
    at: float
    rules: RetentionRules
    held: Mapping[Kind, Sequence[Mapping[str, Any]]]


def packed(export: MyDataExport, locale: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", as_json(export))
        archive.writestr("index.html", as_html(export, locale))
    return buffer.getvalue()


def as_json(export: MyDataExport) -> str:
    kinds = {
        one.kind.value: {
            "title": {"zh": one.title_zh, "en": one.title_en},
            "purpose": {"zh": one.purpose_zh, "en": one.purpose_en},
            "basis": {"zh": one.basis_zh, "en": one.basis_en},
            "seenBy": {"zh": one.seen_zh, "en": one.seen_en},
            "kept": {"zh": one.kept("zh"), "en": one.kept("en")},
            "rows": list(export.held[one.kind]),
        }
        for one in export.rules.kinds
    }
    shape = {"name": export.name, "number": export.number, "branch": export.branch, "exportedAt": export.at, "rules": export.rules.version}
    return json.dumps(shape | {"kinds": kinds}, ensure_ascii=False, indent=1)


def as_html(export: MyDataExport, locale: str) -> str:
    title, at, purpose, basis, kept, seen, none, rules = _WORDS[locale]
    when = datetime.fromtimestamp(export.at, CHINA).strftime("%Y-%m-%d %H:%M")
    lang = "zh-CN" if locale == "zh" else "en"
    parts = [
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>',
        f"<h1>{title}</h1><p>{escape(export.name)} · {escape(export.number)} · {escape(export.branch)}</p>",
        f'<p class="soft">{at} {when} · {rules} {export.rules.version}</p>',
    ]
    for one in export.rules.kinds:
        heading, *told = one.told(locale)
        parts.append(f"<h2>{escape(heading)}</h2>")
        lines = zip((purpose, basis, seen, kept), (*told, one.kept(locale)), strict=True)
        parts.append('<p class="soft">' + "<br>".join(f"{word}: {escape(text)}" for word, text in lines) + "</p>")
        rows = export.held[one.kind]
        parts.append(_table(rows, locale) if rows else f"<p>{none}</p>")
    return "\n".join(parts) + "</html>"


def _table(rows: Sequence[Mapping[str, Any]], locale: str) -> str:
    """Rows of one kind may differ in their columns: every row says what it has."""
    told = ("<br>".join(_line(key, value, locale) for key, value in row.items() if value not in (None, "", [])) for row in rows)
    return "<table>" + "".join(f"<tr><td>{text}</td></tr>" for text in told) + "</table>"


def _line(key: str, value: Any, locale: str) -> str:
    if isinstance(value, float) and value > 1e8:
        value = datetime.fromtimestamp(value, CHINA).strftime("%Y-%m-%d %H:%M:%S")
    if key == "field" and value in FIELDS:
        value = FIELDS[value].zh if locale == "zh" else FIELDS[value].en
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f'<span class="soft">{escape(key)}</span> {escape(text)}'
