/** Lists: those whose filter and page live in the address, those that only turn their pages, and words that are searched for. */

import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { useLoad, type Loaded } from '../ui/load';
import { filterOf, withFilter } from './filters';

const WAIT_MS = 300; // a pause in typing

export interface Listing<K extends string, T> {
  filter: ComputedRef<Record<K, string>>;
  list: Loaded<T>;
  /** Another filter, from its first page. */
  set: (key: K, value: string) => void;
  go: (page: number) => void;
}

/** `wanted`: false while the page shows something else at this address. */
export function useListing<K extends string, T>(
  keys: readonly K[],
  read: (filter: Record<K, string>, page: number) => Promise<T>,
  wanted: () => boolean = () => true,
): Listing<K, T> {
  const route = useRoute();
  const router = useRouter();
  const filter = computed(() => filterOf(route.query, keys));
  const list = useLoad(() => read(filter.value, Number(route.query.page) || 1), wanted());
  watch(
    () => route.query,
    () => wanted() && void list.reload(),
  );
  const set = (key: K, value: string) => void router.replace({ query: withFilter(route.query, key, value) });
  const go = (page: number) => void router.push({ query: { ...route.query, page: String(page) } });
  return { filter, list, set, go };
}

/** One of a few filters under `key`; the first stands for none in the address. */
export function useChoice<K extends string, F extends string>(
  filter: ComputedRef<Record<K, string>>,
  set: (key: K, value: string) => void,
  key: K,
  choices: readonly [F, ...F[]],
): { chosen: ComputedRef<F>; choose: (one: F) => void } {
  const chosen = computed(() => choices.find((one) => one === filter.value[key]) ?? choices[0]);
  return { chosen, choose: (one) => set(key, one === choices[0] ? '' : one) };
}

/** What is typed into a search field: searched for after a pause, and following the address when something else changes it. */
export function useSearchWords(filter: ComputedRef<{ q: string }>, set: (key: 'q', value: string) => void): Ref<string> {
  const words = ref(filter.value.q);
  afterPause(words, (now) => now !== filter.value.q && set('q', now));
  watch(
    () => filter.value.q,
    (asked) => {
      if (asked !== words.value.trim()) words.value = asked;
    },
  );
  return words;
}

/** What stands in a field once nothing has been typed for a moment, without blanks around it. */
export function afterPause(words: Ref<string>, then: (now: string) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(words, (now) => {
    clearTimeout(timer);
    timer = setTimeout(() => then(now.trim()), WAIT_MS);
  });
  onScopeDispose(() => clearTimeout(timer));
}

/** A list whose pages turn in place. */
export function usePages<T>(read: (page: number) => Promise<T>, atOnce = true): { load: Loaded<T>; go: (page: number) => void } {
  const page = ref(1);
  const load = useLoad(() => read(page.value), atOnce);
  const go = (to: number) => {
    page.value = to;
    void load.reload();
  };
  return { load, go };
}
