/** What can be done with assigned work, by whom, and how it is shown. Pure. */

import type { WorkLine, WorkView } from '../../api/types.gen';

export type WorkAct = 'done' | 'declined' | 'return' | 'withdrawal';

/** `own`: the member's start page, where a branch's acts have no place. */
export function actsOn(work: WorkLine, view: Pick<WorkView, 'mayAnswer' | 'mayAssign'>, own = false): WorkAct[] {
  const branch = view.mayAssign && !own;
  if (!work.outcome) return [...(view.mayAnswer ? (['done', 'declined'] as const) : []), ...(branch ? (['withdrawal'] as const) : [])];
  return branch && work.outcome !== 'withdrawn' ? ['return'] : [];
}

export const stateOf = (work: WorkLine): 'done' | 'declined' | 'withdrawn' | 'late' | 'open' =>
  work.outcome ?? (work.late ? 'late' : 'open');

export function toneOf(work: WorkLine): 'good' | 'bad' | 'care' | 'quiet' {
  return ({ done: 'good', declined: 'care', withdrawn: 'quiet', late: 'bad', open: 'care' } as const)[stateOf(work)];
}
