"""One table for every refusal: its HTTP status and its sentence in both languages. A test holds it against all codes of the house.

A sentence says what is the matter and what to do. `{name}` takes a parameter of the refusal; one that is missing reads as "–".
"""

from __future__ import annotations

import string
from datetime import datetime
from typing import Any

from ledger.model import CHINA
from ledger.rules.declined import SENTENCES, Family
from server import answers_delivery, answers_discussions, answers_protection, answers_recordings, answers_reports

Json = dict[str, Any]

ANSWERS: dict[str, tuple[int, str, str]] = {
    # the shell
    "badRequest": (422, "请求内容有误（{field}）。请检查后重新提交。", "Something in the request is not right ({field}). Check it and send it again."),
    "malformedJson": (400, "请求不是有效的 JSON。", "The request is not valid JSON."),
    "malformedRequest": (400, "请求格式有误。", "The request is malformed."),
    "wrongMediaType": (415, "请求的内容类型不受支持，应为 {expected}。", "This kind of content is not taken here; send {expected}."),
    "tooLarge": (413, "内容过大，上限为 {limit} 字节。", "That is too large; the limit is {limit} bytes."),
    "noSuchPage": (404, "没有这个地址。请检查链接。", "There is nothing at this address. Check the link."),
    "methodNotAllowed": (405, "此地址不支持该操作。", "This address does not take that method."),
    "csrfMismatch": (403, "页面已过期，请刷新页面后重试。", "This page is out of date. Reload it and try again."),
    "originRefused": (403, "请求来自其他网站，已拒绝。请从本系统的页面操作。", "The request came from another site and was refused. Use this service's own pages."),
    "tooManyAttempts": (429, "登录尝试过于频繁，请 {seconds} 秒后再试。", "Too many attempts to log in. Try again in {seconds} seconds."),
    "notLoggedIn": (401, "请先登录。", "Please log in first."),
    "notJoined": (409, "您不在会议中，请重新加入。", "You are not in the meeting. Join it again."),
    "noSuchMeeting": (404, "没有找到这个会议，或您不在参会名单中。请与支部书记联系。",
                      "There is no such meeting, or you are not on its list. Ask your branch secretary."),
    "meetingCancelled": (409, "会议已取消。", "The meeting has been cancelled."),
    "noticeOutdated": (409, "测量告知已更新，请重新阅读并确认。", "The notice has changed. Read it again and confirm."),
    "tooManyRequests": (429, "操作过于频繁，请稍候再试。", "That was too often. Wait a moment and try again."),
    "unknownMessage": (400, "客户端版本过旧，请刷新页面。", "This page is out of date. Reload it."),
    "mediaRefused": (409, "音视频连接未能建立（{detail}）。请刷新页面后重试。", "Audio and video could not be set up ({detail}). Reload the page and try again."),
    "mediaAway": (503, "音视频服务正在恢复，会议与记录不受影响，请稍候。", "The media service is coming back. The meeting and its record go on; wait a moment."),
    "notTesting": (409, "自检已结束，请重新开始。", "The test has ended. Start it again."),
    "testsBusy": (503, "正在自检的人较多，请一分钟后再试。", "Several people are testing now. Try again in a minute."),
    "directoryAway": (503, "暂时无法确定会议所在服务器，请几秒后重试。", "Which server holds the meeting cannot be found out now. Try again in a few seconds."),
    "overloaded": (503, "服务器繁忙，请稍候再试。", "The server is busy. Try again in a moment."),
    "internalError": (500, "服务器出现错误，已记录。请稍后重试；若反复出现，请告知管理员（编号 {requestId}）。",
                      "Something went wrong on the server and was noted. Try again; if it stays, tell the administrator (number {requestId})."),
    "storeUnavailable": (503, "数据库暂时不可用，没有任何改动。请稍后重试。", "The database cannot be reached now; nothing was changed. Try again later."),
    # the room
    "notInvited": (403, "您不在本次会议的参会名单中。如有疑问，请联系支部书记。", "You are neither expected at nor invited to this meeting. Ask the branch secretary."),
    "meetingEnded": (409, "会议已结束。", "The meeting has ended."),
    "meetingNotOpen": (409, "会议尚未开始。", "The meeting is not open."),
    "meetingAlreadyOpen": (409, "会议已经开始。", "The meeting is already open."),
    "tooManyDevices": (409, "同一人最多使用 {limit} 台设备。请先在其他设备上离开会议。", "One person may use at most {limit} devices. Leave the meeting on another one first."),
    "peerExists": (409, "该连接已在会议中。", "This connection is already in the meeting."),
    "notInRoom": (409, "您不在会议室内。", "You are not inside the meeting."),
    "notModerator": (403, "只有主持人可以这样做。", "Only a moderator may do this."),
    "memberNotInRoom": (404, "该成员不在会议室内。", "That member is not in the meeting."),
    "nobodyWaiting": (404, "没有人在等候。", "Nobody is waiting."),
    "moderatorProtected": (403, "不能对主持人这样做。", "This cannot be done to the moderator."),
    "duplicateProducer": (409, "该媒体流已存在。", "This stream is there already."),
    "unknownProducer": (404, "没有这个媒体流。", "There is no such stream."),
    "notYourProducer": (403, "这不是您的媒体流。", "This stream is not yours."),
    "sourceInUse": (409, "该设备来源已在使用。", "This source is already in use."),
    "shareInUse": (409, "{name} 正在共享屏幕，请等其结束，或请主持人停止。", "{name} is sharing the screen. Wait until it ends, or ask a moderator to stop it."),
    "handAlreadyRaised": (409, "您已举手。", "Your hand is already up."),
    "handNotRaised": (409, "没有举手。", "The hand is not up."),
    "floorNotGiven": (409, "当前没有人发言。", "Nobody has the floor."),
    "chatEmpty": (422, "消息内容为空。", "The message is empty."),
    "recordingNotAllowed": (403, "本组织未开启会议录制。如需录制，请由负责人在组织设置中开启。",
                            "This organisation does not have meetings recorded. Whoever is responsible may turn it on in its settings."),
    "recordingOn": (409, "会议正在录制。", "The meeting is being recorded already."),
    "recordingOff": (409, "会议没有在录制。", "The meeting is not being recorded."),
    "chatTooLong": (422, "消息过长，最多 {limit} 字。", "The message is too long: {limit} characters at most."),
    # the ledger: general
    "forbidden": (403, "您没有进行此操作的权限。", "You do not have the right to do this."),
    "passwordChangeNeeded": (403, "请先更改一次性密码。", "Change the one-time password first."),
    "notFound": (404, "没有找到，或您无权查看。", "It was not found, or you may not see it."),
    "conflict": (409, "与当前状态冲突，请刷新后重试。", "This conflicts with how things stand. Reload and try again."),
    "invalid": (422, "提交的内容有误。", "What was sent is not right."),
    "refused": (409, "操作未被接受。", "This was not accepted."),
    "keyMissing": (503, "缺少密钥 {key}，加密的内容暂时无法读取。请安全管理员恢复密钥文件。",
                   "The key {key} is missing, so what is sealed with it cannot be read now. The security administrator has to bring the key file back."),
    "sealBroken": (503, "加密的内容无法打开：密钥不对或数据被改动。请告知安全管理员。",
                   "What is sealed does not open: the key is a wrong one or the data was altered. Tell the security administrator."),
    # accounts
    "wrongCredentials": (401, "用户名或密码不正确。", "The user name or the password is not right."),
    "accountLocked": (401, "多次登录失败，账号已暂时锁定，{until} 后可再试。忘记密码请联系管理员。",
                      "Locked after several failed log-ins until {until}. If you forgot the password, ask your administrator."),
    "sessionExpired": (401, "登录已过期，请重新登录。", "Your session has ended. Log in again."),
    "passwordTooShort": (422, "密码至少需要 {minimum} 个字符。", "The password needs at least {minimum} characters."),
    "passwordTooLong": (422, "密码最多 {maximum} 个字符。", "The password may have at most {maximum} characters."),
    "passwordIsUsername": (422, "密码不能与用户名相同。", "The password must not be the user name."),
    "passwordUnchanged": (422, "新密码不能与原密码相同。", "The new password must differ from the old one."),
    "wrongPassword": (422, "当前密码不正确。", "The current password is not right."),
    "usernameTaken": (409, "用户名“{username}”已被使用，请换一个。", "The user name “{username}” is taken. Choose another."),
    "memberHasAccount": (409, "该党员已有账号。", "This member already has an account."),
    "usernameMalformed": (422, "用户名只能包含字母、数字、点、下划线和连字符。", "A user name takes letters, digits, dots, underscores and hyphens."),
    "grantNeedsOrganisation": (422, "此角色需要指定组织。", "This role needs an organisation."),
    "lastAdministrator": (409, "不能取消最后一位管理员的权限。", "The last administrator cannot be taken away."),
    "ownGrant": (403, "不能给自己授权或撤销自己的角色，请由另一位安全管理员办理。", "Nobody grants to or takes from the own account. Another security administrator must."),
    "rolesConflict": (409, "该账号已有角色，系统管理、安全管理、审计和组织管理须由不同账号担任。",
                      "This account holds another office. Running, securing, auditing and administering people need different accounts."),
    "roleNeedsOwnAccount": (409, "此角色须使用专用账号，不能授予党员本人的账号。", "This role needs an account of its own, not a member's."),
    # organisations
    "codeTaken": (409, "组织代码“{codeValue}”已被使用。", "The code “{codeValue}” is taken."),
    "kindNotUnder": (422, "此类组织不能设在该上级之下。", "This kind of organisation cannot stand there."),
    "cycleInTree": (422, "组织不能隶属于自己的下级。", "An organisation cannot hang under its own subordinate."),
    "organisationClosed": (409, "该组织已撤销。", "This organisation is closed."),
    "organisationNotEmpty": (409, "该组织仍有党员、下级组织或未结束的会议，不能撤销。", "It still has members, organisations or meetings and cannot be closed."),
    "shareOutOfRange": (422, "到会认定比例应在 {minimum} 与 {maximum} 之间。", "The presence threshold must lie between {minimum} and {maximum}."),
    "nameMissing": (422, "请填写名称。", "Give a name."),
    # members
    "numberTaken": (409, "编号“{number}”已存在。", "The number “{number}” is taken."),
    "staleRevision": (409, "内容已被他人修改。请刷新查看后再修改。", "Somebody else changed it in the meantime. Reload, look, and change it again."),
    "notABranch": (422, "所选组织不是党支部。", "The organisation chosen is not a branch."),
    "hostByRegistration": (409, "流入支部不能直接填写或更改。请在“外出流动”中办理登记：经本人同意并报到后自动记入，返回或撤回同意后自动取消。",
                           "The host branch is not entered by hand. Register the member's departure under “Away”: once the member has consented "
                           "and reported in it is set, and with the return or a withdrawal it ends."),
    "hostIsHome": (422, "流入地支部不能与所属支部相同。", "The host branch must differ from the home branch."),
    "notOnTheRoll": (409, "该党员已不在册，不能登记。", "The member is no longer on the roll and cannot be registered."),
    "groupElsewhere": (422, "该党小组不属于所属支部。", "That Party group does not belong to the home branch."),
    "postTaken": (409, "该职务已有人担任，请先结束其任职。", "Somebody holds this post. End that first."),
    "postNotHere": (422, "该组织不设此职务。", "This organisation has no such post."),
    "notAMemberHere": (422, "该党员不属于此组织。", "That member does not belong here."),
    "postEndsBeforeStart": (422, "离任日期早于任职日期。", "The post would end before it began."),
    "rosterUnreadable": (422, "无法读取名册文件，请使用模板。", "The roster cannot be read. Use the template."),
    "fileFieldMalformed": (422, "档案内容有误（{field}），请检查格式。", "A field of the file is not right ({field}). Check how it is written."),
    "fileDatesOutOfOrder": (422, "入党各阶段的日期先后有误（{field}）。", "The steps into the Party are out of order ({field})."),
    "entryMalformed": (422, "经历内容有误（{field}）。", "The entry is not right ({field})."),
    "idNumberTaken": (409, "该身份证号已登记在另一名党员名下，请核对。", "This ID number is on another member's file. Check it."),
    "idNumberDisagrees": (422, "身份证号与档案中的出生日期或性别不一致，或不可使用（{field}）。",
                          "The ID number disagrees with the birth or sex on the file, or cannot be used ({field})."),
    "changeRequestOpen": (409, "您已有一项更正申请正在处理，可先撤回。", "You have a request under way. Withdraw it first, or wait."),
    "tooManySavedLists": (409, "最多保存 {limit} 个名单，请先删除不用的。", "At most {limit} lists can be saved. Remove one first."),
    "tooManyDataRequests": (409, "您已有 {limit} 项请求等待答复，请先等待。", "You have {limit} requests waiting already. Wait for an answer first."),
    "nothingProposed": (422, "没有要更正的内容。", "Nothing is proposed."),
    # members away
    "certificateInForce": (409, "该党员已有有效的活动证（{number}），请先撤销。", "A certificate ({number}) is in force. Revoke it first."),
    "noCertificate": (409, "没有有效的活动证，请先签发。", "No certificate is in force. Issue one first."),
    "noSearchOpen": (409, "没有正在进行的查找，请先登记失联查找。", "The member is not being searched for. Begin the search first."),
    "certificateForged": (422, "活动证不可信：签名或内容不符。请与其支部联系。", "This certificate cannot be trusted: its signature or content is wrong. Ask the home branch."),
    "certificateUnknownKey": (422, "活动证由其他系统签发，本系统无法核对。请与其支部联系。", "The certificate was signed elsewhere and cannot be checked here. Ask the home branch."),
    "certificateRevoked": (409, "活动证已撤销，请与其支部联系。", "The certificate has been revoked. Ask the home branch."),
    "certificateNotYet": (409, "活动证尚未生效，请核对日期。", "The certificate is dated after today. Check the date."),
    "certificateExpired": (409, "活动证已过期，请其支部重新签发。", "The certificate has expired. Ask the home branch for a new one."),
    # meetings
    "timesOutOfOrder": (422, "结束时间应晚于开始时间。", "The end must be after the start."),
    "meetingTooLong": (422, "会议不能超过 {hours} 小时。", "A meeting may last at most {hours} hours."),
    "titleMissing": (422, "请填写会议名称。", "Give the meeting a title."),
    "startInThePast": (422, "开始时间已过。已经召开的会议请作为补录登记。", "The start lies in the past. A meeting already held is recorded as a late entry."),
    "notYetHeld": (422, "补录的会议应已召开。", "A late entry must lie in the past."),
    "formNotHere": (422, "该组织不能召开此类会议。", "This form of meeting is not held by this organisation."),
    "meetingNotScheduled": (409, "会议状态已变，不能再修改。", "The meeting can no longer be changed."),
    "meetingNotEnded": (409, "会议尚未结束。", "The meeting has not ended."),
    "reasonMissing": (422, "请填写理由。", "Give a reason."),
    "notExpected": (409, "不在本次会议名单中。", "Not on the list of this meeting."),
    "leaveTooLate": (409, "会议已开始，不能再请假。请与支部书记联系。", "Leave is asked for before the meeting. Speak to the secretary."),
    "alreadyDecided": (409, "已经处理过了。", "This has been decided already."),
    "ownCase": (403, "不能处理与本人有关的事项，请由其他负责人处理。", "Nobody decides one's own case. Another responsible person must."),
    # attendance
    "objectionWindowClosed": (409, "异议期已于 {until} 截止。", "The time for objections ended on {until}."),
    "objectionOpen": (409, "您已有一项异议正在处理。", "You have an objection under way already."),
    "correctionMalformed": (422, "更正内容有误（{field}）。", "The correction is not right ({field})."),
    "stretchOutsideSession": (422, "时间段须在会议期间内。", "The stretch must lie within the meeting."),
    "noticeVersionUnknown": (422, "告知版本有误，请刷新页面。", "That version of the notice is not known. Reload the page."),
    "textUnacceptable": (422, "文字中含有不能使用的字符。", "The text holds characters that cannot be used."),
    "factMalformed": (422, "记录格式有误。", "The fact is malformed."),
    # each further part has its sentences in a file of its own
    **answers_reports.ANSWERS,
    **answers_delivery.ANSWERS,
    **answers_discussions.ANSWERS,
    **answers_recordings.ANSWERS,
    **answers_protection.ANSWERS,
}  # fmt: skip
_STATUSES = {Family.CONFLICT: 409, Family.INVALID: 422, Family.FORBIDDEN: 403}
# Rules bring their own sentences; a code that stands above is told as above.
ANSWERS |= {code: (_STATUSES[family], zh, en) for code, (family, zh, en) in SENTENCES.items() if code not in ANSWERS}


class _Forgiving(string.Formatter):
    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(str(key))
        return "–" if value is None else value


_formatter = _Forgiving()


def _spelled(name: str, value: Any) -> Any:
    """Instants are epoch seconds in `params`, for programs; people are told the time in China."""
    if name != "until" or not isinstance(value, int | float):
        return value
    return datetime.fromtimestamp(value, CHINA).strftime("%Y-%m-%d %H:%M")


def explain(code: str, params: Json, request_id: str | None = None) -> Json:
    """The shape `Refusal` in JSON."""
    _, zh, en = ANSWERS[code]
    fill = {**{name: _spelled(name, value) for name, value in params.items()}, "requestId": request_id}
    message = {"zh": _formatter.vformat(zh, (), fill), "en": _formatter.vformat(en, (), fill)}
    return {"code": code, "message": message, "params": params, "requestId": request_id}


def status_of(code: str) -> int:
    return ANSWERS[code][0]
