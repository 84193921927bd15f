"""The rows of discussions in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import discussions
from server.http.call import Route as R
from server.schemas import discussions as d
from server.schemas.base import Done
from server.schemas.reports import AttachmentLine

_TEXT = ("contributionEmpty", "contributionTooLong")
_FILES = ("attachmentEmpty", "attachmentTooLarge", "attachmentKindRefused", "tooManyAttachments")

ROUTES: tuple[R, ...] = (
    R("GET", "/branch", discussions.branch, "The online branch: what is next, what is new, what is due", answer=d.BranchHome),
    R("GET", "/threads", discussions.search, "Threads and announcements where one takes part", query=d.ThreadSearch, answer=d.ThreadPage),
    R("POST", "/threads", discussions.open_thread, "Open a discussion (`writeThread`) or publish an announcement (`announce`)",
      who=A.SEE_THREADS, body=d.OpenThread, answer=d.ThreadView, refuses=("titleMissing", "threadNotHere", "organisationClosed", *_TEXT)),
    R("GET", "/organisations/{orgId}/people", discussions.people, "Who can be mentioned in an organisation's threads",
      who=A.SEE_THREADS, answer=d.PeopleToMention),
    R("GET", "/threads/{threadId}", discussions.thread, "One thread; opening it is reading it", who=A.SEE_THREADS, answer=d.ThreadView),
    R("POST", "/threads/{threadId}/contributions", discussions.contribute, "Answer", who=A.WRITE_THREAD, body=d.Contribute,
      answer=d.ThreadView, refuses=("threadClosed", *_TEXT)),
    R("POST", "/threads/{threadId}/close", discussions.close, "Close a thread, or open it again", who=A.MODERATE_THREAD,
      body=d.CloseThread, answer=d.ThreadView),
    R("GET", "/threads/{threadId}/readers", discussions.readers, "Who has read an announcement, and who has not",
      who=A.MODERATE_THREAD, answer=d.ReaderList),
    R("POST", "/contributions/{contributionId}/hide", discussions.hide, "Hide a contribution, with a reason that is kept",
      who=A.MODERATE_THREAD, body=d.HideContribution, answer=d.ThreadView, refuses=("reasonMissing",)),
    R("PATCH", "/contributions/{contributionId}", discussions.edit, "Change the own words, within a day; it shows", who=A.SEE_THREADS,
      body=d.EditContribution, answer=d.ThreadView, refuses=("tooLateToEdit", "threadClosed", *_TEXT)),
    R("GET", "/contributions/{contributionId}/versions", discussions.versions, "What a contribution said before: for its author and those "
      "who moderate", who=A.SEE_THREADS, answer=d.ContributionVersions),
    R("DELETE", "/contributions/{contributionId}", discussions.delete, "Take back the own words, within an hour", who=A.SEE_THREADS,
      answer=Done, refuses=("tooLateToDelete",)),
    R("POST", "/contributions/{contributionId}/attachments", discussions.attach, "Add a file to the own contribution", who=A.SEE_THREADS,
      upload=True, answer=AttachmentLine, refuses=_FILES),
)  # fmt: skip
