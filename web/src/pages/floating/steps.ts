/** Steps of a registration as forms: where they are sent, which fields they have, and what is sent. Pure. */

import type { RegistrationView } from '../../api/types.gen';

export type StepName =
  'host' | 'takeIn' | 'whereabouts' | 'return' | 'close' | 'liaison' | 'contact' | 'search' | 'suspension' | 'evaluation' | 'revoke';
export type Field = 'host' | 'hostContact' | 'place' | 'on' | 'reason' | 'membershipEnded' | 'liaison' | 'contact' | 'evaluation';

export interface StepDraft {
  place: { name: string; code: string; country: string };
  abroad: boolean;
  unit: string;
  contact: string;
  leavesHost: boolean;
  on: string;
  hostOrgId: string;
  hostContact: string;
  memberId: string;
  means: string;
  reached: string;
  text: string;
  reason: string;
  membershipEnded: boolean;
  year: string;
  grade: string;
  dueOn: string;
}

export const STEPS: Record<StepName, { path: string; title: string; fields: Field[] }> = {
  host: { path: 'host', title: 'floating.page.chooseHost', fields: ['host', 'hostContact'] },
  takeIn: { path: 'report-in', title: 'floating.page.takeIn', fields: ['hostContact'] },
  whereabouts: { path: 'whereabouts', title: 'floating.page.whereabouts', fields: ['place'] },
  return: { path: 'return', title: 'floating.page.comeBack', fields: ['on'] },
  close: { path: 'close', title: 'floating.page.close', fields: ['reason', 'membershipEnded'] },
  liaison: { path: 'liaison', title: 'floating.page.setLiaison', fields: ['liaison'] },
  contact: { path: 'contacts', title: 'floating.page.addContact', fields: ['on', 'contact'] },
  search: { path: 'search', title: 'floating.page.beginSearch', fields: ['on'] },
  suspension: { path: 'suspension', title: 'floating.page.suspension', fields: ['on'] },
  evaluation: { path: 'evaluations', title: 'floating.page.evaluate', fields: ['evaluation'] },
  revoke: { path: 'certificate/revoke', title: 'floating.page.revoke', fields: ['reason'] },
};

/** A host that was named as a committee has yet to say at which of its branches; a member who has reported in cannot be cancelled. */
export function fieldsOf(step: StepName, one: Pick<RegistrationView, 'host' | 'state'>): Field[] {
  const fields = STEPS[step].fields;
  const committee = one.host?.kind === 'committee' || one.host?.kind === 'generalBranch';
  return step === 'takeIn' && committee ? ['host', ...fields] : fields;
}

export function bodyOf(step: StepName, draft: StepDraft, revision: number): Record<string, unknown> {
  switch (step) {
    case 'host':
      return { revision, hostOrgId: draft.hostOrgId, hostContact: draft.hostContact };
    case 'takeIn':
      return { revision, hostBranchId: draft.hostOrgId || null, hostContact: draft.hostContact };
    case 'whereabouts': {
      const place = draft.abroad ? draft.place : { ...draft.place, country: 'CN' };
      return { place, unit: draft.unit, contact: draft.contact, leavesHost: draft.leavesHost };
    }
    case 'return':
    case 'search':
      return { revision, on: draft.on };
    case 'close':
      return { revision, reason: draft.reason, membershipEnded: draft.membershipEnded };
    case 'liaison':
      return { memberId: draft.memberId };
    case 'contact':
      return { on: draft.on, means: draft.means, reached: draft.reached === 'yes', learned: draft.text };
    case 'suspension':
      return { on: draft.on };
    case 'evaluation':
      return { year: Number(draft.year), grade: draft.grade, remark: draft.text };
    case 'revoke':
      return { reason: draft.reason };
  }
}

/** Whether something must be filled in before it can be sent; the server has the last word. */
export function missing(step: StepName, draft: StepDraft): boolean {
  const fields = STEPS[step].fields;
  return (
    (fields.includes('host') && !draft.hostOrgId) ||
    (fields.includes('liaison') && !draft.memberId) ||
    (fields.includes('reason') && draft.reason.trim().length < 2) ||
    (fields.includes('place') && !draft.place.name.trim()) ||
    (fields.includes('on') && !draft.on)
  );
}
