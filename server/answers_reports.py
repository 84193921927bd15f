"""The sentences of refusals about attachments and thought reports; joined into the one table in `answers.py`."""

from __future__ import annotations

ANSWERS: dict[str, tuple[int, str, str]] = {
    "attachmentEmpty": (422, "文件是空的。", "The file is empty."),
    "attachmentTooLarge": (413, "文件过大，每个不能超过 {limit} MB。", "The file is too large; {limit} MB at most."),
    "attachmentKindRefused": (415, "不接受此类文件。可以上传 PDF、图片（PNG、JPEG）、Word、Excel、PPT 或纯文本。",
                              "This kind of file is not taken. Send PDF, a picture (PNG, JPEG), Word, Excel, PowerPoint or plain text."),
    "tooManyAttachments": (409, "附件太多，最多 {files} 个，合计 {limit} MB。", "Too many files: {files} at most, {limit} MB together."),
    "attachmentDamaged": (500, "文件与上传时不一致，可能已损坏，请告知管理员（编号 {requestId}）。",
                          "The file is not what was handed in; it may be damaged. Tell the administrator (number {requestId})."),
    "reportEmpty": (422, "思想汇报还没有内容。", "Nothing is written in the report yet."),
    "reportTooLong": (422, "内容过长，最多 {limit} 字。", "That is too long: {limit} characters at most."),
    "reportNotWritable": (409, "思想汇报已经提交，不能再修改。", "The report has been handed in and cannot be changed."),
    "reportNotWaiting": (409, "这份思想汇报不在待处理状态，请刷新后查看。", "This report is not waiting to be dealt with. Reload and look again."),
    "reportAlreadyRead": (409, "对方已经阅读，不能再撤回。", "It has been read and cannot be taken back."),
}  # fmt: skip
