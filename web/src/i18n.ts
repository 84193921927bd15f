/** Chinese and English. One chunk per language; the choice is remembered by this browser and, when logged in, by the account. */

import { createI18n } from 'vue-i18n';
import type { Locale } from './api/types.gen';

const KEY = 'branchline.locale';
const CHUNKS: Record<Locale, () => Promise<{ default: Record<string, unknown> }>> = {
  zh: () => import('./locales/zh'),
  en: () => import('./locales/en'),
};

export const i18n = createI18n({ legacy: false, locale: 'zh' as Locale, fallbackLocale: false, messages: {} as Record<Locale, never> });

export function currentLocale(): Locale {
  return i18n.global.locale.value as Locale;
}

/** What was chosen here before, else what the browser prefers, else the installation's default. */
export function preferredLocale(fallback: Locale = 'zh'): Locale {
  const kept = remembered();
  if (kept) return kept;
  const wish = globalThis.navigator?.language ?? '';
  if (wish.startsWith('zh')) return 'zh';
  return wish.startsWith('en') ? 'en' : fallback;
}

export function remembered(): Locale | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'zh' || kept === 'en' ? kept : null;
  } catch {
    return null; // private windows may forbid storage
  }
}

export async function showIn(locale: Locale, remember = false): Promise<void> {
  const messages = (await CHUNKS[locale]()).default;
  i18n.global.setLocaleMessage(locale, messages as never);
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en';
  if (!remember) return;
  try {
    localStorage.setItem(KEY, locale);
  } catch {
    // The choice then lasts as long as the page.
  }
}
