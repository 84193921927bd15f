/**
 * What is written and not yet on the server, kept in this browser until it is. Only unsaved words are kept here, under the account that
 * wrote them; as soon as the server has them they are gone from the device.
 */

export interface Written {
  title: string;
  text: string;
}

/** `revision`: of the server's copy it was written over; 0: the server has none yet. */
export interface Kept extends Written {
  revision: number;
  at: number;
}

export interface Held extends Written {
  revision: number;
}

export type Found = { kind: 'server'; held: Held } | { kind: 'kept'; held: Held } | { kind: 'conflict'; mine: Kept; theirs: Held };

const key = (accountId: string, reportId: string) => `branchline.report.${accountId}.${reportId}`;

export function same(one: Written, other: Written): boolean {
  return one.title === other.title && one.text === other.text;
}

/** What to go on with, when the page opens: the server's words, the own unsaved ones, or both because they grew apart. */
export function reconcile(server: Held | null, kept: Kept | null): Found | null {
  if (!kept) return server && { kind: 'server', held: server };
  if (!server) return { kind: 'kept', held: kept };
  if (same(kept, server)) return { kind: 'server', held: server };
  return kept.revision === server.revision ? { kind: 'kept', held: kept } : { kind: 'conflict', mine: kept, theirs: server };
}

export function keep(accountId: string, reportId: string, kept: Kept): boolean {
  try {
    localStorage.setItem(key(accountId, reportId), JSON.stringify(kept));
    return true;
  } catch {
    return false; // private windows, or a full disk: the server's copy is then the only one
  }
}

export function kept(accountId: string, reportId: string): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key(accountId, reportId)) ?? 'null');
    return isKept(found) ? found : null;
  } catch {
    return null;
  }
}

export function forget(accountId: string, reportId: string): void {
  try {
    localStorage.removeItem(key(accountId, reportId));
  } catch {
    // There was none, then.
  }
}

/** Reports of this account that were never saved to the server, newest first: begun without a network. */
export function unsaved(accountId: string): Array<Kept & { reportId: string }> {
  const start = key(accountId, '');
  try {
    const ids = Object.keys(localStorage)
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length));
    const found = ids.map((reportId) => ({ reportId, one: kept(accountId, reportId) }));
    return found.flatMap(({ reportId, one }) => (one ? [{ ...one, reportId }] : [])).sort((a, b) => b.at - a.at);
  } catch {
    return [];
  }
}

/** 32 hexadecimal digits, as the server takes them. */
export function newReportId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isKept(value: unknown): value is Kept {
  const one = value as Partial<Kept> | null;
  return typeof one?.title === 'string' && typeof one.text === 'string' && typeof one.revision === 'number' && typeof one.at === 'number';
}
