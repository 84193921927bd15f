/** Filters live in the address, so that a list can be sent to somebody, and Back works. Pure. */

import { fromLocalInput, toLocalInput } from '../format';
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

/** Days as people give them → instants as the server asks for them: from the first day's midnight up to the end of the last day. */
export function instants(days: { from: string; to: string }): { from: string; to: string } {
  return { from: midnight(days.from, 0), to: midnight(days.to, 1) };
}

function midnight(day: string, later: number): string {
  const at = new Date(`${day}T00:00`);
  if (!day || Number.isNaN(at.getTime())) return '';
  at.setDate(at.getDate() + later);
  return fromLocalInput(toLocalInput(at.toISOString())) ?? '';
}
