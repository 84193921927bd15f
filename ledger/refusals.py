"""Refusals of the ledger: typed, each with a stable code and parameters, never a sentence and never an HTTP status.

A refusal changes nothing. The class above a code (NotFound, Forbidden, Conflict, Invalid, Unauthenticated) is what a shell maps to a
status; the code is what it maps to a sentence in both languages. `StoreUnavailable` is no refusal: it is outside trouble, and the one who
asked may try again later.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """Asked for something that cannot be. `params` are plain JSON values that say what it is about."""

    code: str = "refused"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params: dict[str, Any] = params


class StoreUnavailable(Exception):
    """The database is locked, full or away. Nothing was changed; the same call may be repeated."""

    code: ClassVar[str] = "storeUnavailable"


class KeyMissing(Refusal):
    """params: key (its id). Something is sealed with a key that is not in the ring. Nothing was changed."""

    code = "keyMissing"


class SealBroken(Refusal):
    """A sealed value does not open: another key under that id, moved from another place, or altered."""

    code = "sealBroken"


# families: what a shell maps to a status


class Unauthenticated(Refusal):
    code = "notLoggedIn"


class Forbidden(Refusal):
    """params: action. The target exists and the actor may know so."""

    code = "forbidden"


class PasswordChangeNeeded(Forbidden):
    """A one-time password opens nothing but the page on which it is changed."""

    code = "passwordChangeNeeded"


class NotFound(Refusal):
    """params: noun, id. Also the answer where the actor must not learn that the target exists."""

    code = "notFound"


class Conflict(Refusal):
    code = "conflict"


class Invalid(Refusal):
    code = "invalid"


class TextUnacceptable(Invalid):
    """A text, number or date that the database cannot hold, such as one with a NUL character or of more signs than its column."""

    code = "textUnacceptable"


# accounts


class WrongCredentials(Unauthenticated):
    """No params: the same for an unknown user, a wrong password and a disabled account."""

    code = "wrongCredentials"


class AccountLocked(Unauthenticated):
    """params: until (epoch seconds)."""

    code = "accountLocked"


class SessionExpired(Unauthenticated):
    code = "sessionExpired"


class PasswordTooShort(Invalid):
    """params: minimum."""

    code = "passwordTooShort"


class PasswordTooLong(Invalid):
    """params: maximum. A bound, so that hashing cannot be made expensive from outside."""

    code = "passwordTooLong"


class PasswordIsUsername(Invalid):
    code = "passwordIsUsername"


class PasswordUnchanged(Invalid):
    code = "passwordUnchanged"


class WrongPassword(Invalid):
    """The current password given with a change is not the right one."""

    code = "wrongPassword"


class UsernameTaken(Conflict):
    """params: username."""

    code = "usernameTaken"


class MemberHasAccount(Conflict):
    """params: memberId."""

    code = "memberHasAccount"


class UsernameMalformed(Invalid):
    code = "usernameMalformed"


class GrantNeedsOrganisation(Invalid):
    """params: role."""

    code = "grantNeedsOrganisation"


class LastAdministrator(Conflict):
    """Taking the right away would leave nobody who can manage accounts."""

    code = "lastAdministrator"


class OwnGrant(Forbidden):
    """Nobody grants to, or takes from, the own account."""

    code = "ownGrant"


class RolesConflict(Conflict):
    """params: role, held. Running, securing, auditing and administering people are kept apart."""

    code = "rolesConflict"


class RoleNeedsOwnAccount(Conflict):
    """params: role. The role is held by an account without a member behind it."""

    code = "roleNeedsOwnAccount"


# organisations


class CodeTaken(Conflict):
    """params: codeValue."""

    code = "codeTaken"


class KindNotUnder(Invalid):
    """params: kind, parentKind (None: the top of the tree)."""

    code = "kindNotUnder"


class CycleInTree(Invalid):
    code = "cycleInTree"


class OrganisationClosed(Conflict):
    """params: orgId."""

    code = "organisationClosed"


class OrganisationNotEmpty(Conflict):
    """params: members, organisations, meetings: what is still there."""

    code = "organisationNotEmpty"


class ShareOutOfRange(Invalid):
    """params: minimum, maximum."""

    code = "shareOutOfRange"


class NameMissing(Invalid):
    code = "nameMissing"


# members


class NumberTaken(Conflict):
    """params: number."""

    code = "numberTaken"


class StaleRevision(Conflict):
    """params: current. Somebody else has changed it since; look again, then decide."""

    code = "staleRevision"


class NotABranch(Invalid):
    """params: orgId, kind. A member's home and host are branches."""

    code = "notABranch"


class NotOnTheRoll(Conflict):
    """The membership has ended: there is nothing to register."""

    code = "notOnTheRoll"


class HostByRegistration(Conflict):
    """Where a member floats follows from a registration and the member's own consent; it is not entered by hand or from a file."""

    code = "hostByRegistration"


class HostIsHome(Invalid):
    code = "hostIsHome"


class GroupElsewhere(Invalid):
    """params: groupId. The Party group is not one of the home branch."""

    code = "groupElsewhere"


class PostTaken(Conflict):
    """params: kind, memberId of the holder."""

    code = "postTaken"


class PostNotHere(Invalid):
    """params: kind, orgKind."""

    code = "postNotHere"


class NotAMemberHere(Invalid):
    """params: memberId."""

    code = "notAMemberHere"


class PostEndsBeforeStart(Invalid):
    code = "postEndsBeforeStart"


class FileFieldMalformed(Invalid):
    """params: field. A value that this field of a member's file cannot hold."""

    code = "fileFieldMalformed"


class FileDatesOutOfOrder(Invalid):
    """params: field. The steps into the Party follow one another."""

    code = "fileDatesOutOfOrder"


class EntryMalformed(Invalid):
    """params: field. Of education, work or an award."""

    code = "entryMalformed"


class IdNumberTaken(Conflict):
    """Somebody else has this ID number; whose is not told."""

    code = "idNumberTaken"


class IdNumberDisagrees(Invalid):
    """params: field. The number says another birth or sex than the file, or is one that only a demonstration has."""

    code = "idNumberDisagrees"


class ChangeRequestOpen(Conflict):
    """One request of a member at a time."""

    code = "changeRequestOpen"


class TooManySavedLists(Conflict):
    """params: limit."""

    code = "tooManySavedLists"


class TooManyDataRequests(Conflict):
    """params: limit, of those that wait for an answer."""

    code = "tooManyDataRequests"


class NothingProposed(Invalid):
    code = "nothingProposed"


class RosterUnreadable(Invalid):
    """params: complaints, as the roster reader gives them."""

    code = "rosterUnreadable"


# members away


class CertificateInForce(Conflict):
    """params: number. One at a time: revoke it first."""

    code = "certificateInForce"


class NoCertificate(Conflict):
    """None is in force: it was revoked, or never issued."""

    code = "noCertificate"


class NoSearchOpen(Conflict):
    """The member is not being searched for."""

    code = "noSearchOpen"


class CertificateForged(Invalid):
    """The signature is not the installation's, or the name does not belong to the number."""

    code = "certificateForged"


class CertificateUnknownKey(Invalid):
    code = "certificateUnknownKey"


class CertificateRevoked(Conflict):
    code = "certificateRevoked"


class CertificateNotYet(Conflict):
    code = "certificateNotYet"


class CertificateExpired(Conflict):
    code = "certificateExpired"


# meetings


class TimesOutOfOrder(Invalid):
    """The end is not after the start."""

    code = "timesOutOfOrder"


class MeetingTooLong(Invalid):
    """params: hours."""

    code = "meetingTooLong"


class TitleMissing(Invalid):
    code = "titleMissing"


class StartInThePast(Invalid):
    """A meeting already held is recorded as a late entry, and marked so."""

    code = "startInThePast"


class NotYetHeld(Invalid):
    """A late entry must lie in the past."""

    code = "notYetHeld"


class FormNotHere(Invalid):
    """params: form, orgKind."""

    code = "formNotHere"


class MeetingNotScheduled(Conflict):
    """params: state. Only a scheduled meeting can be changed, cancelled or opened."""

    code = "meetingNotScheduled"


class MeetingNotOpen(Conflict):
    """params: state."""

    code = "meetingNotOpen"


class MeetingNotEnded(Conflict):
    """params: state."""

    code = "meetingNotEnded"


class ReasonMissing(Invalid):
    code = "reasonMissing"


class NotExpected(Conflict):
    """params: memberId. Only who is on the list of the meeting can ask for leave, object, or be confirmed."""

    code = "notExpected"


class LeaveTooLate(Conflict):
    """Leave is asked for before the meeting starts."""

    code = "leaveTooLate"


class AlreadyDecided(Conflict):
    """params: decision."""

    code = "alreadyDecided"


class OwnCase(Forbidden):
    """Nobody decides one's own objection where another can; params: action."""

    code = "ownCase"


# attendance


class ObjectionWindowClosed(Conflict):
    """params: until (epoch seconds)."""

    code = "objectionWindowClosed"


class ObjectionOpen(Conflict):
    """params: objectionId. One at a time."""

    code = "objectionOpen"


class CorrectionMalformed(Invalid):
    """params: field."""

    code = "correctionMalformed"


class StretchOutsideSession(Invalid):
    """params: start, end of the session."""

    code = "stretchOutsideSession"


class NoticeVersionUnknown(Invalid):
    """params: version."""

    code = "noticeVersionUnknown"


class FactMalformed(Invalid):
    """params: key."""

    code = "factMalformed"
