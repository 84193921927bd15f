/**
 * The one place that calls fetch. JSON in, JSON out; every failure leaves as `Refused`.
 *
 * Knows the CSRF token of the session and tells one listener when the session is gone. Must never know what a resource means.
 */

import { refusalOf, unreachable } from './refusal';

export type Query = Record<string, string | number | boolean | null | undefined>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

let csrfToken = '';
/** Answers that have a mark, in the memory of this page only. */
const held = new Map<string, { mark: string; value: unknown }>();
let onLoggedOut: () => void = () => undefined;

/** Another session is somebody else, or the same person anew: what the last one held is forgotten. */
export function useCsrfToken(token: string): void {
  if (token !== csrfToken) held.clear();
  csrfToken = token;
}

export function whenLoggedOut(listener: () => void): void {
  onLoggedOut = listener;
}

/** `/api` path with its query; empty values are left out, so that forms can pass their fields as they are. */
export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return `/api${path}${search ? `?${search}` : ''}`;
}

async function call<T>(method: Method, url: string, body?: unknown): Promise<T> {
  return read<T>(await send(method, url, body), url);
}

/** A GET whose answer carries a mark: what this page holds already is not sent again. The value is shared by all who ask. */
export async function getMarked<T>(path: string): Promise<T> {
  const url = address(path);
  const before = held.get(url);
  const answer = await send('GET', url, undefined, before ? { 'If-None-Match': before.mark } : {});
  if (before && answer.status === 304) return before.value as T;
  const value = await read<T>(answer, url);
  const mark = answer.headers.get('ETag');
  if (mark) held.set(url, { mark, value });
  return value;
}

async function read<T>(answer: Response, url: string): Promise<T> {
  const parsed: unknown = await answer.json().catch(() => null);
  if (answer.ok && parsed !== null) return parsed as T;
  if (answer.status === 401 && !url.startsWith('/api/session')) onLoggedOut();
  throw refusalOf(answer.status, parsed);
}

/** A POST that answers with a file to be saved. */
export async function download(path: string, body: unknown): Promise<{ blob: Blob; name: string }> {
  const answer = await send('POST', address(path), body);
  if (!answer.ok) {
    if (answer.status === 401) onLoggedOut();
    throw refusalOf(answer.status, await answer.json().catch(() => null));
  }
  const named = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get('Content-Disposition') ?? '');
  return { blob: await answer.blob(), name: decodeURIComponent(named?.[1] ?? 'download') };
}

/** Hands a downloaded file to the browser as if a link had been followed. */
export function saveAs({ blob, name }: { blob: Blob; name: string }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Whether a file can be had, by its first byte: an element that plays it says only that it failed, not why. */
export async function probe(path: string): Promise<void> {
  const answer = await send('GET', address(path), undefined, { Range: 'bytes=0-0' });
  if (!answer.ok) throw refusalOf(answer.status, await answer.json().catch(() => null));
  await answer.body?.cancel();
}

async function send(method: Method, url: string, body: unknown, more: Record<string, string> = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...more };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken;
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(url, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? null : form ? body : JSON.stringify(body),
    });
  } catch {
    throw unreachable();
  }
}

export const get = <T>(path: string, query?: Query): Promise<T> => call<T>('GET', address(path, query));
export const post = <T>(path: string, body: unknown = {}, query?: Query): Promise<T> => call<T>('POST', address(path, query), body);
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>('PUT', address(path), body);
export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>('PATCH', address(path), body);
export const remove = <T>(path: string, body?: unknown): Promise<T> => call<T>('DELETE', address(path), body);
