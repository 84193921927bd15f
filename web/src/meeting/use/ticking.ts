/** Seconds that run on the screen between two messages of the server. */

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { Counters } from '../../media/protocol';

export function useSecond(): ShallowRef<number> {
  const now = shallowRef(Date.now() / 1000);
  const timer = setInterval(() => (now.value = Date.now() / 1000), 1000);
  onScopeDispose(() => clearInterval(timer));
  return now;
}

/** Counters as they are `later` seconds after they were told. Nothing runs before the meeting is open. */
export function runOn(told: Counters, later: number, open: boolean): Counters {
  const passed = open ? Math.max(0, later) : 0;
  return {
    ...told,
    presentSeconds: told.presentSeconds + passed,
    sessionSeconds: told.sessionSeconds + passed,
    speakingSeconds: told.speakingSeconds + (told.speakingNow ? passed : 0),
  };
}

export function useReceivedAt(source: ShallowRef<Counters | null>): ShallowRef<number> {
  const at = shallowRef(Date.now() / 1000);
  watch(source, () => (at.value = Date.now() / 1000), { flush: 'sync' });
  return at;
}

/** 0:07, 12:34, 1:02:03 */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
