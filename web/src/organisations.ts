/** The tree of organisations, asked for at each visit of a page and sent when it has changed, and asked the questions forms have. */

import { getMarked } from './api/client';
import type { FormName, OrgKindName, OrgTree, OrgView } from './api/types.gen';
import type { Choice } from './ui/SelectField.vue';

export const readTree = async (): Promise<OrgView[]> => (await getMarked<OrgTree>('/organisations')).organisations;

/** Indented by depth with a full-width space, because a select cannot draw a tree. */
export function choices(tree: OrgView[], fits: (one: OrgView) => boolean = () => true): Choice[] {
  const fitting = tree.filter((one) => fits(one) && !one.closed);
  const least = Math.min(...fitting.map((one) => one.depth));
  return fitting.map((one) => ({ value: one.orgId, label: '\u3000'.repeat(one.depth - least) + one.name }));
}

/** Ids of the organisations below the given tops, the tops themselves included. Parents come before children in the tree. */
export function within(tree: OrgView[], tops: string[]): Set<string> {
  const found = new Set(tops);
  for (const one of tree) if (one.parentId && found.has(one.parentId)) found.add(one.orgId);
  return found;
}

const BRANCHES: OrgKindName[] = ['branch', 'jointBranch', 'temporaryBranch', 'floatingBranch'];
export const isBranch = (one: OrgView): boolean => BRANCHES.includes(one.kind);

const FORMS: FormName[] = [
  'BRANCH_GENERAL_MEETING',
  'BRANCH_COMMITTEE_MEETING',
  'PARTY_GROUP_MEETING',
  'PARTY_LECTURE',
  'THEMED_PARTY_DAY',
  'ORG_LIFE_MEETING',
  'DEMOCRATIC_EVALUATION',
  'HEART_TO_HEART_TALK',
  'TRAINING',
];
const NOT_IN_A_GROUP: FormName[] = ['BRANCH_GENERAL_MEETING', 'BRANCH_COMMITTEE_MEETING', 'DEMOCRATIC_EVALUATION'];

/** Forms that an organisation of this kind can hold; the server has the last word. */
export function formsOf(kind: OrgKindName): FormName[] {
  const group = kind === 'partyGroup';
  return FORMS.filter((form) => (group ? !NOT_IN_A_GROUP.includes(form) : form !== 'PARTY_GROUP_MEETING'));
}

export const allForms = (): FormName[] => FORMS;

/** What may be founded under what; null is the top of the tree. */
export function kindsUnder(parent: OrgKindName | null): OrgKindName[] {
  if (parent === null) return ['committee', 'generalBranch'];
  if (parent === 'committee') return ['committee', 'generalBranch', ...BRANCHES];
  if (parent === 'generalBranch') return BRANCHES;
  return parent === 'partyGroup' ? [] : ['partyGroup'];
}
