/** The bar of a session: where presence was measured, as parts of the whole width. Pure. */

import type { IntervalView } from '../api/types.gen';

export interface Stretch {
  x: number;
  width: number;
  evidence: IntervalView['evidence'];
  inferred: boolean;
}

export interface Frame {
  from: number;
  to: number;
}

const ms = (instant: string) => new Date(instant).getTime();

/** From opening to end; while a meeting runs, up to the latest thing known. Null: it never opened. */
export function frameOf(openedAt: string | null, endedAt: string | null, intervals: IntervalView[]): Frame | null {
  if (!openedAt) return null;
  const last = Math.max(ms(openedAt) + 1, ...intervals.map((one) => ms(one.end)));
  return { from: ms(openedAt), to: endedAt ? Math.max(ms(endedAt), ms(openedAt) + 1) : last };
}

/** 0…1 of the frame, cut at its ends; what lies outside is not drawn. A stretch too short to see is still drawn. */
export function stretches(frame: Frame, intervals: IntervalView[], least = 0.004): Stretch[] {
  const whole = frame.to - frame.from;
  const part = (at: number) => Math.min(1, Math.max(0, (at - frame.from) / whole));
  return intervals
    .filter((one) => ms(one.end) > frame.from && ms(one.start) < frame.to)
    .map((one) => {
      const x = Math.min(part(ms(one.start)), 1 - least);
      return { x, width: Math.max(least, part(ms(one.end)) - x), evidence: one.evidence, inferred: one.inferredEnd };
    });
}

/** Instants for the ticks below the bar: begin, quarters, end. */
export function ticks(frame: Frame): number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => frame.from + share * (frame.to - frame.from));
}
