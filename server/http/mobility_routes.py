"""The rows of members away in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import certificates, mobility
from server.http.call import Route as R
from server.http.certificates import PDF
from server.schemas import mobility as m
from server.schemas import queries as q

_ONE = "/floating/{registrationId}"
_STEP = ("changedMeanwhile", "stepNotPossible", "notYourStep")
_REPORT = ("contactMissing", "rangeContradictsPlace", "dayOutOfOrder")
_PLACE = ("notABranch", "organisationClosed")
_BAD_CODE = ("certificateUnreadable", "certificateForged", "certificateUnknownKey", "certificateRevoked", "certificateNotYet",
             "certificateExpired")  # fmt: skip

ROUTES: tuple[R, ...] = (
    R("GET", "/floating", mobility.search, "Members away, of one's branches or with them, and those one keeps in touch with",
      query=m.FloatingSearch, answer=m.FloatingPageView),
    R("GET", "/away", mobility.away, "The own registration, and the text of the consent to share it", answer=m.AwayView),
    R("GET", "/hosts", mobility.hosts, "Organisations that can be a host", query=m.HostSearch, answer=m.HostList),
    R("POST", "/members/{memberId}/departure", mobility.report_departure, "Report a departure", who=A.REPORT_DEPARTURE,
      body=m.NewDeparture, answer=m.RegistrationView, refuses=("registrationOpen", "notOnTheRoll", "placeMissing", *_REPORT)),
    R("GET", _ONE, mobility.registration, "One registration", who=A.SEE_REGISTRATION, answer=m.RegistrationView),
    R("PATCH", _ONE, mobility.correct_report, "Correct what was reported", who=A.MANAGE_REGISTRATION, body=m.ReportChange,
      answer=m.RegistrationView, refuses=("changedMeanwhile", *_REPORT)),
    R("POST", f"{_ONE}/host", mobility.choose_host, "Name a host; the report-in is awaited", who=A.MANAGE_REGISTRATION,
      body=m.ChooseHost, answer=m.RegistrationView, refuses=("consentMissing", "hostIsHome", *_STEP, *_PLACE)),
    R("POST", f"{_ONE}/report-in", mobility.take_in, "Report the member in, at the host that was named", who=A.REPORT_IN,
      body=m.TakeIn, answer=m.RegistrationView, refuses=("consentMissing", "hostIsHome", "branchElsewhere", *_STEP, *_PLACE)),
    R("POST", f"{_ONE}/whereabouts", mobility.declare, "Declare whereabouts", who=A.DECLARE_WHEREABOUTS,
      body=m.DeclareWhereabouts, answer=m.RegistrationView, refuses=("placeMissing", *_STEP)),
    R("POST", f"{_ONE}/return", mobility.come_back, "Record the return", who=A.RECORD_RETURN, body=m.RecordReturn,
      answer=m.RegistrationView, refuses=("dayOutOfOrder", *_STEP)),
    R("POST", f"{_ONE}/close", mobility.close, "Close a registration entered by mistake, or with the membership",
      who=A.MANAGE_REGISTRATION, body=m.CloseRegistration, answer=m.RegistrationView, refuses=("reasonMissing", *_STEP)),
    # consent
    R("POST", f"{_ONE}/consent", mobility.share, "Consent to share the own record with a host", who=A.SHARE_RECORD,
      body=m.ShareRecord, answer=m.RegistrationView, refuses=("noticeVersionUnknown", "organisationClosed", "hostIsHome")),
    R("POST", f"{_ONE}/consent/withdraw", mobility.stop_sharing, "Withdraw it; the host sees nothing more", who=A.SHARE_RECORD,
      body=m.StopSharing, answer=m.RegistrationView),
    R("POST", f"{_ONE}/consent/decline", mobility.decline_request, "Say no to a host that asked", who=A.SHARE_RECORD,
      body=m.StopSharing, answer=m.RegistrationView, refuses=("organisationClosed",)),
    # contact
    R("POST", f"{_ONE}/liaison", mobility.name_liaison, "Name who keeps in touch", who=A.MANAGE_REGISTRATION, body=m.NameLiaison,
      answer=m.RegistrationView, refuses=("notAMemberHere", "stepNotPossible")),
    R("POST", f"{_ONE}/contacts", mobility.log_contact, "Write a line of the contact log", who=A.LOG_CONTACT, body=m.NewContact,
      answer=m.RegistrationView, refuses=("dayOutOfOrder", "stepNotPossible")),
    R("POST", f"{_ONE}/search", mobility.begin_search, "Begin the search for a member out of contact", who=A.MANAGE_REGISTRATION,
      body=m.BeginSearch, answer=m.RegistrationView, refuses=("dayOutOfOrder", "changedMeanwhile", "alreadyDecided")),
    R("POST", f"{_ONE}/suspension", mobility.enter_suspension, "Enter a suspension that was decided", who=A.MANAGE_REGISTRATION,
      body=m.EnterSuspension, answer=m.RegistrationView, refuses=("dayOutOfOrder", "noSearchOpen")),
    R("GET", f"{_ONE}/paper.pdf", certificates.paper, "A draft for the meeting, of a clock that is full", who=A.MANAGE_REGISTRATION,
      query=m.PaperQuery, files=(PDF,)),
    # between the secretaries
    R("POST", f"{_ONE}/thread", mobility.write_message, "Write to the secretary of the other branch", who=A.USE_THREAD,
      body=m.NewThreadEntry, answer=m.RegistrationView, refuses=("reasonMissing", "stepNotPossible")),
    R("POST", f"{_ONE}/thread/{{taskId}}/done", mobility.finish_task, "Tick a task off", who=A.USE_THREAD,
      answer=m.RegistrationView, refuses=("alreadyDecided",)),
    R("POST", f"{_ONE}/evaluations", mobility.evaluate, "Feed the host's evaluation back", who=A.EVALUATE_GUEST,
      body=m.NewEvaluation, answer=m.RegistrationView, refuses=("dayOutOfOrder", "stepNotPossible", "alreadyDecided")),
    R("POST", f"{_ONE}/evaluations/{{evaluationId}}/note", mobility.note_evaluation, "Take note of it", who=A.MANAGE_REGISTRATION,
      answer=m.RegistrationView, refuses=("alreadyDecided",)),
    # the certificate
    R("POST", f"{_ONE}/certificate", certificates.issue, "Issue a certificate", who=A.MANAGE_REGISTRATION,
      answer=m.RegistrationView, refuses=("certificateInForce", "stepNotPossible", "changedMeanwhile")),
    R("POST", f"{_ONE}/certificate/check", certificates.check, "The annual check", who=A.MANAGE_REGISTRATION,
      answer=m.RegistrationView, refuses=("noCertificate", "alreadyDecided")),
    R("POST", f"{_ONE}/certificate/revoke", certificates.revoke, "Revoke it", who=A.MANAGE_REGISTRATION,
      body=m.RevokeCertificate, answer=m.RegistrationView, refuses=("noCertificate", "reasonMissing")),
    R("GET", f"{_ONE}/certificate", certificates.show, "The certificate with its signed code", who=A.SEE_CERTIFICATE,
      answer=m.CertificateView),
    R("GET", f"{_ONE}/certificate.pdf", certificates.show_as_pdf, "The certificate to print", who=A.SEE_CERTIFICATE,
      query=q.Language, files=(PDF,)),
    R("GET", "/certificates/key", certificates.keys, "The public keys certificates are verified by", who="anyone",
      answer=m.CertificateKeys),
    R("POST", "/certificates/verify", certificates.verify, "Verify a code, asking also whether it was revoked",
      body=m.VerifyCertificate, answer=m.VerificationView, refuses=("certificateUnreadable",)),
    R("POST", "/certificates/present", certificates.present, "Take a member in by the certificate, or ask the member's consent",
      who=A.TAKE_IN, body=m.PresentCertificate, answer=m.PresentedView,
      refuses=("hostIsHome", "stepNotPossible", *_PLACE, *_BAD_CODE)),
)  # fmt: skip
