"""Files beside a record: fetched and removed by their own address, added at the record's."""

from __future__ import annotations

from ledger.actions import attachments
from ledger.attachments import Attachment
from server.http.call import BadRequest, Call, File
from server.http.views.moments import iso
from server.schemas.base import Done
from server.schemas.reports import AttachmentLine


async def fetch(call: Call) -> File:
    found, content = await attachments.fetch(call.store, call.actor, call.ids["attachmentId"], call.now)
    return File(found.name, found.media_type, content)


async def remove(call: Call) -> Done:
    await attachments.remove(call.store, call.actor, call.ids["attachmentId"])
    return Done()


async def added(call: Call, owner: str) -> AttachmentLine:
    """What a record's own route does with its upload."""
    if call.upload is None:
        raise BadRequest("file", "missing")
    return line(await attachments.add(call.store, call.actor, owner, call.upload.filename, call.upload.content, call.now))


def line(one: Attachment) -> AttachmentLine:
    return AttachmentLine(
        attachment_id=one.attachment_id,
        name=one.name,
        media_type=one.media_type,
        size=one.size,
        sha256=one.sha256,
        added_at=iso(one.added_at),
    )
