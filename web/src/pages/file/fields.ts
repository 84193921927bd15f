/** The fields of a member's file as the page groups them, and what a form of one group sends. Pure. */

import type { FileChanges, FileFields, FileView } from '../../api/types.gen';

export type FieldKey = keyof FileFields;
export interface Group {
  id: 'identity' | 'contact' | 'career' | 'way';
  keys: FieldKey[];
  /** The member may ask to have it changed; the rest is for those responsible. */
  own: boolean;
}

export const GROUPS: Group[] = [
  { id: 'identity', keys: ['name', 'sex', 'ethnicGroup', 'bornOn', 'nativePlace'], own: true },
  { id: 'contact', keys: ['phone', 'email', 'residence'], own: true },
  { id: 'career', keys: ['education', 'degree', 'school', 'graduatedOn', 'workUnit', 'occupation'], own: true },
  {
    id: 'way',
    keys: ['appliedOn', 'activeSince', 'candidateSince', 'probationarySince', 'fullSince', 'joinedOn', 'trainers', 'sponsors'],
    own: false,
  },
];
export const STEPS = ['appliedOn', 'activeSince', 'candidateSince', 'probationarySince', 'fullSince'] as const;
export const EDUCATIONS = ['primary', 'middle', 'secondary', 'college', 'bachelor', 'master', 'doctor'] as const;
export const SEXES = ['female', 'male'] as const;
export const isDay = (key: string): boolean => /(On|Since)$/.test(key);

export type Draft = Partial<Record<FieldKey | 'idNumber', string>>;

export function draftOf(view: FileView, group: Group): Draft {
  const draft: Draft = Object.fromEntries(group.keys.map((key) => [key, view.fields[key] ?? '']));
  return group.id === 'identity' ? { ...draft, idNumber: '' } : draft;
}

/** Only what differs. An ID number that was not typed is not sent: the page never had it. */
export function changesOf(before: Draft, now: Draft): FileChanges {
  const keys = Object.keys(now) as Array<keyof Draft>;
  const changed = keys.filter((key) => (now[key] ?? '').trim() !== (before[key] ?? ''));
  return Object.fromEntries(changed.map((key) => [key, (now[key] ?? '').trim()])) as FileChanges;
}
