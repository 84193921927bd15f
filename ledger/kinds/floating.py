"""What is told about members away: steps of a registration, consent, the thread, and what is due. Never a name or a place."""

from __future__ import annotations

from ..notifying import Kind
from ..rules.duties import AdviceKind, DutyKind, DutyState

_PAGE = "/floating/{id}"
_AWAY = "/away"

DEPARTURE_REPORTED = Kind(
    "departureReported",
    "外出报告",
    "Departure reported",
    "有党员报告外出，请确定流入地支部和联系人。",
    "A member has reported a departure. Name a host and a liaison.",
    _PAGE,
)
REGISTERED_AWAY = Kind(
    "registeredAway",
    "已登记外出",
    "You are registered as away",
    "支部已为您登记外出，请核对内容。",
    "Your branch has registered you as away. Check what was entered.",
    _AWAY,
)
HOST_NAMED = Kind(
    "hostNamed",
    "请报到",
    "Report in at the host",
    "已为您确定流入地支部，请在 {due} 前报到。",
    "A host branch has been named for you. Report in there by {due}.",
    _AWAY,
)
GUEST_COMING = Kind(
    "guestComing",
    "有党员将来报到",
    "A member will report in",
    "有流动党员将到您的支部报到，期限为 {due}。",
    "A member away from home will report in at your branch by {due}.",
    _PAGE,
)
REPORTED_IN = Kind(
    "reportedIn",
    "已报到",
    "Reported in",
    "外出党员已在流入地支部报到。",
    "A member away has reported in at the host branch.",
    _PAGE,
)
CONSENT_ASKED = Kind(
    "consentAsked",
    "请您决定是否同意",
    "Your consent is asked for",
    "{org}请求查看您的流动信息，以便接收您参加组织生活。是否同意由您决定。",
    "{org} asks to see your record as a member away, to take you in. It is for you to decide.",
    _AWAY,
    urgent=True,
)
CONSENT_ANSWERED = Kind(
    "consentAnswered",
    "本人已答复",
    "The member has answered",
    "外出党员已答复您关于信息共享的请求。",
    "A member away has answered your request to share the record.",
    _PAGE,
)
CONSENT_WITHDRAWN = Kind(
    "consentWithdrawn",
    "同意已撤回",
    "Consent withdrawn",
    "一名外出党员撤回了向流入地支部提供信息的同意，该支部不再能看到其记录。",
    "A member away has withdrawn the consent to share with the host, who sees nothing more.",
    _PAGE,
)
WHEREABOUTS_DECLARED = Kind(
    "whereaboutsDeclared",
    "去向有更新",
    "Whereabouts declared",
    "外出党员报告了去向。",
    "A member away has declared whereabouts.",
    _PAGE,
)
CAME_BACK = Kind(
    "cameBack", "已返回", "Came back", "外出党员已返回，登记已办结。", "A member away has come back; the registration is closed.", _PAGE
)
LIAISON_NAMED = Kind(
    "liaisonNamed",
    "请您担任联系人",
    "You are a liaison",
    "您被确定为一名外出党员的联系人，请保持联系。",
    "You are the liaison of a member away. Keep in touch.",
    _PAGE,
)
THREAD_MESSAGE = Kind(
    "threadMessage",
    "对方支部来信",
    "A word from the other branch",
    "对方支部就一名外出党员给您留言。",
    "The other branch has written to you about a member away.",
    _PAGE,
)
EVALUATION_GIVEN = Kind(
    "evaluationGiven",
    "评议反馈",
    "Evaluation fed back",
    "流入地支部反馈了对外出党员的评议意见。",
    "The host branch has fed back its evaluation of a member away.",
    _PAGE,
)
CERTIFICATE_ISSUED = Kind(
    "certificateIssued",
    "活动证已签发",
    "Certificate issued",
    "您的流动党员活动证已签发，可在手机上出示。",
    "Your activity certificate has been issued. Show it on the phone.",
    _AWAY,
)

_DUTIES: dict[DutyKind, tuple[str, str]] = {
    DutyKind.REPORT_IN: ("报到", "Reporting in"),
    DutyKind.CONTACT: ("与外出党员的联系", "Contact with a member away"),
    DutyKind.YEARLY_REPORT: ("向支部的年度报告", "The yearly report to the branch"),
    DutyKind.ANNUAL_CHECK: ("活动证年度查验", "The annual check of a certificate"),
    DutyKind.THOUGHT_REPORT: ("思想汇报", "A thought report"),
}
_STATES: dict[DutyState, tuple[str, str, str, str]] = {
    DutyState.SOON: ("即将到期", "due soon", "{what}将于 {{on}} 到期。", "{what} is due on {{on}}."),
    DutyState.OVERDUE: ("已逾期", "overdue", "{what}已于 {{on}} 到期，尚未完成。", "{what} was due on {{on}} and is not done."),
    DutyState.ESCALATED: (
        "逾期较久",
        "long overdue",
        "{what}已于 {{on}} 到期，逾期较久，已报上级。",
        "{what} was due on {{on}} and is long overdue; the superior is told.",
    ),
}


def _duty(kind: DutyKind, state: DutyState) -> Kind:
    zh, en = _DUTIES[kind]
    title_zh, title_en, text_zh, text_en = _STATES[state]
    code = f"{kind.value}{state.value[0].upper()}{state.value[1:]}"
    return Kind(code, f"{zh}{title_zh}", f"{en} {title_en}", text_zh.format(what=zh), text_en.format(what=en), _PAGE)


DUTIES: dict[tuple[DutyKind, DutyState], Kind] = {(kind, state): _duty(kind, state) for kind in DutyKind for state in DutyState}

_ADVICE: dict[AdviceKind, tuple[str, str]] = {
    AdviceKind.LAPSE_NEAR: (
        "组织生活、党费和所分配工作的记录中断将满期限",
        "a period without organisational life, dues or assigned work will soon be full",
    ),
    AdviceKind.LAPSE: (
        "组织生活、党费和所分配工作的记录中断已满期限",
        "a period without organisational life, dues or assigned work is full",
    ),
    AdviceKind.SUSPENSION: ("失联查找已满期限", "the search for a member out of contact has lasted its period"),
    AdviceKind.REMOVAL: ("停止党籍后失联已满期限", "the period after a suspension is full"),
    AdviceKind.GRADUATE: ("毕业生组织关系保留已满期限", "a graduate's relation has stayed its longest"),
    AdviceKind.FIXED_PLACE: ("在固定地点已满期限，宜转接组织关系", "a member has been at a fixed place for the period: move the relation"),
}
ADVICE: dict[AdviceKind, Kind] = {
    kind: Kind(
        f"advice{kind.value[0].upper()}{kind.value[1:]}",
        "提示：请支部研究",
        "For the branch to consider",
        f"一名党员的{zh}（{{on}}）。系统只作提示，由组织研究决定。",
        f"Of one member: {en} ({{on}}). This is advice; people decide.",
        "/members/{id}",
    )
    for kind, (zh, en) in _ADVICE.items()
}
KINDS = (
    DEPARTURE_REPORTED,
    REGISTERED_AWAY,
    HOST_NAMED,
    GUEST_COMING,
    REPORTED_IN,
    CONSENT_ASKED,
    CONSENT_ANSWERED,
    CONSENT_WITHDRAWN,
    WHEREABOUTS_DECLARED,
    CAME_BACK,
    LIAISON_NAMED,
    THREAD_MESSAGE,
    EVALUATION_GIVEN,
    CERTIFICATE_ISSUED,
    *DUTIES.values(),
    *ADVICE.values(),
)
