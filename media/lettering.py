"""Names and titles as little pictures of letters, in a font of this machine that has Chinese.

It decides which font that is, and what of a text is drawn: whatever somebody is called, a name stays one line in its place. Where no such
font is installed (Debian: fonts-noto-cjk) only what is in Latin letters is drawn, and `chinese` says so. It must never know people or
where on a picture a line stands.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

Tones = tuple[int, int, int]  # Y, U, V

#: Where distributions keep the usual ones, in the order in which they are liked.
FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
)
#: Longer than any name or title; what follows would not be seen.
MOST_LETTERS: Final = 120
_PROBE: Final = "支"


@dataclass(frozen=True)
class Plate:
    """A line of letters on its ground: brightness row by row, one colour."""

    width: int
    height: int
    luma: bytes
    u: int
    v: int


def clean(text: str) -> str:
    """Nothing that turns the direction of writing, breaks the line, or is not seen."""
    known = (" " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", text))
    seen = "".join(letter for letter in known if not unicodedata.category(letter).startswith("C"))
    return " ".join(seen.split())[:MOST_LETTERS]


class Letters:
    """`font`: a file that is to be used; "" looks for one."""

    def __init__(self, font: str = "") -> None:
        self._file = next((path for path in ([font] if font else FONTS) if Path(path).is_file()), "")
        self._index = _simplified(self._file) if self._file else 0
        self._plates: dict[tuple[Any, ...], Plate | None] = {}
        self.chinese = self._draws(_PROBE)

    def _font(self, size: int) -> Any:
        return _opened(self._file, self._index, size)

    def _draws(self, letter: str) -> bool:
        """A letter that the font has not is drawn as the box that stands for every such letter."""
        font = self._font(24)
        return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask("\U0010fffe"))

    def drawable(self, text: str) -> bool:
        return all(self._draws(letter) for letter in text)

    def fitted(self, text: str, size: int, most: int) -> str:
        """As much of it as has room in `most` pixels."""
        font = self._font(size)
        if font.getlength(text) <= most:
            return text
        while text and font.getlength(f"{text}…") > most:
            text = text[:-1]
        return f"{text}…"

    def fitting(self, text: str, size: int, most: int) -> int:
        """The size, made smaller down to half where the text would have no room."""
        text = clean(text)
        return next((less for less in range(size, size // 2, -2) if self._font(less).getlength(text) <= most - 2 * (less // 3)), size // 2)

    def lines(self, text: str, size: int, most: int, count: int) -> list[str]:
        """Broken at blanks, or anywhere where there are none for long (Chinese)."""
        font, rest, found = self._font(size), clean(text), list[str]()
        while rest and len(found) < count - 1:
            length = next((n for n in range(len(rest), 0, -1) if font.getlength(rest[:n]) <= most), 1)
            blank = rest[:length].rfind(" ")
            length = length if length == len(rest) or blank < length // 2 else blank
            found.append(rest[:length].strip())
            rest = rest[length:].strip()
        return [*found, self.fitted(rest, size, most)] if rest else found

    def plate(self, text: str, size: int, most: int, ground: Tones, ink: int) -> Plate | None:
        """One line with a little air around it, `most` pixels wide at most; None: nothing of it can be drawn."""
        key = (text, size, most, ground, ink)
        if key not in self._plates:
            self._plates[key] = self._plate(clean(text), size, most, ground, ink)
        return self._plates[key]

    def _plate(self, text: str, size: int, most: int, ground: Tones, ink: int) -> Plate | None:
        if not text or (not self.chinese and not self.drawable(text)):
            return None
        air = size // 3
        text = self.fitted(text, size, most - 2 * air)
        font = self._font(size)
        width, height = int(font.getlength(text)) + 2 * air + 1 & ~1, size * 3 // 2 & ~1
        picture = Image.new("L", (min(width, most & ~1), height), ground[0])
        ImageDraw.Draw(picture).text((air, height // 2), text, fill=ink, font=font, anchor="lm")
        return Plate(picture.width, picture.height, picture.tobytes(), ground[1], ground[2])


@lru_cache(maxsize=64)
def _opened(file: str, index: int, size: int) -> Any:
    """Without a file Pillow's own font, which is Latin."""
    return ImageFont.truetype(file, size, index=index) if file else ImageFont.load_default(size)


def _simplified(file: str) -> int:
    """A collection has one face for each country; the forms of some characters differ."""
    for index in range(8):
        try:
            family = str(ImageFont.truetype(file, 12, index=index).getname()[0])
        except OSError:
            return 0
        if family.endswith(" SC") or not file.endswith(".ttc"):
            return index
    return 0
