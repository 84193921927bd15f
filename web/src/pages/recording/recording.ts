/** Words and figures of a recording. Pure. */

import type { RecordingChapter, RecordingLine } from '../../api/types.gen';

type Translate = (key: string, params?: Record<string, string>) => string;

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const;

export function stateWords(t: Translate, one: Pick<RecordingLine, 'state' | 'progress'>): string {
  return t(`recording.state.${one.state}`, { percent: `${Math.round(one.progress * 100)}%` });
}

/** 65 → 1:05, 3700 → 1:01:40. */
export function position(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The chapter that runs at an instant: the last one that has begun, −1 before the first. */
export function chapterAt(chapters: readonly Pick<RecordingChapter, 'at'>[], seconds: number): number {
  return chapters.filter((chapter) => chapter.at <= seconds + 0.05).length - 1;
}

/** Whether it will look different by itself. */
export function changes(one: Pick<RecordingLine, 'state'>): boolean {
  return one.state === 'running' || one.state === 'waiting' || one.state === 'composing';
}
