/** What can be done with assigned work, by whom, and how it is shown. Pure. */

import type { WorkFilterName, WorkLine } from '../../api/types.gen';

export type WorkAct = 'done' | 'declined' | 'return' | 'withdrawal';

export const FILTERS: [WorkFilterName, ...WorkFilterName[]] = ['open', 'overdue', 'answered', 'done', 'declined', 'withdrawn', 'all'];

/** `own`: the member's start page, where a branch's acts have no place. */
export function actsOn(work: Pick<WorkLine, 'outcome' | 'mayAnswer' | 'mayKeep'>, own = false): WorkAct[] {
  const branch = work.mayKeep && !own;
  if (!work.outcome) return [...(work.mayAnswer ? (['done', 'declined'] as const) : []), ...(branch ? (['withdrawal'] as const) : [])];
  return branch && work.outcome !== 'withdrawn' ? ['return'] : [];
}

type Stands = Pick<WorkLine, 'outcome' | 'late'>;

export const stateOf = (work: Stands): 'done' | 'declined' | 'withdrawn' | 'late' | 'open' => work.outcome ?? (work.late ? 'late' : 'open');

export function toneOf(work: Stands): 'good' | 'bad' | 'care' | 'quiet' {
  return ({ done: 'good', declined: 'care', withdrawn: 'quiet', late: 'bad', open: 'care' } as const)[stateOf(work)];
}
