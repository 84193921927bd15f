"""What is seen in a film at an instant: a card at the beginning, a shared screen with faces beside it, or faces in a grid with their names.

It decides who is shown, where, and who is marked: whoever speaks has the name on gold, and one of them, the dominant one, a frame. It
must never know files' names, nor where names come from. Members are opaque ids in the order in which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from media.canvas import GOLD, GROUND, TILE, Box, Canvas, face_boxes
from media.lettering import Letters

WIDTH: Final = 1280
HEIGHT: Final = 720
FACES: Final = 9
BESIDE: Final = 4
#: The card stands so long, and on until there is somebody to be seen.
CARD_SECONDS: Final = 3.0
#: A place is kept so long after somebody's last sound: the next word is near.
LINGER_SECONDS: Final = 1.0
_PLATE: Final = (34, 128, 128)
_LIGHT: Final = 232
_DARK: Final = 24
_SOFT: Final = 165
_GAP: Final = 4

Shows = Callable[[float], Any | None]


@dataclass
class Person:
    """`reels`, `screens`: give a picture for an instant or none; `heard`: (start, end) of the voice's files."""

    member: str
    name: str = ""
    reels: list[Shows] = field(default_factory=list)
    screens: list[Shows] = field(default_factory=list)
    heard: list[tuple[float, float]] = field(default_factory=list)

    def is_there(self, at: float) -> bool:
        return any(start <= at <= end + LINGER_SECONDS for start, end in self.heard)


@dataclass(frozen=True)
class Card:
    """`above` the title, and lines below it."""

    title: str = ""
    above: str = ""
    lines: Sequence[str] = ()


class Scene:
    """`speaking`: instant → member → since when."""

    def __init__(self, people: Sequence[Person], speaking: Callable[[float], Mapping[str, float]], letters: Letters, card: Card) -> None:
        self._people = people
        self._speaking = speaking
        self._letters = letters
        self._card = card
        self._carded = bool(card.title)
        self._spoke: dict[str, float] = {}
        self._dominant = ""
        self._shown: object = None

    def draw(self, canvas: Canvas, at: float) -> bool:
        """False: it looks as it did."""
        speaking = self._speaking(at)
        self._spoke |= dict.fromkeys(speaking, at)
        if self._dominant not in speaking:  # who has it keeps it while speaking: an interjection moves nothing
            self._dominant = min(speaking, key=lambda member: (speaking[member], member), default="")
        screen = _first((person, shows) for person in self._people for shows in person.screens)(at)
        faces = self._chosen([(person, _first((person, shows) for shows in person.reels)(at)) for person in self._people], at, screen)
        if self._carded and (at < CARD_SECONDS or not (faces or screen)):
            return self._changed("card") and self._draw_card(canvas)
        self._carded = False
        look = (
            screen and screen[1].time,
            tuple((person.member, frame and frame[1].time, person.member in speaking) for person, frame in faces),
            self._dominant,
        )
        return self._changed(look) and self._draw(canvas, screen, faces, speaking)

    def _changed(self, look: object) -> bool:
        before, self._shown = self._shown, look
        return look != before

    def _chosen(self, found: list[tuple[Person, Any]], at: float, screen: Any) -> list[tuple[Person, Any]]:
        """Who is seen or heard; where these are too many, who spoke last, in the order they always have."""
        most = FACES if screen is None else BESIDE
        there = [(person, frame) for person, frame in found if frame is not None or person.is_there(at)]
        by_speech = sorted(there, key=lambda one: (-self._spoke.get(one[0].member, -1.0), one[1] is None))
        kept = {person.member for person, _ in by_speech[:most]}
        return [one for one in there if one[0].member in kept]

    def _draw(self, canvas: Canvas, screen: Any, faces: Sequence[tuple[Person, Any]], speaking: Mapping[str, float]) -> bool:
        canvas.clear()
        boxes = face_boxes(len(faces), WIDTH, HEIGHT)
        if screen is not None:
            wide = WIDTH * 4 // 5 if faces else WIDTH
            place = canvas.put(screen[1], Box(0, 0, wide, HEIGHT))
            self._name(canvas, screen[0], place, marked=False)
            boxes = [Box(wide, HEIGHT // BESIDE * number, WIDTH - wide, HEIGHT // BESIDE) for number in range(BESIDE)]
        for (person, frame), box in zip(faces, boxes, strict=False):
            framed = person.member == self._dominant and len(faces) > 1
            inside = box.within(_GAP if len(faces) > 1 else 0)
            place = (
                canvas.put(frame[1], inside, framed=framed) if frame is not None else canvas.tile(inside.fit(16, 9), TILE, framed=framed)
            )
            if frame is None:
                self._middle(canvas, person, place, marked=person.member in speaking)
            else:
                self._name(canvas, person, place, marked=person.member in speaking)
        return True

    def _name(self, canvas: Canvas, person: Person, box: Box, *, marked: bool) -> None:
        """At the lower left, as in the meeting."""
        size = max(18, min(26, box.height // 12))
        plate = self._letters.plate(person.name, size, box.width, *((GOLD, _DARK) if marked else (_PLATE, _LIGHT)))
        if plate is not None:
            canvas.stamp(plate, box.x, box.y + box.height - plate.height)

    def _middle(self, canvas: Canvas, person: Person, box: Box, *, marked: bool) -> None:
        """Heard and not seen: the name in the place of a picture."""
        size = self._letters.fitting(person.name, max(20, min(44, box.height // 6)), box.width)
        plate = self._letters.plate(person.name, size, box.width, *((GOLD, _DARK) if marked else (TILE, _LIGHT)))
        if plate is not None:
            canvas.stamp(plate, box.x + (box.width - plate.width) // 2, box.y + (box.height - plate.height) // 2)

    def _draw_card(self, canvas: Canvas) -> bool:
        canvas.clear()
        most = WIDTH - 160
        title = [(line, 56, _LIGHT) for line in self._letters.lines(self._card.title, 56, most - 40, 3)]
        rows = [(self._card.above, 26, _SOFT), *title, *((line, 30, _SOFT) for line in self._card.lines)]
        plates = [self._letters.plate(text, size, most, GROUND, ink) for text, size, ink in rows]
        drawn = [plate for plate in plates if plate is not None]
        y = (HEIGHT - sum(plate.height for plate in drawn)) // 2
        for plate in drawn:
            canvas.stamp(plate, (WIDTH - plate.width) // 2, y)
            y += plate.height
        return True


def _first(shows: Any) -> Callable[[float], tuple[Person, Any] | None]:
    """The first that has a picture; all are asked, since they go on with time."""
    every = list(shows)

    def ask(at: float) -> tuple[Person, Any] | None:
        found = [(person, frame) for person, one in every if (frame := one(at)) is not None]
        return found[0] if found else None

    return ask
