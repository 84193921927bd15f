/** One class of refusal for REST and signalling, so that a screen needs one way of telling it. */

import type { Locale, Refusal } from './types.gen';
import { Refused, Unanswered } from '../media/refusal';

export { Refused, Unanswered };
export type { Refusal };

const UNREACHABLE: Refusal = {
  code: 'unreachable',
  message: {
    zh: '暂时连接不上服务器。请检查网络后重试，您填写的内容没有丢失。',
    en: 'The server cannot be reached right now. Check your network and try again; nothing you typed is lost.',
  },
};

const STRANGE: Refusal = {
  code: 'unexpected',
  message: {
    zh: '服务器出了问题，请稍后再试；如果一直如此，请告知管理员。',
    en: 'The server ran into a problem. Try again shortly; if it stays, tell your administrator.',
  },
};

export const unreachable = (): Refused => new Refused(UNREACHABLE);

/** The refusal in an answer's body, or a general one for a proxy's HTML page and the like. */
export function refusalOf(status: number, body: unknown): Refused {
  const refusal = (body as { refusal?: Refusal } | null)?.refusal;
  if (refusal?.code && refusal.message) return new Refused(refusal);
  return new Refused({ ...STRANGE, params: { status } });
}

/** What a person is told of any failure, in their language. A bug in our own code is told as "unexpected", never swallowed silently. */
export function sentenceOf(failure: unknown, locale: Locale): string {
  if (failure instanceof Refused) return failure.refusal.message[locale] || failure.refusal.message.zh;
  if (failure instanceof Unanswered) return UNREACHABLE.message[locale];
  console.error(failure);
  return STRANGE.message[locale];
}

export function codeOf(failure: unknown): string {
  return failure instanceof Refused ? failure.code : 'unexpected';
}
