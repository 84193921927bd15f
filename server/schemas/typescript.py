"""The shapes of the wire as TypeScript: `python -m server.schemas.typescript web/src/api/types.gen.ts`.

Decides how a pydantic model, and a frozen dataclass of a room, is written down for the browser. Must never know what a shape is for.
A field with a default may be left out of a request, so it is optional here too; answers always carry it.
"""

from __future__ import annotations

import sys
import types
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from rooms import events, state
from rooms.events import camel

MODULES = (
    "base",
    "accounts",
    "organisations",
    "meetings",
    "attendance",
    "signalling",
    "notifications",
    "reports",
    "files",
    "figures",
    "privacy",
    "delivery",
    "transfers",
    "discussions",
    "dues",
    "protection",
    "upkeep",
    "work",
    "recordings",
    "mobility",
)
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", Any: "unknown"}
HIDDEN = {"removed", "were_in", "roles"}  # bookkeeping a viewer is never sent (rooms/snapshot.py)
HEAD = "// Generated from the server's schemas by `npm run types`. Do not edit.\n"


def written(kind: Any) -> str:
    """A type as TypeScript. Raises TypeError for what has no JSON shape, so that a new kind of field is noticed here."""
    if isinstance(kind, TypeVar):
        return kind.__name__
    if kind in PLAIN:
        return PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return written(inner[0])
    if origin is Literal:
        return " | ".join(f"'{word}'" if isinstance(word, str) else str(word) for word in inner)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(written(part) for part in inner))
    if origin in (list, tuple, frozenset):
        return f"Array<{written(inner[0])}>"
    if origin is dict:
        return f"Record<string, {written(inner[1])}>"
    if isinstance(kind, type) and (issubclass(kind, BaseModel) or hasattr(kind, "__dataclass_fields__")):
        return kind.__name__
    raise TypeError(f"no TypeScript for {kind!r}")


def interface(name: str, lines: list[str]) -> str:
    if not lines:
        return f"export type {name} = Record<string, never>;\n"
    return "\n".join([f"export interface {name} {{", *(f"  {line};" for line in lines), "}", ""])


def of_model(model: type[BaseModel]) -> str:
    """One exported interface, generic where the model is."""
    lines = [
        f"{field.alias or name}{'' if field.is_required() else '?'}: {written(field.annotation)}"
        for name, field in model.model_fields.items()
    ]
    parameters: tuple[Any, ...] = model.__pydantic_generic_metadata__["parameters"]
    name = model.__name__ + (f"<{', '.join(p.__name__ for p in parameters)}>" if parameters else "")
    return interface(name, lines)


def of_dataclass(shape: type, *, happening: bool) -> str:
    hints = get_type_hints(shape)
    lines = [f"{camel(f.name)}: {written(hints[f.name])}" for f in fields(shape) if f.name not in HIDDEN]
    if happening:
        name = shape.__name__
        lines.insert(0, f"type: '{name[0].lower()}{name[1:]}'")
    return interface(shape.__name__, lines)


def models() -> list[type[BaseModel]]:
    """Every shape, in the order of the files, each once and generic ones only in their open form."""
    found: dict[str, type[BaseModel]] = {}
    for module in (import_module(f"server.schemas.{name}") for name in MODULES):
        for name, value in vars(module).items():
            own = isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.__name__
            if own and name != "Shape" and "[" not in name:  # pydantic puts Page[X] into the module as well
                found[name] = value
    return list(found.values())


def named_words() -> list[str]:
    """Unions with a name of their own: FormName, StageName, … (`Locale` and `Source` among them)."""
    words: dict[str, str] = {}
    for module in (import_module(f"server.schemas.{name}") for name in MODULES):
        for name, value in vars(module).items():
            if get_origin(value) is Literal and name[0].isupper():
                words[name] = f"export type {name} = {written(value)};\n"
    return list(words.values())


def room_shapes() -> list[str]:
    parts = [
        state.Producer,
        state.Peer,
        state.Participant,
        state.Waiting,
        state.Hand,
        state.Floor,
        state.Recording,
        state.ChatMessage,
        state.RoomState,
    ]
    happenings = get_args(events.Happening)
    union = " | ".join(shape.__name__ for shape in happenings)
    return [
        *(of_dataclass(part, happening=False) for part in parts),
        *(of_dataclass(shape, happening=True) for shape in happenings),
        f"export type Happening = {union};\n",
        "export interface RoomSnapshot extends RoomState {\n  peerId: string;\n  place: 'moderator' | 'inside' | 'door' | 'outside';\n}\n",
    ]


def text() -> str:
    return "\n".join([HEAD, *named_words(), *(of_model(model) for model in models()), *room_shapes()])


if __name__ == "__main__":
    target = Path(sys.argv[1])
    fresh = text()
    if not target.exists() or target.read_text(encoding="utf-8") != fresh:
        target.write_text(fresh, encoding="utf-8")
