/** Where one is in an import. Pure. */

import type { ImportReport } from '../api/types.gen';

export type Step = 'choose' | 'check' | 'done';

/** A real run that applied nothing (somebody changed the tree meanwhile) leads back to looking at the complaints. */
export function stepOf(report: ImportReport | null): Step {
  if (!report) return 'choose';
  return report.applied ? 'done' : 'check';
}

/** Names and one-time passwords as lines that can be pasted into a spreadsheet. */
export function pasteable(accounts: ImportReport['accounts']): string {
  return accounts.map((one) => [one.number, one.name, one.username, one.password].join('\t')).join('\n');
}
