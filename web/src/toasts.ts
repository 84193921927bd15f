/** Short messages that need no answer. Drawn once by the shell, as a live region. */

import { reactive } from 'vue';
import { sentenceOf } from './api/refusal';
import { currentLocale } from './i18n';

export interface Toast {
  id: number;
  tone: 'good' | 'bad' | 'plain';
  text: string;
}

const SHOWN_MS = 6000;
const FAILURE_SHOWN_MS = 12000; // a refusal says what to do, and that takes time to read
export const toasts = reactive<Toast[]>([]);
let last = 0;

export function toast(text: string, tone: Toast['tone'] = 'good'): void {
  const id = ++last;
  toasts.push({ id, tone, text });
  setTimeout(() => dismiss(id), tone === 'bad' ? FAILURE_SHOWN_MS : SHOWN_MS);
}

export function toastFailure(failure: unknown): void {
  toast(sentenceOf(failure, currentLocale()), 'bad');
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((one) => one.id === id);
  if (at >= 0) toasts.splice(at, 1);
}
