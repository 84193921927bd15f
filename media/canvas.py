"""A picture that others are put into: planes of bytes, boxes, a frame around one of them, lines of letters.

It must never know what the pictures show, nor whose names these are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import av

from media.lettering import Plate, Tones

#: Y, U, V of the ground (a dark grey), of what marks who speaks (gold), and of the place of somebody without a picture.
GROUND: Final = (26, 128, 128)
GOLD: Final = (180, 60, 160)
TILE: Final = (48, 130, 126)
_BORDER: Final = 4


@dataclass(frozen=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    def fit(self, width: int, height: int) -> Box:
        """The largest box of these proportions inside, at even places: colour has half the resolution."""
        scale = min(self.width / width, self.height / height)
        w, h = max(2, int(width * scale) & ~1), max(2, int(height * scale) & ~1)
        return Box(self.x + (self.width - w) // 2 & ~1, self.y + (self.height - h) // 2 & ~1, w, h)

    def within(self, margin: int) -> Box:
        return Box(self.x + margin, self.y + margin, self.width - 2 * margin, self.height - 2 * margin)


def face_boxes(count: int, width: int, height: int) -> list[Box]:
    """A grid that is as square as the number allows, the last row in the middle."""
    columns = max(1, math.ceil(math.sqrt(count)))
    rows = max(1, math.ceil(count / columns))
    w, h = width // columns & ~1, height // rows & ~1
    free = (rows * columns - count) * w // 2 & ~1
    return [Box(place % columns * w + free * (place // columns == rows - 1), place // columns * h, w, h) for place in range(count)]


class Canvas:
    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        template = av.VideoFrame(width, height, "yuv420p")
        self._strides = [plane.line_size for plane in template.planes]
        self._blank = [bytes((tone,)) * plane.buffer_size for tone, plane in zip(GROUND, template.planes, strict=True)]
        self._planes = [bytearray(blank) for blank in self._blank]

    def clear(self) -> None:
        for plane, blank in zip(self._planes, self._blank, strict=True):
            plane[:] = blank

    def put(self, picture: Any, box: Box, framed: bool = False) -> Box:
        """→ where it stands: as large as it goes, in its proportions."""
        inner = box.fit(picture.width, picture.height)
        if framed:
            self._fill(inner, GOLD)
            inner = inner.within(_BORDER)
        scaled = picture.reformat(width=inner.width, height=inner.height, format="yuv420p")
        for number, source in enumerate(scaled.planes):
            half = number > 0
            self._blit(number, bytes(source), source.line_size, inner.x >> half, inner.y >> half, inner.width >> half, inner.height >> half)
        return inner

    def tile(self, box: Box, tones: Tones, framed: bool = False) -> Box:
        """The place of a picture that is not there."""
        if framed:
            self._fill(box, GOLD)
            box = box.within(_BORDER)
        self._fill(box, tones)
        return box

    def stamp(self, plate: Plate, x: int, y: int) -> None:
        """Letters, at even places; what would stand outside is cut off."""
        x, y = max(0, x) & ~1, max(0, y) & ~1
        width, height = min(plate.width, self._width - x), min(plate.height, self._height - y)
        if width > 0 and height > 0:
            self._fill(Box(x, y, width, height), (0, plate.u, plate.v))
            self._blit(0, plate.luma, plate.width, x, y, width, height)

    def _blit(self, number: int, data: bytes, stride: int, x: int, y: int, width: int, height: int) -> None:
        plane, own = self._planes[number], self._strides[number]
        for row in range(height):
            to = (y + row) * own + x
            plane[to : to + width] = data[row * stride : row * stride + width]

    def _fill(self, box: Box, tones: Tones) -> None:
        for number, tone in enumerate(tones):
            half = number > 0
            line = bytes((tone,)) * (box.width >> half)
            self._blit(number, line, 0, box.x >> half, box.y >> half, box.width >> half, box.height >> half)

    def frame(self) -> Any:
        made = av.VideoFrame(self._width, self._height, "yuv420p")
        for plane, data in zip(made.planes, self._planes, strict=True):
            plane.update(bytes(data))
        return made
