/**
 * One report as its member writes it: every word is kept in the browser at once and saved to the server a moment later; without a network it
 * waits and is saved when there is one again. Two devices that wrote at the same time are told of each other, and neither loses a word.
 */

import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { get, post, put } from '../../api/client';
import { codeOf } from '../../api/refusal';
import type { ReportView } from '../../api/types.gen';
import { forget, keep, kept, reconcile, same, type Held, type Kept } from './draft';

export type SavedState = 'saved' | 'waiting' | 'saving' | 'offline' | 'conflict' | 'refused';

const PAUSE_MS = 1200;
const RETRY_MS = 10_000;

export function useReport(accountId: string, reportId: string, fresh: boolean) {
  const view = shallowRef<ReportView | null>(null);
  const failure = shallowRef<unknown>(null);
  const title = ref('');
  const text = ref('');
  const state = ref<SavedState>('saved');
  const conflict = shallowRef<{ mine: Kept; theirs: Held } | null>(null);
  const ready = ref(false);
  let revision = 0;
  let onServer: Held | null = null;
  let timer = 0;
  let running: Promise<void> | null = null;
  const writable = computed(() => (view.value ? view.value.mayWrite : ready.value));

  async function open(): Promise<void> {
    failure.value = null;
    if (fresh && !ready.value && !kept(accountId, reportId)) {
      ready.value = true;
      return;
    }
    let server: ReportView | null = null;
    try {
      server = await get<ReportView>(`/reports/${reportId}`);
    } catch (problem) {
      const here = kept(accountId, reportId) !== null && ['notFound', 'unreachable'].includes(codeOf(problem));
      if (!here) {
        failure.value = problem;
        return;
      }
      if (codeOf(problem) === 'unreachable') state.value = 'offline';
    }
    take(server);
    const mine = server && !server.mayWrite ? null : kept(accountId, reportId);
    const found = reconcile(onServer, mine);
    if (found?.kind === 'conflict') return collide(found.mine, found.theirs);
    if (found) [title.value, text.value, revision] = [found.held.title, found.held.text, found.held.revision];
    ready.value = true;
    if (found?.kind === 'kept') later(0);
  }

  function take(server: ReportView | null): void {
    view.value = server;
    onServer = server && { title: server.title, text: server.text, revision: server.revision };
    if (server) revision = server.revision;
  }

  function collide(mine: Kept, theirs: Held): void {
    conflict.value = { mine, theirs };
    [title.value, text.value] = [mine.title, mine.text];
    state.value = 'conflict';
    ready.value = true;
  }

  watch([title, text], () => {
    if (!ready.value || !writable.value || state.value === 'conflict') return;
    const now = { title: title.value, text: text.value };
    if (onServer && same(now, onServer)) return;
    keep(accountId, reportId, { ...now, revision, at: Date.now() });
    if (state.value !== 'offline') state.value = 'waiting';
    later(PAUSE_MS);
  });

  function later(pause: number): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void save(), pause);
  }

  /** One at a time; what is typed meanwhile is saved after it. */
  async function save(): Promise<void> {
    window.clearTimeout(timer);
    while (running) await running;
    running = attempt();
    await running;
    running = null;
  }

  async function attempt(): Promise<void> {
    const now = { title: title.value, text: text.value };
    if (state.value === 'conflict' || !writable.value || (onServer && same(now, onServer))) return;
    state.value = 'saving';
    try {
      const begun = onServer ?? null;
      const saved = begun
        ? await put<ReportView>(`/reports/${reportId}`, { revision, ...now })
        : await post<ReportView>('/reports', { reportId, ...now });
      take(saved);
      if (same({ title: title.value, text: text.value }, saved)) settled();
      else later(0);
    } catch (problem) {
      await missed(problem, now);
    }
  }

  function settled(): void {
    forget(accountId, reportId);
    state.value = 'saved';
  }

  async function missed(problem: unknown, now: { title: string; text: string }): Promise<void> {
    if (codeOf(problem) === 'staleRevision') {
      const server = await get<ReportView>(`/reports/${reportId}`).catch(() => null);
      if (server) {
        const mine = { ...now, revision, at: Date.now() };
        take(server);
        if (same(now, server)) return settled();
        keep(accountId, reportId, mine);
        return collide(mine, { title: server.title, text: server.text, revision: server.revision });
      }
    }
    if (['unreachable', 'unexpected', 'storeUnavailable', 'staleRevision'].includes(codeOf(problem))) {
      state.value = 'offline';
      return later(RETRY_MS);
    }
    state.value = 'refused';
    failure.value = problem;
  }

  /** Both versions were shown; this one goes on. The other is on the page until then, to be copied from. */
  function settle(with_: 'mine' | 'theirs'): void {
    const both = conflict.value;
    if (!both) return;
    const chosen = both[with_];
    conflict.value = null;
    revision = both.theirs.revision;
    onServer = both.theirs;
    [title.value, text.value] = [chosen.title, chosen.text];
    state.value = 'waiting';
    if (with_ === 'theirs') settled();
    else {
      keep(accountId, reportId, { title: chosen.title, text: chosen.text, revision, at: Date.now() });
      later(0);
    }
  }

  function show(server: ReportView): void {
    take(server);
    [title.value, text.value] = [server.title, server.text];
    settled();
  }

  const back = () => void (state.value === 'offline' && save());
  const leaving = (event: BeforeUnloadEvent) => void (state.value !== 'saved' && writable.value && text.value && event.preventDefault());
  window.addEventListener('online', back);
  window.addEventListener('beforeunload', leaving);
  onScopeDispose(() => {
    window.clearTimeout(timer);
    window.removeEventListener('online', back);
    window.removeEventListener('beforeunload', leaving);
    if (state.value === 'waiting') void save();
  });

  return { view, failure, title, text, state, conflict, ready, writable, open, save, settle, show, revision: () => revision };
}
