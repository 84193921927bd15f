import { describe, expect, it } from 'vitest';
import type { WorkLine } from '../../../api/types.gen';
import { actsOn, stateOf, toneOf } from '../acts';

type Rights = Pick<WorkLine, 'mayAnswer' | 'mayKeep'>;
const MEMBER: Rights = { mayAnswer: true, mayKeep: false };
const BRANCH: Rights = { mayAnswer: true, mayKeep: true };
const AUDITOR: Rights = { mayAnswer: false, mayKeep: false };

const work = (outcome: WorkLine['outcome'] = null, late = false, rights = MEMBER): WorkLine => ({
  workId: 'w',
  title: '走访',
  detail: '',
  orgName: '甲支部',
  dueOn: '2026-12-20',
  late,
  assignedAt: '2026-12-01T00:00:00Z',
  assignedBy: '书记',
  outcome,
  doneOn: null,
  answeredAt: null,
  answeredBy: '',
  reason: '',
  ...rights,
});

describe('assigned work', () => {
  it('is answered while it is open, by the member or for the member', () => {
    expect(actsOn(work(null, false, MEMBER))).toEqual(['done', 'declined']);
    expect(actsOn(work(null, false, BRANCH))).toEqual(['done', 'declined', 'withdrawal']);
    expect(actsOn(work('done', false, MEMBER))).toEqual([]);
  });

  it('is given back by the branch, unless the branch has taken it back', () => {
    expect(actsOn(work('done', false, BRANCH))).toEqual(['return']);
    expect(actsOn(work('declined', false, BRANCH))).toEqual(['return']);
    expect(actsOn(work('withdrawn', false, BRANCH))).toEqual([]);
  });

  it('is only looked at by auditors, and on the own start page nobody acts for the branch', () => {
    expect(actsOn(work(null, false, AUDITOR))).toEqual([]);
    expect(actsOn(work(null, false, BRANCH), true)).toEqual(['done', 'declined']);
  });

  it('says how it stands', () => {
    expect([work(), work(null, true), work('done'), work('declined'), work('withdrawn')].map((one) => [stateOf(one), toneOf(one)])).toEqual(
      [
        ['open', 'care'],
        ['late', 'bad'],
        ['done', 'good'],
        ['declined', 'care'],
        ['withdrawn', 'quiet'],
      ],
    );
  });
});
