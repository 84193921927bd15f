/** Filters live in the address, so that a list can be sent to somebody, and Back works. Pure. */

import type { LocationQuery, LocationQueryRaw } from 'vue-router';

export function filterOf<K extends string>(query: LocationQuery, keys: readonly K[]): Record<K, string> {
  const read = (key: K) => (typeof query[key] === 'string' ? (query[key] as string) : '');
  return Object.fromEntries(keys.map((key) => [key, read(key)])) as Record<K, string>;
}

/** Another filter is another list: it begins at its first page. Empty values leave the address. */
export function withFilter(query: LocationQuery, key: string, value: string): LocationQueryRaw {
  const rest = Object.entries(query).filter(([name]) => name !== key && name !== 'page');
  return Object.fromEntries(value ? [...rest, [key, value]] : rest);
}
