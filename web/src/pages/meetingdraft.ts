/** A meeting while it is being written: what is wrong with it, and what is sent. Pure. */

import type { CapacityName, FormName, MeetingChange, MeetingView, NewMeeting } from '../api/types.gen';
import { fromLocalInput, toLocalInput } from '../format';

export interface Person {
  memberId: string;
  name: string;
  number: string;
  branchName: string;
}

export interface MeetingDraft {
  orgId: string;
  form: FormName | '';
  title: string;
  start: string;
  end: string;
  agenda: string;
  lobby: boolean;
  observers: Person[];
  allHosts: boolean;
  hosts: Person[];
  late: boolean;
}

type Field = 'orgId' | 'form' | 'title' | 'start' | 'end';

const HOUR_MS = 3600_000;

/** Tomorrow at 19:30 for an hour and a half: when most branches that meet online do so. */
export function freshDraft(now: Date): MeetingDraft {
  const times = evening(now, 1);
  return { orgId: '', form: '', title: '', ...times, agenda: '', lobby: false, observers: [], allHosts: true, hosts: [], late: false };
}

function evening(now: Date, days: number): { start: string; end: string } {
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 19, 30);
  return { start: toLocalInput(start.toISOString()), end: toLocalInput(new Date(start.getTime() + 1.5 * HOUR_MS).toISOString()) };
}

/** A meeting that was already held lies in the past, one to come does not: times on the wrong side make way for a guess on the right one. */
export function heldAlready(draft: MeetingDraft, late: boolean, now: Date): MeetingDraft {
  const right = late === draft.end < toLocalInput(now.toISOString());
  return { ...draft, late, ...(right ? {} : evening(now, late ? -1 : 1)) };
}

export function draftOf(meeting: MeetingView): MeetingDraft {
  // A talk names those it expects through the same list; an applicant among them is a non-voting attendee all the same.
  const named: CapacityName[] = meeting.form === 'HEART_TO_HEART_TALK' ? ['expected', 'observer'] : ['observer'];
  const people = (...capacities: CapacityName[]) =>
    meeting.attendees
      .filter((one) => capacities.includes(one.capacity))
      .map(({ memberId, name, number, branchName }) => ({ memberId, name, number, branchName }));
  return {
    orgId: meeting.orgId,
    form: meeting.form,
    title: meeting.title,
    start: toLocalInput(meeting.plannedStart),
    end: toLocalInput(meeting.plannedEnd),
    agenda: meeting.agenda,
    lobby: meeting.lobby,
    observers: people(...named),
    allHosts: true,
    hosts: people('hostMember'),
    late: meeting.lateEntry,
  };
}

/** Field → key of the sentence. Empty: it may be sent. */
export function wrongWith(draft: MeetingDraft): Partial<Record<Field, string>> {
  const wrong: Partial<Record<Field, string>> = {};
  const [start, end] = [fromLocalInput(draft.start), fromLocalInput(draft.end)];
  if (!draft.orgId) wrong.orgId = 'shell.required';
  if (!draft.form) wrong.form = 'shell.required';
  if (!draft.title.trim()) wrong.title = 'meetings.edit.titleMissing';
  if (!start) wrong.start = 'meetings.edit.timeMissing';
  if (!end) wrong.end = 'meetings.edit.timeMissing';
  else if (start && draft.end <= draft.start) wrong.end = 'meetings.edit.endBeforeStart';
  return wrong;
}

const ids = (people: Person[]) => people.map((one) => one.memberId);

export function newMeeting(draft: MeetingDraft): NewMeeting {
  return {
    orgId: draft.orgId,
    form: draft.form as FormName,
    title: draft.title.trim(),
    plannedStart: fromLocalInput(draft.start) ?? '',
    plannedEnd: fromLocalInput(draft.end) ?? '',
    agenda: draft.agenda,
    lobby: draft.lobby,
    observerIds: ids(draft.observers),
    hostMemberIds: draft.allHosts ? null : ids(draft.hosts),
    lateEntry: draft.late,
  };
}

/** Only what differs from what the editor was shown: somebody else's change to another field is then not undone. */
export function changeOf(before: MeetingDraft, now: MeetingDraft, revision: number): MeetingChange {
  const [was, is] = [newMeeting(before), newMeeting(now)];
  const change: Record<string, unknown> = { revision };
  for (const key of ['title', 'plannedStart', 'plannedEnd', 'agenda', 'lobby', 'observerIds', 'hostMemberIds'] as const) {
    if (JSON.stringify(was[key]) !== JSON.stringify(is[key])) change[key] = is[key];
  }
  return change as unknown as MeetingChange;
}
