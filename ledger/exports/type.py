"""Chinese type for PDFs: the standard CID font STSong-Light, which every reader substitutes; no font file is shipped.

The font has about the characters of GBK: a rarer one is shown as 〓, and the page that shows it says so.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Paragraph

FONT = "STSong-Light"
_LATIN = re.compile(r"[\x20-\x7e]+")
GETA = "〓"  # the printer's mark for a character that is not in the case
registerFont(UnicodeCIDFont(FONT))


def printable(text: str) -> str:
    return "".join(_glyph(c) for c in text)


def _glyph(character: str) -> str:
    """The font's case is about that of GBK. The middle dot of names is kept there as U+30FB; accents are dropped rather than the letter."""
    if character.isascii() or character in "–—":
        return character
    if character == "·":
        return "\u30fb"
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        base = unicodedata.normalize("NFD", character)[0]
        return base if base.isascii() else GETA
    return character


def marked(text: str) -> str:
    """For a paragraph: Latin and digits in Helvetica, since the Chinese font spaces them badly, differently in every reader."""
    return _LATIN.sub(r'<font name="Helvetica">\g<0></font>', escape(printable(text)))


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    if text.isascii():  # breaks at blanks, not anywhere as Chinese does
        style = ParagraphStyle(f"{style.name}Latin", parent=style, wordWrap=None)
    return Paragraph(marked(text), style)
