/** A member while being written down or changed. Pure. */

import type { MemberChange, MemberView, NewMember, StageName, StatusName } from '../api/types.gen';

export interface MemberDraft {
  number: string;
  name: string;
  sex: '' | 'female' | 'male';
  stage: StageName;
  status: StatusName;
  homeBranchId: string;
  groupId: string;
  joinedOn: string;
  phone: string;
  email: string;
  exempt: boolean;
}

export const STATUSES: StatusName[] = ['active', 'partyProbation', 'suspended', 'transferred', 'left', 'deceased', 'applying'];
export const STAGES: StageName[] = ['full', 'probationary', 'admissionCandidate', 'activeApplicant', 'applicant'];

/** On the way into the Party, and no member. */
export const isBefore = (stage: StageName): boolean => stage !== 'full' && stage !== 'probationary';

/** The stages somebody can have from now on: who has been admitted does not become an applicant again. */
export const stagesFrom = (before: StageName | null): StageName[] =>
  before !== null && !isBefore(before) ? STAGES.filter((one) => !isBefore(one)) : STAGES;

/** Applying goes with the stages before admission, probation and suspension with those after it. */
export function statusesOf(stage: StageName): StatusName[] {
  return isBefore(stage) ? ['applying', 'transferred', 'left', 'deceased'] : STATUSES.filter((one) => one !== 'applying');
}

export function draftOf(member: MemberView | null, homeBranchId = ''): MemberDraft {
  return {
    number: member?.number ?? '',
    name: member?.name ?? '',
    sex: member?.sex ?? '',
    stage: member?.stage ?? 'full',
    status: member?.status ?? 'active',
    homeBranchId: member?.homeBranchId ?? homeBranchId,
    groupId: member?.groupId ?? '',
    joinedOn: member?.joinedOn ?? '',
    phone: member?.phone ?? '',
    email: member?.email ?? '',
    exempt: member?.exempt ?? false,
  };
}

export function wrongWith(draft: MemberDraft): Partial<Record<keyof MemberDraft, string>> {
  const wrong: Partial<Record<keyof MemberDraft, string>> = {};
  if (!draft.number.trim()) wrong.number = 'members.numberMissing';
  if (!draft.name.trim()) wrong.name = 'members.nameMissing';
  if (!draft.homeBranchId) wrong.homeBranchId = 'members.branchMissing';
  return wrong;
}

export function newMember(draft: MemberDraft): NewMember {
  return {
    number: draft.number.trim(),
    name: draft.name.trim(),
    stage: draft.stage,
    status: draft.status,
    homeBranchId: draft.homeBranchId,
    sex: draft.sex || null,
    groupId: draft.groupId || null,
    joinedOn: draft.joinedOn || null,
    phone: draft.phone.trim() || null,
    email: draft.email.trim() || null,
    exempt: draft.exempt,
  };
}

/** Only what differs. A masked telephone number that was not touched is therefore never sent back; "" ends a group. */
export function changeOf(before: MemberDraft, now: MemberDraft, revision: number): MemberChange {
  const keys = Object.keys(now) as Array<keyof MemberDraft>;
  const changed = keys.filter((key) => key !== 'number' && before[key] !== now[key]);
  const values = changed.map((key) => [key, (key === 'sex' || key === 'joinedOn') && now[key] === '' ? null : now[key]]);
  return { revision, ...Object.fromEntries(values) } as MemberChange;
}
