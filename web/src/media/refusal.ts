/** A request the server refused, or one that never got an answer. Both carry what a person is to be told. */

export interface Sentence {
  zh: string;
  en: string;
}

export interface Refusal {
  code: string;
  message: Sentence;
  params?: Record<string, unknown>;
  requestId?: string | null;
}

export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.name = 'Refused';
    this.refusal = refusal;
  }

  get code(): string {
    return this.refusal.code;
  }
}

/** Said by this page itself: without it a browser that cannot take part would be tried for ever. */
export const BROWSER_UNSUPPORTED: Refusal = {
  code: 'browserUnsupported',
  message: {
    zh: '这个浏览器版本过旧或不受支持，无法参加会议。请更新浏览器，或改用新版的 Chrome、Edge、Firefox 或 Safari。',
    en: 'This browser is too old for meetings, or not supported. Update it, or use a current Chrome, Edge, Firefox or Safari.',
  },
};

/** No answer in time, or the connection went away while waiting: whether the request was carried out is unknown. */
export class Unanswered extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'Unanswered';
  }
}
