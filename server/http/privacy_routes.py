"""The rows of the own data and of offices in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import mydata, offices
from server.http.call import Route as R
from server.schemas import accounts as a
from server.schemas import privacy as p
from server.schemas.base import Done
from server.schemas.queries import Language

_GRANTS = ("ownGrant", "rolesConflict", "roleNeedsOwnAccount", "grantNeedsOrganisation")

ROUTES: tuple[R, ...] = (
    R("GET", "/retention", mydata.retention, "What is held about people, why and how long", answer=p.RetentionView),
    R("GET", "/my-data", mydata.own, "What is held about oneself, with consents and requests", answer=p.MyData),
    R("GET", "/my-data/export", mydata.export, "Everything held about oneself, as a ZIP of JSON and a page to read", query=Language,
      files=(mydata.ZIP,), refuses=("keyMissing", "sealBroken")),
    R("POST", "/my-data/consents/withdrawal", mydata.withdraw_notice, "Withdraw the consent to being measured", answer=p.MyData),
    R("POST", "/my-data/consents/{consentId}/withdrawal", mydata.withdraw_sharing, "Withdraw the consent to a host or a transfer",
      answer=p.MyData, refuses=("changedMeanwhile", "stepNotPossible")),
    R("GET", "/notices", mydata.notices, "Every version of what people are told about their data", answer=p.NoticeVersions),
    R("POST", "/data-requests", mydata.ask, "Object, or ask for restriction, erasure or an explanation", body=p.NewDataRequest,
      answer=p.DataRequestView, refuses=("reasonMissing", "tooManyDataRequests")),
    R("GET", "/data-requests", mydata.waiting, "Requests about data that wait for an answer", who=A.ANSWER_DATA_REQUEST,
      query=p.DataRequestSearch, answer=p.WaitingDataRequestPage),
    R("POST", "/data-requests/{dataRequestId}/answer", mydata.answer, "Answer a request about data", who=A.ANSWER_DATA_REQUEST,
      body=p.AnswerDataRequest, answer=p.DataRequestView, refuses=("reasonMissing", "ownCase", "alreadyDecided")),
    # offices
    R("GET", "/offices", offices.search, "Accounts and the offices they hold", who=A.GRANT_ROLE, query=p.AccountSearch,
      answer=p.OfficeAccountPage),
    R("POST", "/offices", offices.create, "Make an account without a member, with a one-time password", who=A.GRANT_ROLE,
      body=p.NewOfficeAccount, answer=a.OneTimePassword, refuses=("usernameMalformed", "usernameTaken")),
    R("POST", "/offices/grants", offices.grant, "Grant a role", who=A.GRANT_ROLE, body=p.GrantChange, answer=Done, refuses=_GRANTS),
    R("POST", "/offices/revocations", offices.revoke, "Take a role away", who=A.GRANT_ROLE, body=p.GrantChange, answer=Done,
      refuses=_GRANTS),
    R("POST", "/accounts/{accountId}/enable", offices.enable, "Enable a disabled account", who=A.MANAGE_ACCOUNT, answer=Done),
    R("POST", "/accounts/{accountId}/unlock", offices.lift_lock, "Lift a lock after failed log-ins", who=A.MANAGE_ACCOUNT, answer=Done),
    R("GET", "/security", offices.state, "Cipher, names of the keys, and where the log of access stands", who=A.GRANT_ROLE,
      answer=p.SecurityState, refuses=("keyMissing",)),
)  # fmt: skip
