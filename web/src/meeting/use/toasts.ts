/** Short notices on top of the meeting: shown for a few seconds, at most three at once, the newest last. */

import { onScopeDispose, ref, type Ref } from 'vue';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'warning';
}

const SHOWN_MS = 6_000;
const MOST = 3;

export interface Toasts {
  list: Ref<Toast[]>;
  show(text: string, tone?: Toast['tone']): void;
  dismiss(id: number): void;
}

export function useToasts(): Toasts {
  const list = ref<Toast[]>([]);
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let next = 1;

  function dismiss(id: number): void {
    list.value = list.value.filter((toast) => toast.id !== id);
  }

  function show(text: string, tone: Toast['tone'] = 'plain'): void {
    const toast = { id: next++, text, tone };
    list.value = [...list.value.filter((shown) => shown.text !== text), toast].slice(-MOST);
    const timer = setTimeout(() => {
      timers.delete(timer);
      dismiss(toast.id);
    }, SHOWN_MS);
    timers.add(timer);
  }

  onScopeDispose(() => timers.forEach((timer) => clearTimeout(timer)));
  return { list, show, dismiss };
}
