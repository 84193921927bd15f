"""What may be a file beside a record, found by its first bytes."""

from __future__ import annotations

import io
import zipfile

import pytest

from ledger.attachments import (
    DOCX,
    JPEG,
    MOST_BYTES,
    MOST_FILES,
    PDF,
    PNG,
    PPTX,
    TEXT,
    XLSX,
    AttachmentEmpty,
    AttachmentKindRefused,
    AttachmentTooLarge,
    TooManyAttachments,
    attachment,
    called,
    check_room,
    sniffed,
)
from tests.ledger.records import NOON


def package(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n\xff", PDF),
        (b"\x89PNG\r\n\x1a\n\x00", PNG),
        (b"\xff\xd8\xff\xe0", JPEG),
        (package("[Content_Types].xml", "word/document.xml"), DOCX),
        (package("[Content_Types].xml", "xl/workbook.xml"), XLSX),
        (package("[Content_Types].xml", "ppt/presentation.xml"), PPTX),
        ("学习笔记\r\n第二行\t".encode(), TEXT),
        ("\ufeff带标记".encode(), TEXT),
        (package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (package("anything.txt"), None),
        (b"PK\x03\x04 broken", None),
        (b"<!DOCTYPE html><script>", None),
        (b"  <html>", None),
        (b"<svg onload=x>", None),
        (b"<?xml version='1.0'?>", None),
        (b"MZ\x90\x00", None),
        (b"\x7fELF", None),
        (b"GIF89a\x00", None),
        (b"text with \x00 in it", None),
        (b"\xff\xfeU\x00T\x00F\x001\x006\x00", None),
    ],
)
def test_a_kind_is_what_the_content_says(content: bytes, kind: str | None) -> None:
    assert sniffed(content) == kind


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("笔记.txt", TEXT, "笔记.txt"),
        ("C:\\docs\\report.PDF", PDF, "report.pdf"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("photo.jpeg", JPEG, "photo.jpeg"),
        ("run.exe", PDF, "run.exe.pdf"),
        ("a\r\nb\x00.pdf", PDF, "ab.pdf"),
        ("", PNG, "file.png"),
        ("...", PNG, "file.png"),
        ("很" * 300 + ".pdf", PDF, "很" * 116 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless_and_ends_as_its_kind(name: str, kind: str, kept: str) -> None:
    assert called(name, kind) == kept


def test_what_is_empty_too_large_or_of_another_kind_is_refused() -> None:
    for content, refusal in ((b"", AttachmentEmpty), (b"a" * (MOST_BYTES + 1), AttachmentTooLarge), (b"MZ\x90", AttachmentKindRefused)):
        with pytest.raises(refusal):
            attachment("f", "report:r", "x.txt", content, NOON, "acc")


def test_beside_one_record_there_is_room_for_so_many_and_so_much() -> None:
    small = attachment("f", "report:r", "x.txt", b"text", NOON, "acc")
    large = attachment("f", "report:r", "x.txt", b"a" * MOST_BYTES, NOON, "acc")
    check_room([small] * (MOST_FILES - 1), small)
    check_room([large] * 4, large)
    for beside, new in (([small] * MOST_FILES, small), ([large] * 5, small)):
        with pytest.raises(TooManyAttachments):
            check_room(beside, new)
