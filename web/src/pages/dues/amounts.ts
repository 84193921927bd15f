/** Amounts as people write them, in yuan, and as the wire has them, in whole fen; months as they are counted. */

import type { DuesStateName } from '../../api/types.gen';

export const TONES: Record<DuesStateName, 'good' | 'care' | 'bad'> = { paid: 'good', soon: 'care', behind: 'bad' };
export const MOST_FEN = 100_000_000;

export const yuan = (fen: number): string => (fen / 100).toFixed(2);

/** Null for nothing written; undefined for what is no amount. */
export function fen(text: string): number | null | undefined {
  const plain = text.trim().replace(/,/g, '');
  if (!plain) return null;
  if (!/^\d+(\.\d{1,2})?$/.test(plain)) return undefined;
  const [whole = '', part = ''] = plain.split('.');
  const found = Number(whole) * 100 + Number(part.padEnd(2, '0'));
  return found > 0 && found <= MOST_FEN ? found : undefined;
}

/** "2026-05" for the month a day lies in. */
export const monthOf = (at: Date): string => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}`;

/** The month after. */
export function after(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}

/** One month, or from and to. */
export const months = (from: string, to: string): string => (from === to ? from : `${from} – ${to}`);

/** How many months there are from one to the other, both counted; 0 if they are the wrong way round. */
export function count(from: string, to: string): number {
  const [a = 0, b = 0] = [from, to].map((one) => Number(one.slice(0, 4)) * 12 + Number(one.slice(5)));
  return Math.max(0, b - a + 1);
}
