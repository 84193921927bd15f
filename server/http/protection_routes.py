"""The rows of impact assessments and breaches in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import protection
from server.http.call import Route as R
from server.schemas import protection as s

ROUTES: tuple[R, ...] = (
    R("GET", "/assessments", protection.assessment_list, "Impact assessments, latest first", who=A.SEE_PROTECTION,
      answer=s.AssessmentList),
    R("POST", "/assessments", protection.assess, "Enter an impact assessment, or the one that follows another", who=A.KEEP_PROTECTION,
      body=s.NewAssessment, answer=s.AssessmentList, refuses=("reviewTooEarly", "assessmentFollowed")),
    R("GET", "/breaches", protection.breach_list, "Breaches, latest found first", who=A.SEE_PROTECTION, answer=s.BreachList),
    R("POST", "/breaches", protection.report, "Enter a breach", who=A.KEEP_PROTECTION, body=s.NewBreach, answer=s.BreachView,
      refuses=("foundInTheFuture",)),
    R("GET", "/breaches/{breachId}", protection.breach, "One breach with its lines", who=A.SEE_PROTECTION, answer=s.BreachView),
    R("PUT", "/breaches/{breachId}", protection.change, "Put a breach right, until members have been told", who=A.KEEP_PROTECTION,
      body=s.BreachChange, answer=s.BreachView, refuses=("staleRevision", "breachTold", "breachClosed", "foundInTheFuture")),
    R("POST", "/breaches/{breachId}/lines", protection.add_line, "Add a line: a step, whom was told, why members need not be, the end",
      who=A.KEEP_PROTECTION, body=s.NewBreachLine, answer=s.BreachView, refuses=("reasonMissing", "breachClosed")),
    R("POST", "/breaches/{breachId}/telling", protection.tell, "Tell the members of organisations; a dry run unless told otherwise",
      who=A.KEEP_PROTECTION, body=s.TellMembers, answer=s.ToldMembers, refuses=("breachClosed",)),
    R("GET", "/breaches/{breachId}/notice", protection.notice, "What a member concerned is told", answer=s.BreachNotice),
)  # fmt: skip
