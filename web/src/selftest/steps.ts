/** What the connection test looks at, in which order, and how its results add up. Pure: it runs nothing and knows no language. */

export const STEPS = ['browser', 'microphone', 'camera', 'speaker', 'websocket', 'udp', 'tcp', 'turn', 'loopback', 'network'] as const;
export type StepName = (typeof STEPS)[number];

/** good: nothing to do. care: one can take part, less well. bad: it does not work. asked: the person has to answer. skipped: needs no test. */
export type StepState = 'waiting' | 'running' | 'good' | 'care' | 'bad' | 'asked' | 'skipped';

export interface Outcome {
  state: Exclude<StepState, 'waiting' | 'running'>;
  /** Which sentence is shown: `selftest.<step>.<code>`. */
  code: string;
  params?: Record<string, string | number>;
  figures?: Record<string, string | number>;
}

export interface Result {
  step: StepName;
  state: StepState;
  code: string | null;
  params: Record<string, string | number>;
  figures: Record<string, string | number>;
  milliseconds: number | null;
}

export function begun(): Result[] {
  return STEPS.map((step) => ({ step, state: 'waiting', code: null, params: {}, figures: {}, milliseconds: null }));
}

export function withOutcome(results: readonly Result[], step: StepName, change: Partial<Result>): Result[] {
  return results.map((result) => (result.step === step ? { ...result, ...change } : result));
}

export type Verdict = 'good' | 'care' | 'bad' | 'unfinished';

/** Ways to the media service: one that works is enough, and UDP is the best. */
const WAYS: readonly StepName[] = ['udp', 'tcp', 'turn'];
/** Without these nobody takes part, whatever else works. */
const NEEDED: readonly StepName[] = ['browser', 'websocket', 'loopback'];

/** The whole, for the sentence on top: can this person take part, and how well? */
export function verdictOf(results: readonly Result[]): Verdict {
  const stateOf = (step: StepName) => results.find((result) => result.step === step)?.state ?? 'waiting';
  if (results.some(({ state }) => state === 'waiting' || state === 'running')) return 'unfinished';
  if (NEEDED.some((step) => stateOf(step) === 'bad')) return 'bad';
  const ways = WAYS.map(stateOf).filter((state) => state !== 'skipped');
  if (ways.length > 0 && !ways.includes('good') && !ways.includes('care')) return 'bad';
  const rest = results.filter(({ step }) => !WAYS.includes(step));
  if (rest.some(({ state }) => state === 'bad' || state === 'care')) return 'care';
  return ['good', 'skipped'].includes(stateOf('udp')) ? 'good' : 'care';
}
