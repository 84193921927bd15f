"""Files beside a record: what may be one, how large, and how it is known to be whole.

The kind of a file is found in its first bytes, never believed from its name or from what a browser says of it. Nothing that a browser would
run is taken (no HTML, no SVG, no program). A file belongs to one record, its `owner`, and is seen by whoever may see that record; it has no
rights of its own.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass

from .refusals import Conflict, Invalid, Refusal

MOST_BYTES = 8 << 20  # one file
MOST_FILES = 10  # beside one record
MOST_BYTES_OF_OWNER = 40 << 20
LONGEST_NAME = 120

PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet", f"{_OFFICE}presentationml.presentation"
SUFFIXES = {PDF: "pdf", PNG: "png", JPEG: "jpg", TEXT: "txt", DOCX: "docx", XLSX: "xlsx", PPTX: "pptx"}
_PARTS = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}


class AttachmentEmpty(Invalid):
    code = "attachmentEmpty"


class AttachmentTooLarge(Invalid):
    """params: limit, in MiB."""

    code = "attachmentTooLarge"


class AttachmentKindRefused(Invalid):
    """Its first bytes are none of the kinds that are taken."""

    code = "attachmentKindRefused"


class TooManyAttachments(Conflict):
    """params: files, limit (MiB of all together)."""

    code = "tooManyAttachments"


class AttachmentDamaged(Refusal):
    """What is kept is not what was handed in: its hash is another."""

    code = "attachmentDamaged"


@dataclass(frozen=True, slots=True)
class Attachment:
    """`owner`: "report:<id>", "thread:<id>", "member:<id>" …"""

    attachment_id: str
    owner: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: float
    added_by: str  # account id


def attachment(attachment_id: str, owner: str, name: str, content: bytes, at: float, account_id: str) -> Attachment:
    """Refusals: AttachmentEmpty, AttachmentTooLarge, AttachmentKindRefused."""
    if not content:
        raise AttachmentEmpty
    if len(content) > MOST_BYTES:
        raise AttachmentTooLarge(limit=MOST_BYTES >> 20)
    kind = sniffed(content)
    if kind is None:
        raise AttachmentKindRefused
    return Attachment(attachment_id, owner, called(name, kind), kind, len(content), digest(content), at, account_id)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sniffed(content: bytes) -> str | None:
    """The media type by the content, None for whatever is not taken."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return TEXT if _is_text(content) else None


def called(name: str, kind: str) -> str:
    """The last part of the name, without control signs, ending as its kind ends."""
    plain = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable()).strip(". ")
    stem, dot, suffix = plain.rpartition(".")
    right = SUFFIXES[kind]
    if not dot or suffix.lower() not in (right, "jpeg" if kind == JPEG else right):
        stem, suffix = plain, right
    return f"{stem[: LONGEST_NAME - len(suffix) - 1] or 'file'}.{suffix.lower()}"


def check_room(beside: list[Attachment], new: Attachment) -> None:
    """Refusal: TooManyAttachments."""
    if len(beside) >= MOST_FILES or sum(one.size for one in beside) + new.size > MOST_BYTES_OF_OWNER:
        raise TooManyAttachments(files=MOST_FILES, limit=MOST_BYTES_OF_OWNER >> 20)


def _office(content: bytes) -> str | None:
    """A package of Office Open XML by its parts; one with macros is a program and is not taken."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for start, kind in _PARTS.items() if any(name.startswith(start) for name in names)), None)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    head = text[:1024].lstrip().lower()
    return all(sign.isprintable() or sign in "\r\n\t" for sign in text) and not head.startswith(("<!doctype", "<html", "<svg", "<?xml"))
