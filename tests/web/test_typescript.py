"""The types of the browser are the server's shapes, name by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import pytest

from rooms.events import Happening
from server.schemas import base, typescript
from server.schemas.meetings import CapacityName


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (str, "string"),
        (int | None, "number | null"),
        (list[str], "Array<string>"),
        (tuple[base.Sentence, ...], "Array<Sentence>"),
        (dict[str, float], "Record<string, number>"),
        (dict[str, Any], "Record<string, unknown>"),
        (base.Id | Literal[""] | None, "string | '' | null"),
        (CapacityName | None, "'expected' | 'observer' | 'hostMember' | null"),
        (int | float, "number"),
    ],
)
def test_a_type_is_written_as_json_has_it(kind: Any, text: str) -> None:
    assert typescript.written(kind) == text


def test_a_type_without_a_json_shape_is_refused() -> None:
    with pytest.raises(TypeError, match="complex"):
        typescript.written(complex)


def test_fields_are_camel_case_and_those_with_a_default_may_be_left_out() -> None:
    class Parcel(base.Shape):
        sent_by: str
        heavy_load: bool = False

    assert typescript.of_model(Parcel) == "export interface Parcel {\n  sentBy: string;\n  heavyLoad?: boolean;\n}\n"


def test_an_event_of_a_room_says_its_type() -> None:
    @dataclass(frozen=True)
    class DoorShut:
        member_id: str

    expected = "export interface DoorShut {\n  type: 'doorShut';\n  memberId: string;\n}\n"
    assert typescript.of_dataclass(DoorShut, happening=True) == expected


def test_every_happening_is_there_and_every_name_once() -> None:
    lines = typescript.text().splitlines()
    names = [line.split()[2].split("<")[0] for line in lines if line.startswith("export ")]
    assert sorted(names) == sorted(set(names))
    assert {shape.__name__ for shape in get_args(Happening)} <= set(names)


def test_a_viewer_is_never_promised_the_bookkeeping_of_a_room() -> None:
    text = typescript.text()
    state = text[text.index("export interface RoomState") :].split("}\n", 1)[0]
    assert [hidden for hidden in ("removed", "wereIn", "roles") if f"  {hidden}:" in state] == []
