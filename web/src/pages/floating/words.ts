/** Registrations in words and tones: which badge, which sentence, what is asked of whom. Pure. */

import type { DueView, FilterName, FloatingLineView, RegistrationView, StateName } from '../../api/types.gen';

export type Tone = 'good' | 'care' | 'bad' | 'quiet';

export const FILTERS: [FilterName, ...FilterName[]] = ['open', 'awaiting', 'late', 'contactOverdue', 'lost', 'here', 'mine', 'closed'];

export function toneOf(state: StateName): Tone {
  if (state === 'reportedIn') return 'good';
  if (state === 'departed' || state === 'awaitingReportIn') return 'care';
  return 'quiet';
}

export function toneOfDue(due: Pick<DueView, 'state'>): Tone {
  return due.state === 'soon' ? 'care' : 'bad';
}

/** The most pressing first. */
export function byPressure(dues: DueView[]): DueView[] {
  const order = { escalated: 0, overdue: 1, soon: 2 } as const;
  return [...dues].sort((one, other) => order[one.state] - order[other.state] || one.dueOn.localeCompare(other.dueOn));
}

export const isOpen = (one: Pick<RegistrationView | FloatingLineView, 'state'>): boolean =>
  one.state === 'departed' || one.state === 'awaitingReportIn' || one.state === 'reportedIn';

/** Days since a day, counted as people do: the day itself is the first. */
export function dayNumber(leftOn: string, today: Date = new Date()): number {
  const start = Date.parse(`${leftOn}T00:00:00Z`);
  const now = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  return Math.floor((now - start) / 86_400_000) + 1;
}

/** Today on this device, as a day field takes it. */
export function todayIso(now: Date = new Date()): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Duties whose fulfilment is the member's own act. */
export const OWN_DUTIES: DueView['kind'][] = ['reportIn', 'yearlyReport'];

/** What a member's phone asks for, in order; contact is the branch's duty and is not asked of the member. */
export function ownDues(dues: DueView[]): DueView[] {
  return byPressure(dues.filter((due) => OWN_DUTIES.includes(due.kind)));
}
