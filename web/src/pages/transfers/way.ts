/** The way of a transfer as people follow it: what is behind, what comes next and whose turn it is, what is still ahead. Pure. */

import type { SideName, TransferStateName, TransferStepName, TransferView } from '../../api/types.gen';

export interface Milestone {
  state: TransferStateName;
  step: TransferStepName | 'Apply' | 'Receive';
  side: SideName;
}

const START: Milestone[] = [
  { state: 'applied', step: 'Apply', side: 'member' },
  { state: 'homeChecked', step: 'PassHomeCheck', side: 'home' },
  { state: 'approved', step: 'Approve', side: 'homeCommittee' },
  { state: 'letterIssued', step: 'IssueLetter', side: 'homeCommittee' },
  { state: 'inTransit', step: 'Dispatch', side: 'homeCommittee' },
];
const ARRIVAL: Milestone[] = [
  { state: 'assigned', step: 'AssignBranch', side: 'hostCommittee' },
  { state: 'receipted', step: 'SendReceipt', side: 'hostCommittee' },
];
const END: Milestone = { state: 'closed', step: 'CloseSender', side: 'homeCommittee' };

const WAYS: Record<TransferView['direction'], Milestone[]> = {
  within: [...START, { state: 'received', step: 'PresentLetter', side: 'hostCommittee' }, ...ARRIVAL, END],
  out: [...START, { state: 'receipted', step: 'RecordReceipt', side: 'homeCommittee' }, END],
  in: [{ state: 'received', step: 'Receive', side: 'hostCommittee' }, ...ARRIVAL],
};
const AGAIN: Partial<Record<TransferStateName, Milestone[]>> = {
  returnedForChange: [{ state: 'applied', step: 'Resubmit', side: 'member' }, ...START.slice(1)],
  expired: START.slice(3),
};

type Followed = Pick<TransferView, 'state' | 'direction'>;

/** What is still ahead, the next step first; nothing where the transfer has come to its end. */
export function ahead(transfer: Followed): Milestone[] {
  const way = WAYS[transfer.direction];
  const again = AGAIN[transfer.state];
  if (again) {
    const last = again[again.length - 1] as Milestone;
    return [...again, ...way.slice(way.findIndex((one) => one.state === last.state) + 1)];
  }
  const at = way.findIndex((one) => one.state === transfer.state);
  return at < 0 ? [] : way.slice(at + 1);
}

export type Tone = 'good' | 'care' | 'bad' | 'quiet';

const TONES: Partial<Record<TransferStateName, Tone>> = {
  receipted: 'good',
  closed: 'good',
  archived: 'good',
  returnedForChange: 'care',
  expired: 'bad',
  withdrawn: 'quiet',
  refused: 'bad',
  cancelled: 'quiet',
};
export const toneOf = (state: TransferStateName): Tone => TONES[state] ?? 'care';

/** What a step asks for before it is taken; the names are those of the fields in StepDialog. */
export type Need = 'dues' | 'letter' | 'reference' | 'number' | 'branch' | 'signedBy' | 'paper' | 'reason' | 'again';

export interface StepForm {
  path: string;
  needs: Need[];
  kind: 'on' | 'aside' | 'out';
}

export const STEPS: Record<TransferStepName, StepForm> = {
  PassHomeCheck: { path: 'check', needs: ['dues'], kind: 'on' },
  Approve: { path: 'approve', needs: [], kind: 'on' },
  IssueLetter: { path: 'letter', needs: ['letter'], kind: 'on' },
  Dispatch: { path: 'dispatch', needs: ['reference'], kind: 'on' },
  PresentLetter: { path: 'present', needs: ['number'], kind: 'on' },
  AssignBranch: { path: 'assign', needs: ['branch'], kind: 'on' },
  SendReceipt: { path: 'receipt', needs: ['signedBy'], kind: 'on' },
  RecordReceipt: { path: 'receipt/outside', needs: ['paper', 'signedBy'], kind: 'on' },
  CloseSender: { path: 'close', needs: [], kind: 'on' },
  Archive: { path: 'archive', needs: [], kind: 'on' },
  Resubmit: { path: 'resubmit', needs: ['again'], kind: 'on' },
  Expire: { path: 'expire', needs: [], kind: 'aside' },
  ReturnForChange: { path: 'return', needs: ['reason'], kind: 'aside' },
  Withdraw: { path: 'withdraw', needs: ['reason'], kind: 'out' },
  Refuse: { path: 'refuse', needs: ['reason'], kind: 'out' },
  CancelTransfer: { path: 'cancel', needs: ['reason'], kind: 'out' },
};
const KINDS: StepForm['kind'][] = ['on', 'aside', 'out'];

/** Steps that lead on first, ways out last. A branch already assigned may be changed, but the receipt is what leads on. */
export function ordered(transfer: Pick<TransferView, 'steps' | 'state'>): TransferStepName[] {
  const weight = (step: TransferStepName) =>
    KINDS.indexOf(STEPS[step].kind) + (transfer.state === 'assigned' && step === 'AssignBranch' ? 0.5 : 0);
  return [...transfer.steps].sort((one, other) => weight(one) - weight(other));
}

/** Whose name stands for a side: "" where the side has none. */
export function nameOf(transfer: TransferView, side: SideName): string {
  if (side === 'member') return transfer.name;
  if (side === 'home') return transfer.fromBranchName;
  if (side === 'homeCommittee') return transfer.fromCommitteeName;
  if (side === 'hostCommittee') return transfer.toCommitteeName;
  return side === 'host' ? (transfer.toBranchName ?? '') : '';
}

/** The month before this one, which is what has to be paid: "2026-10". */
export function lastMonth(today: Date): string {
  const month = new Date(today.getFullYear(), today.getMonth() - 1, 1);
  return `${month.getFullYear()}-${String(month.getMonth() + 1).padStart(2, '0')}`;
}
