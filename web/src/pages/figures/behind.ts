/** The list behind a number, as the query of its page and of its file. */

import type { LocationQuery } from 'vue-router';

const KEYS = ['behind', 'key', 'value', 'days', 'form', 'year', 'quarter'] as const;
export type BehindQuery = Partial<Record<(typeof KEYS)[number], string>>;

export function behindOf(query: LocationQuery): BehindQuery {
  const found: BehindQuery = {};
  for (const key of KEYS) {
    const value = query[key];
    if (typeof value === 'string' && value) found[key] = value;
  }
  return found;
}
