/** Short messages that need no answer. Drawn once by the shell, as a live region. */

import { reactive } from 'vue';
import { sentenceOf } from './api/refusal';
import { currentLocale } from './i18n';

export interface Toast {
  id: number;
  tone: 'good' | 'bad' | 'plain';
  text: string;
  /** Where it leads, if anywhere. */
  path?: string;
  open?: () => void;
}

const SHOWN_MS = 6000;
const LONG_SHOWN_MS = 12000; // a refusal says what to do, news lead somewhere: that takes time to read
export const toasts = reactive<Toast[]>([]);
let last = 0;

export function toast(text: string, tone: Toast['tone'] = 'good'): void {
  show({ text, tone }, tone === 'bad' ? LONG_SHOWN_MS : SHOWN_MS);
}

export function toastFailure(failure: unknown): void {
  toast(sentenceOf(failure, currentLocale()), 'bad');
}

/** News that lead to a page. */
export function toastLink(text: string, path: string, open: () => void): void {
  show({ text, tone: 'plain', path, open }, LONG_SHOWN_MS);
}

function show(one: Omit<Toast, 'id'>, milliseconds: number): void {
  const id = ++last;
  toasts.push({ id, ...one });
  setTimeout(() => dismiss(id), milliseconds);
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((one) => one.id === id);
  if (at >= 0) toasts.splice(at, 1);
}
