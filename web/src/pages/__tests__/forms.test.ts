import { describe, expect, it } from 'vitest';
import { Refused } from '../../api/refusal';
import type { ImportReport, MeetingView, MemberView, OrgView } from '../../api/types.gen';
import { correctionOf, secondsOf, wrongWith as wrongCorrection } from '../correction';
import { filterOf, instants, withFilter } from '../filters';
import { inside, lockedUntil, wrongWith as wrongPassword } from '../login';
import {
  changeOf as meetingChange,
  draftOf as meetingDraft,
  freshDraft,
  heldAlready,
  newMeeting,
  wrongWith as wrongMeeting,
} from '../meetingdraft';
import { changeOf as memberChange, draftOf as memberDraft, newMember, wrongWith as wrongMember } from '../memberdraft';
import { changeOf as orgChange, draftOf as orgDraft, wrongWith as wrongOrg } from '../orgdraft';
import { pasteable, stepOf } from '../roster';

const refused = (code: string, params: Record<string, unknown>) => new Refused({ code, message: { zh: '', en: '' }, params });

describe('log-in', () => {
  it.each([
    ['/meetings/1', '/meetings/1'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    [undefined, '/'],
    [['/a'], '/'],
  ])('after it one goes from %j to %s', (next, expected) => expect(inside(next)).toBe(expected));

  it.each([
    [refused('accountLocked', { until: 1_763_900_000 }), '2025-11-23T12:13:20.000Z'],
    [refused('accountLocked', { until: '2026-11-23T20:15:00+08:00' }), '2026-11-23T20:15:00+08:00'],
    [refused('wrongCredentials', {}), null],
    [new Error('x'), null],
  ])('knows until when it is locked', (failure, until) => expect(lockedUntil(failure)).toBe(until));

  it.each([
    [{ current: 'a-one-time', fresh: 'long enough now', again: 'long enough now' }, {}],
    [
      { current: '', fresh: 'short', again: 'shor' },
      { current: 'login.change.missing', fresh: 'login.change.tooShort', again: 'login.change.different' },
    ],
    [{ current: 'the same as now', fresh: 'the same as now', again: 'the same as now' }, { fresh: 'login.change.same' }],
  ])('passwords', (draft, wrong) => expect(wrongPassword(draft)).toEqual(wrong));
});

describe('a meeting being written', () => {
  const now = new Date(2026, 10, 23, 10, 0);

  it('begins tomorrow evening and is not ready', () => {
    const draft = freshDraft(now);
    expect([draft.start, draft.end]).toEqual(['2026-11-24T19:30', '2026-11-24T21:00']);
    expect(wrongMeeting(draft)).toEqual({ orgId: 'shell.required', form: 'shell.required', title: 'meetings.edit.titleMissing' });
  });

  it('lies in the past as a late entry, and times that fit stay', () => {
    const late = heldAlready(freshDraft(now), true, now);
    expect([late.start, late.end, newMeeting(late).lateEntry]).toEqual(['2026-11-22T19:30', '2026-11-22T21:00', true]);
    const morning = { ...late, start: '2026-11-20T09:00', end: '2026-11-20T10:00' };
    expect(heldAlready(morning, true, now)).toEqual(morning);
    expect(heldAlready(morning, false, now)).toEqual(freshDraft(now));
  });

  it('ends after it begins', () => {
    const draft = { ...freshDraft(now), orgId: 'o', form: 'TRAINING' as const, title: '学习' };
    expect(wrongMeeting({ ...draft, end: draft.start })).toEqual({ end: 'meetings.edit.endBeforeStart' });
    expect(wrongMeeting({ ...draft, start: '' })).toEqual({ start: 'meetings.edit.timeMissing' });
    expect(wrongMeeting(draft)).toEqual({});
  });

  it('invites every host member unless they are named', () => {
    const person = { memberId: 'm', name: '孙', number: '1', branchName: '二' };
    const draft = { ...freshDraft(now), orgId: 'o', form: 'TRAINING' as const, title: ' 学习 ', hosts: [person], observers: [person] };
    expect(newMeeting(draft)).toMatchObject({ title: '学习', hostMemberIds: null, observerIds: ['m'] });
    expect(newMeeting({ ...draft, allHosts: false }).hostMemberIds).toEqual(['m']);
  });

  it('sends only what was changed', () => {
    const meeting = {
      orgId: 'o',
      form: 'BRANCH_GENERAL_MEETING',
      title: '大会',
      plannedStart: '2026-11-24T19:30:00+08:00',
      plannedEnd: '2026-11-24T21:00:00+08:00',
      agenda: '',
      lobby: false,
      attendees: [{ memberId: 'm', name: '孙', number: '1', branchName: '二', capacity: 'observer' }],
    } as unknown as MeetingView;
    const before = meetingDraft(meeting);
    expect(meetingChange(before, meetingDraft(meeting), 3)).toEqual({ revision: 3 });
    expect(meetingChange(before, { ...before, title: '党员大会', observers: [] }, 3)).toEqual({
      revision: 3,
      title: '党员大会',
      observerIds: [],
    });
  });
});

describe('a member being written', () => {
  const member = {
    number: 'D1',
    name: '张',
    stage: 'full',
    status: 'active',
    homeBranchId: 'b',
    phone: '138****0000',
    revision: 2,
  } as MemberView;

  it('names what is missing', () => {
    expect(wrongMember(memberDraft(null))).toEqual({
      number: 'members.numberMissing',
      name: 'members.nameMissing',
      homeBranchId: 'members.branchMissing',
    });
  });

  it('never sends a masked number back', () => {
    const before = memberDraft(member);
    expect(memberChange(before, { ...before, groupId: 'c' }, 2)).toEqual({ revision: 2, groupId: 'c' });
    expect(memberChange({ ...before, groupId: 'c' }, before, 2)).toEqual({ revision: 2, groupId: '' });
  });

  it('sends null for what was left open', () => {
    expect(newMember({ ...memberDraft(null, 'b'), number: ' D2 ', name: '李' })).toMatchObject({
      number: 'D2',
      sex: null,
      phone: null,
    });
  });
});

describe('a correction', () => {
  const draft = { field: 'presentSeconds' as const, minutes: '12,5', grade: 'present' as const, excused: true, reason: ' 共用设备 ' };

  it.each([
    ['45', 2700],
    ['12.5', 750],
    ['12,5', 750],
    ['-1', null],
    ['', null],
    ['1e3', null],
  ])('%j minutes', (minutes, seconds) => expect(secondsOf(minutes)).toBe(seconds));

  it('takes the value of its field', () => {
    expect(correctionOf(draft, 'm')).toEqual({ memberId: 'm', field: 'presentSeconds', value: 750, reason: '共用设备', objectionId: null });
    expect(correctionOf({ ...draft, field: 'grade' }, 'm', 'o')).toMatchObject({ value: 'present', objectionId: 'o' });
    expect(correctionOf({ ...draft, field: 'excused' }, 'm').value).toBe(true);
  });

  it('needs a reason, and minutes only where minutes are corrected', () => {
    expect(wrongCorrection({ ...draft, minutes: 'x', reason: '' })).toEqual({
      minutes: 'sheet.minutesWrong',
      reason: 'sheet.reasonMissing',
    });
    expect(wrongCorrection({ ...draft, field: 'grade', minutes: 'x' })).toEqual({});
  });
});

describe('settings of an organisation', () => {
  const org = {
    name: '一支部',
    presentShare: 0.855,
    endsOn: null,
    lobbyDefault: false,
    pointsEnabled: false,
    recordingRule: 'never',
    recordingDays: null,
  } as OrgView;

  it('show the share as a percentage and send a fraction', () => {
    const before = orgDraft(org);
    expect(before.share).toBe('85.5');
    expect(orgChange(before, { ...before, share: '90 %' })).toEqual({ presentShare: 0.9 });
    expect(orgChange(before, { ...before, share: '' })).toEqual({ presentShare: null });
    expect(orgChange(before, before)).toEqual({});
  });

  it.each([
    ['49', { share: 'organisations.shareWrong' }],
    ['x', { share: 'organisations.shareWrong' }],
    ['', {}],
    ['100', {}],
  ])('share %j', (share, wrong) => expect(wrongOrg({ ...orgDraft(org), share })).toEqual(wrong));
});

describe('filters', () => {
  it('are read from the address and begin at the first page', () => {
    expect(filterOf({ state: 'open', page: '3', form: ['a', 'b'] }, ['state', 'form'] as const)).toEqual({ state: 'open', form: '' });
    expect(withFilter({ state: 'open', page: '3' }, 'form', 'TRAINING')).toEqual({ state: 'open', form: 'TRAINING' });
    expect(withFilter({ state: 'open' }, 'state', '')).toEqual({});
  });

  it('turn days into instants, the last day included', () => {
    const { from, to } = instants({ from: '2026-11-01', to: '2026-11-30' });
    expect(from.slice(0, 19)).toBe('2026-11-01T00:00:00');
    expect(to.slice(0, 19)).toBe('2026-12-01T00:00:00');
    expect(instants({ from: '', to: 'x' })).toEqual({ from: '', to: '' });
  });
});

describe('a roster', () => {
  const report = { applied: false } as ImportReport;
  it.each([
    [null, 'choose'],
    [report, 'check'],
    [{ ...report, applied: true }, 'done'],
  ])('%j', (given, step) => expect(stepOf(given)).toBe(step));

  it('gives accounts as lines for a spreadsheet', () => {
    expect(pasteable([{ number: 'D1', name: '张', username: 'd1', password: 'x-y' }])).toBe('D1\t张\td1\tx-y');
  });
});
