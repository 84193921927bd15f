/** Instants, durations and shares as people read them. In the reader's own time zone; the zone is named where it is not China's. */

import type { Locale } from './api/types.gen';

const CHINA = 'Asia/Shanghai';
const tag = (locale: Locale) => (locale === 'zh' ? 'zh-CN' : 'en-GB');

export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || CHINA;
}

/** Zones that keep China's clock need no note. */
export function isChinaClock(zone: string = localZone(), at: Date = new Date()): boolean {
  const shown = (timeZone: string) => at.toLocaleString('en-GB', { timeZone });
  return shown(zone) === shown(CHINA);
}

function shown(locale: Locale, instant: string | null, options: Intl.DateTimeFormatOptions): string {
  return instant ? new Intl.DateTimeFormat(tag(locale), { hourCycle: 'h23', ...options }).format(new Date(instant)) : '–';
}

export function day(locale: Locale, instant: string | null): string {
  return shown(locale, instant, { year: 'numeric', month: locale === 'zh' ? 'long' : 'short', day: 'numeric' });
}

export function dayWithWeek(locale: Locale, instant: string | null): string {
  return shown(locale, instant, { month: locale === 'zh' ? 'long' : 'short', day: 'numeric', weekday: locale === 'zh' ? 'long' : 'short' });
}

export function clock(locale: Locale, instant: string | null, seconds = false): string {
  return shown(locale, instant, { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) });
}

export function moment(locale: Locale, instant: string | null): string {
  return instant ? `${day(locale, instant)} ${clock(locale, instant)}` : '–';
}

/** "20:00–21:30", with the day of the end when it is another one. */
export function span(locale: Locale, from: string, to: string): string {
  const sameDay = day(locale, from) === day(locale, to);
  return `${clock(locale, from)}–${sameDay ? '' : `${day(locale, to)} `}${clock(locale, to)}`;
}

/** "1 h 5 min", "12 min 30 s", "45 s" – seconds only below an hour, nothing that is zero. */
export function duration(locale: Locale, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const word = locale === 'zh' ? { h: '小时', m: s || h ? '分' : '分钟', s: '秒' } : { h: 'h', m: 'min', s: 's' };
  const part = (n: number, unit: string) => (n ? `${n} ${unit}` : '');
  const parts = h ? [part(h, word.h), part(m, word.m)] : [part(m, word.m), part(s, word.s)];
  return parts.filter(Boolean).join(' ') || `0 ${word.s}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

/** For <input type="datetime-local">: the reader's own wall clock, without a zone. */
export function toLocalInput(instant: string): string {
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The way back, with the offset written out, so that the server need not guess. Null for half-filled fields. */
export function fromLocalInput(text: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null; // Date itself takes nearly anything
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return null;
  const minutes = -at.getTimezoneOffset();
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
  return `${text.slice(0, 16)}:00${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
