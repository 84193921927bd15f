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

/** No answer in time, or the connection went away while waiting: whether the request was carried out is unknown. */
export class Unanswered extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'Unanswered';
  }
}
