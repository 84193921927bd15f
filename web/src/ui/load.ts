/** Composables for pages: reading something when the page opens, and doing something when a button is pressed. */

import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { toastFailure } from '../toasts';

export interface Loaded<T> {
  data: ShallowRef<T | null>;
  failure: ShallowRef<unknown>;
  loading: Ref<boolean>;
  reload: () => Promise<void>;
}

/** Only the latest call counts: an older answer that comes in late is dropped. */
export function useLoad<T>(read: () => Promise<T>, atOnce = true): Loaded<T> {
  const data = shallowRef<T | null>(null);
  const failure = shallowRef<unknown>(null);
  const loading = ref(atOnce);
  let latest = 0;
  onScopeDispose(() => (latest = -1));

  async function reload(): Promise<void> {
    const mine = ++latest;
    loading.value = true;
    try {
      const fresh = await read();
      if (mine === latest) [data.value, failure.value] = [fresh, null];
    } catch (problem) {
      if (mine === latest) failure.value = problem;
    }
    if (mine === latest) loading.value = false;
  }

  if (atOnce) void reload();
  return { data, failure, loading, reload };
}

export interface Act {
  busy: Ref<boolean>;
  failure: ShallowRef<unknown>;
  run: (work: () => Promise<void>) => Promise<boolean>;
}

/** One press, one request. The failure is kept for a form to show beside its fields, or told as a toast. */
export function useAct(tell: 'toast' | 'inline' = 'toast'): Act {
  const busy = ref(false);
  const failure = shallowRef<unknown>(null);

  async function run(work: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    failure.value = null;
    try {
      await work();
      return true;
    } catch (problem) {
      failure.value = problem;
      if (tell === 'toast') toastFailure(problem);
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, failure, run };
}
