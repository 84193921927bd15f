import { describe, expect, it } from 'vitest';
import type { TransferStepName, TransferView } from '../../../api/types.gen';
import { STEPS, ahead, lastMonth, nameOf, ordered } from '../way';
import { freshWhither, isNamed, sent } from '../whither';

const steps = (state: TransferView['state'], direction: TransferView['direction'] = 'within') =>
  ahead({ state, direction }).map((one) => one.step);

describe('what is ahead', () => {
  it('within the installation goes through both committees', () =>
    expect(steps('applied')).toEqual([
      'PassHomeCheck',
      'Approve',
      'IssueLetter',
      'Dispatch',
      'PresentLetter',
      'AssignBranch',
      'SendReceipt',
      'CloseSender',
    ]));
  it('outwards the receipt on paper follows the letter', () => expect(steps('inTransit', 'out')).toEqual(['RecordReceipt', 'CloseSender']));
  it('inwards begins with the letter in hand', () => expect(steps('received', 'in')).toEqual(['AssignBranch', 'SendReceipt']));
  it('sent back begins again with handing in', () => expect(steps('returnedForChange').slice(0, 2)).toEqual(['Resubmit', 'PassHomeCheck']));
  it('an expired letter is issued again, and the rest follows', () =>
    expect(steps('expired')).toEqual(['IssueLetter', 'Dispatch', 'PresentLetter', 'AssignBranch', 'SendReceipt', 'CloseSender']));
  it.each(['withdrawn', 'refused', 'cancelled', 'closed', 'archived'] as const)('nothing after %s', (state) =>
    expect(steps(state)).toEqual([]),
  );
});

describe('the buttons', () => {
  const order = (state: TransferView['state'], ...names: TransferStepName[]) => ordered({ state, steps: names });
  it('lead on first and out last', () =>
    expect(order('applied', 'Refuse', 'ReturnForChange', 'PassHomeCheck')).toEqual(['PassHomeCheck', 'ReturnForChange', 'Refuse']));
  it('the receipt comes before changing the branch', () =>
    expect(order('assigned', 'AssignBranch', 'SendReceipt')).toEqual(['SendReceipt', 'AssignBranch']));
  it('every way out asks for a reason', () => {
    const out = Object.values(STEPS).filter((one) => one.kind === 'out');
    expect(out.every((one) => one.needs.includes('reason'))).toBe(true);
  });
});

describe('names and months', () => {
  const transfer = { name: '李', fromBranchName: '甲', fromCommitteeName: '乙', toCommitteeName: '丙', toBranchName: null } as TransferView;
  it.each([
    ['member', '李'],
    ['home', '甲'],
    ['homeCommittee', '乙'],
    ['hostCommittee', '丙'],
    ['host', ''],
    ['clock', ''],
  ] as const)('%s is %s', (side, name) => expect(nameOf(transfer, side)).toBe(name));
  it.each([
    [new Date(2026, 0, 15), '2025-12'],
    [new Date(2026, 10, 30), '2026-10'],
  ])('the month before %s is %s', (day, month) => expect(lastMonth(day)).toBe(month));
});

describe('where to', () => {
  it('is sent one way or the other, never both', () => {
    const both = { ...freshWhither(), committeeId: 'c', branchId: 'b', outsideName: ' 某县委 ' };
    expect(sent(both)).toEqual({ toCommitteeId: 'c', toBranchId: 'b' });
    expect(sent({ ...both, outside: true })).toEqual({ outside: '某县委', outsideBranch: '' });
    expect([isNamed(freshWhither()), isNamed(both), isNamed({ ...both, outside: true, outsideName: ' ' })]).toEqual([false, true, false]);
  });
});
