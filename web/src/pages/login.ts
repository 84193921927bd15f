/** Decisions of the log-in page that need no page. */

import { Refused } from '../api/refusal';

/** Only addresses inside the product are gone to after log-in; anything else is somebody's trap. */
export function inside(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
}

/** ISO instant until which the account is locked, or null. The server names it in epoch seconds or as ISO text. */
export function lockedUntil(failure: unknown): string | null {
  if (!(failure instanceof Refused) || failure.code !== 'accountLocked') return null;
  const until = failure.refusal.params?.until;
  if (typeof until === 'number') return new Date(until * 1000).toISOString();
  return typeof until === 'string' ? until : null;
}

export interface PasswordDraft {
  current: string;
  fresh: string;
  again: string;
}

const SHORTEST = 10; // as the server asks for; the server decides

/** Field → key of the sentence to show. Empty: nothing speaks against sending it. */
export function wrongWith(draft: PasswordDraft): Partial<Record<keyof PasswordDraft, string>> {
  const wrong: Partial<Record<keyof PasswordDraft, string>> = {};
  if (!draft.current) wrong.current = 'login.change.missing';
  if (draft.fresh.length < SHORTEST) wrong.fresh = 'login.change.tooShort';
  else if (draft.fresh === draft.current) wrong.fresh = 'login.change.same';
  if (draft.again !== draft.fresh) wrong.again = 'login.change.different';
  return wrong;
}
