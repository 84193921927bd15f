"""The rows of members' files in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import filerequests, files, memberlists
from server.http.attendance import CSV, XLSX
from server.http.call import Route as R
from server.schemas import files as f
from server.schemas.base import Done
from server.schemas.organisations import MemberPage
from server.schemas.reports import AttachmentLine

_SEALED = ("keyMissing", "sealBroken")
_FIELDS = ("fileFieldMalformed", "fileDatesOutOfOrder", "idNumberTaken", "idNumberDisagrees", *_SEALED)
_FILES = ("attachmentEmpty", "attachmentTooLarge", "attachmentKindRefused", "tooManyAttachments")

ROUTES: tuple[R, ...] = (
    R("GET", "/members/{memberId}/file", files.file, "A member's file; the ID number masked", who=A.SEE_FILE, answer=f.FileView,
      refuses=_SEALED),
    R("PATCH", "/members/{memberId}/file", files.edit, "Edit fields of a file", who=A.EDIT_FILE, body=f.FileEdit, answer=f.FileView,
      refuses=("staleRevision", *_FIELDS)),
    R("POST", "/members/{memberId}/entries", files.add_entry, "Add education, work or an award", who=A.EDIT_FILE, body=f.EntryDraft,
      answer=f.FileView, refuses=("entryMalformed", *_SEALED)),
    R("PUT", "/members/{memberId}/entries/{entryId}", files.change_entry, "Change an entry", who=A.EDIT_FILE, body=f.EntryDraft,
      answer=f.FileView, refuses=("entryMalformed", *_SEALED)),
    R("DELETE", "/members/{memberId}/entries/{entryId}", files.remove_entry, "Remove an entry; the history keeps it", who=A.EDIT_FILE,
      answer=f.FileView, refuses=_SEALED),
    R("POST", "/members/{memberId}/attachments", files.attach, "Add a paper to a file", who=A.EDIT_FILE, upload=True,
      answer=AttachmentLine, refuses=_FILES),
    R("POST", "/members/{memberId}/id-number", files.reveal, "The ID number in full, for a reason that is logged", who=A.SEE_ID_NUMBER,
      body=f.Reveal, answer=f.IdNumberView, refuses=("reasonMissing", *_SEALED)),
    R("GET", "/members/{memberId}/history", files.history, "Every change of a file, newest first", who=A.SEE_FILE, query=f.HistorySearch,
      answer=f.ChangePage),
    R("POST", "/members/lookup", files.find, "Who has exactly this ID number, within reach", body=f.IdNumberQuery, answer=MemberPage,
      refuses=("fileFieldMalformed",)),
    R("POST", "/members/bulk", memberlists.change, "Change many members; each refusal named", who=A.EDIT_MEMBER, body=f.BulkChange,
      answer=f.BulkResult),
    R("POST", "/members/selection", memberlists.export, "Export the members chosen", who=A.EXPORT_ROSTER, body=f.Selection,
      files=(CSV, XLSX)),
    R("GET", "/member-lists", memberlists.lists, "The own saved lists", answer=f.SavedListPage),
    R("POST", "/member-lists", memberlists.save, "Save a filter under a name", body=f.NewSavedList, answer=f.SavedListView,
      refuses=("nameMissing", "tooManySavedLists")),
    R("DELETE", "/member-lists/{listId}", memberlists.remove, "Remove a saved list", answer=Done),
    R("GET", "/file-requests", filerequests.waiting, "Requests that wait for a decision, oldest first", who=A.DECIDE_CHANGE,
      query=f.RequestSearch, answer=f.WaitingPage, refuses=_SEALED),
    R("POST", "/file-requests", filerequests.propose, "Ask to have the own file changed", who=A.REQUEST_CHANGE, body=f.Proposal,
      answer=f.RequestView, refuses=("nothingProposed", "changeRequestOpen", "fileFieldMalformed", "entryMalformed")),
    R("GET", "/file-requests/mine", filerequests.own, "The own requests, newest first", answer=f.RequestList),
    R("POST", "/file-requests/{requestId}/withdrawal", filerequests.withdraw, "Withdraw an own request", who=A.REQUEST_CHANGE,
      answer=f.RequestView, refuses=("alreadyDecided",)),
    R("POST", "/file-requests/{requestId}/decision", filerequests.decide, "Accept or decline a request", who=A.DECIDE_CHANGE,
      body=f.DecideRequest, answer=f.RequestView, refuses=("reasonMissing", "ownCase", "alreadyDecided", "entryMalformed", *_FIELDS)),
)  # fmt: skip
