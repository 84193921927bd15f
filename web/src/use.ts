/** What nearly every page needs: words, the language, and formats in it. */

import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Locale } from './api/types.gen';
import * as format from './format';

export function useWords() {
  const { t, te, locale } = useI18n();
  const language = computed(() => locale.value as Locale);
  return {
    t,
    te,
    language,
    day: (at: string | null) => format.day(language.value, at),
    dayWithWeek: (at: string | null) => format.dayWithWeek(language.value, at),
    clock: (at: string | null, seconds = false) => format.clock(language.value, at, seconds),
    moment: (at: string | null) => format.moment(language.value, at),
    span: (from: string, to: string) => format.span(language.value, from, to),
    duration: (seconds: number) => format.duration(language.value, seconds),
    percent: format.percent,
  };
}
