/** Who is logged in, and what the installation says of itself. The server checks every request anyhow; `can` only shows or hides. */

import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { get, post, put, remove, useCsrfToken } from './api/client';
import { codeOf } from './api/refusal';
import type { ClientSettings, Done, Locale, Me } from './api/types.gen';
import { remembered, showIn } from './i18n';

export type Right = Me['can'][number];

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null);
  const settings = ref<ClientSettings | null>(null);
  const asked = ref(false);
  const loggedIn = computed(() => me.value !== null);

  function can(right: Right): boolean {
    return me.value?.can.includes(right) ?? false;
  }

  /** What was chosen in this browser goes before what the account remembers, and the account is told, for its exports and messages. */
  async function accept(fresh: Me): Promise<void> {
    me.value = fresh;
    useCsrfToken(fresh.csrfToken);
    const kept = remembered();
    if (!kept) await showIn(fresh.locale);
    else if (kept !== fresh.locale) void put<Done>('/session/locale', { locale: kept }).catch(() => undefined);
  }

  function forget(): void {
    me.value = null;
    useCsrfToken('');
  }

  /** Once per page load. "Not logged in" is an answer, not a failure. */
  async function restore(): Promise<void> {
    if (asked.value) return;
    try {
      await accept(await get<Me>('/session'));
    } catch (failure) {
      if (codeOf(failure) === 'unreachable' || codeOf(failure) === 'unexpected') throw failure;
      forget();
    }
    asked.value = true;
  }

  async function readSettings(): Promise<ClientSettings> {
    settings.value ??= await get<ClientSettings>('/settings');
    return settings.value;
  }

  async function logIn(username: string, password: string): Promise<void> {
    await accept(await post<Me>('/session', { username, password }));
    asked.value = true;
  }

  async function logOut(): Promise<void> {
    await remove<Done>('/session');
    forget();
  }

  async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
    await accept(await put<Me>('/account/password', { currentPassword, newPassword }));
  }

  /** The page changes at once; the account learns of it when it can. */
  async function choose(locale: Locale): Promise<void> {
    await showIn(locale, true);
    if (me.value) await put<Done>('/session/locale', { locale }).catch(() => undefined);
  }

  return { me, settings, loggedIn, can, restore, readSettings, logIn, logOut, changePassword, choose, forget };
});
