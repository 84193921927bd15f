"""The rows of thought reports and attachments in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from ledger.attachments import DOCX, JPEG, PDF, PNG, PPTX, TEXT, XLSX
from server.http import attachments, reports
from server.http.call import Route as R
from server.schemas import reports as s
from server.schemas.base import Done

_FILES = ("attachmentEmpty", "attachmentTooLarge", "attachmentKindRefused", "tooManyAttachments")

ROUTES: tuple[R, ...] = (
    R("GET", "/reports", reports.own, "The own thought reports, and what is due", answer=s.OwnReports),
    R("POST", "/reports", reports.begin, "Begin a thought report", body=s.BeginReport, answer=s.ReportView,
      refuses=("reportTooLong",)),
    R("GET", "/reports/tray", reports.tray, "Reports handed in to oneself", query=s.ReportTraySearch, answer=s.ReportTray),
    R("GET", "/reports/due", reports.due, "Who owes a thought report, and by when", query=s.ReportDutySearch, answer=s.ReportDuties),
    R("GET", "/reports/{reportId}", reports.report, "One report; a reader's first look is its being read", who=A.READ_REPORT,
      answer=s.ReportView),
    R("PUT", "/reports/{reportId}", reports.save, "Save what is written so far", who=A.WRITE_REPORT, body=s.SaveReport,
      answer=s.ReportView, refuses=("staleRevision", "reportNotWritable", "reportTooLong")),
    R("DELETE", "/reports/{reportId}", reports.discard, "Throw away a draft that was never handed in", who=A.WRITE_REPORT,
      answer=Done, refuses=("reportNotWritable",)),
    R("POST", "/reports/{reportId}/hand-in", reports.hand_in, "Hand a report in", who=A.WRITE_REPORT, body=s.HandIn,
      answer=s.ReportView, refuses=("staleRevision", "reportNotWritable", "reportEmpty")),
    R("POST", "/reports/{reportId}/take-back", reports.take_back, "Take a report back that nobody has read", who=A.WRITE_REPORT,
      answer=s.ReportView, refuses=("reportNotWaiting", "reportAlreadyRead")),
    R("POST", "/reports/{reportId}/return", reports.give_back, "Return a report for revision", who=A.ANSWER_REPORT,
      body=s.ReportAnswer, answer=s.ReportView, refuses=("reasonMissing", "reportNotWaiting", "staleRevision")),
    R("POST", "/reports/{reportId}/answer", reports.answer, "Answer a report", who=A.ANSWER_REPORT, body=s.ReportAnswer,
      answer=s.ReportView, refuses=("reasonMissing", "reportNotWaiting", "staleRevision")),
    R("POST", "/reports/{reportId}/attachments", reports.attach, "Add a file to a report", who=A.WRITE_REPORT, upload=True,
      answer=s.AttachmentLine, refuses=("reportNotWritable", *_FILES)),
    R("GET", "/attachments/{attachmentId}", attachments.fetch, "A file, for whoever may see what it belongs to",
      files=(PDF, PNG, JPEG, TEXT, DOCX, XLSX, PPTX), refuses=("attachmentDamaged",)),
    R("DELETE", "/attachments/{attachmentId}", attachments.remove, "Remove a file", answer=Done, refuses=("reportNotWritable",)),
)  # fmt: skip
