import { readFileSync } from 'node:fs';
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import * as ed from '@noble/ed25519';
import type { DueView, RegistrationView } from '../../../api/types.gen';
import QrSquare from '../QrSquare.vue';
import { readCode, verifyOffline } from '../certificate';
import { offered } from '../offers';
import { bodyOf, fieldsOf, missing, STEPS, type StepDraft, type StepName } from '../steps';
import { byPressure, dayNumber, ownDues, todayIso } from '../words';

const due = (kind: DueView['kind'], state: DueView['state'], dueOn = '2026-12-31'): DueView => ({ kind, state, dueOn });
const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
const CLAIMS = { typ: 'BLC1', no: '2026-1A2B', nm: '李某', bc: 'A', bn: '第一支部', iat: '2026-03-01', kid: 'k1', exp: null, chk: null };

async function signed(claims: object, secret = new Uint8Array(32).fill(7)) {
  const message = new TextEncoder().encode(JSON.stringify(claims));
  const signature = await ed.signAsync(message, secret);
  const key = btoa(String.fromCharCode(...(await ed.getPublicKeyAsync(secret))));
  return { code: `BLC1.${base64url(message)}.${base64url(signature)}`, key };
}

describe('a certificate read without the server', () => {
  it('is genuine by the published key, forged by another, unknown without one', async () => {
    const { code, key } = await signed(CLAIMS);
    const other = await signed(CLAIMS, new Uint8Array(32).fill(8));
    expect(await verifyOffline(code, { k1: key })).toMatchObject({ verdict: 'good', claims: { number: '2026-1A2B', memberName: '李某' } });
    expect((await verifyOffline(other.code, { k1: key })).verdict).toBe('forged');
    expect((await verifyOffline(code, {})).verdict).toBe('unknownKey');
  });

  it('is unreadable when a letter was changed, a part is missing, or it is another kind of code', async () => {
    const { code, key } = await signed(CLAIMS);
    const changed = code.replace(/\.(.)/, (_, letter: string) => `.${letter === 'e' ? 'f' : 'e'}`);
    for (const bad of ['', 'https://example.org', 'BLC1.x', changed, (await signed({ ...CLAIMS, nm: '' })).code])
      expect(['unreadable', 'forged']).toContain((await verifyOffline(bad, { k1: key })).verdict);
    expect(readCode((await signed({ ...CLAIMS, typ: 'other' })).code)).toBeNull();
  });
});

describe('what is due', () => {
  it('is told by how pressing it is, and to the member only what the member can do', () => {
    const dues = [due('contact', 'escalated'), due('yearlyReport', 'soon'), due('reportIn', 'overdue')];
    expect(byPressure(dues).map((one) => one.kind)).toEqual(['contact', 'reportIn', 'yearlyReport']);
    expect(ownDues(dues).map((one) => one.kind)).toEqual(['reportIn', 'yearlyReport']);
  });

  it('counts days as people do', () => {
    expect(dayNumber('2026-11-26', new Date(2026, 10, 26, 23, 0))).toBe(1);
    expect(dayNumber('2026-11-01', new Date(2026, 10, 26))).toBe(26);
    expect(todayIso(new Date(2026, 0, 5))).toBe('2026-01-05');
  });
});

describe('the steps that are offered', () => {
  const one = (state: string, can: string[], more: object = {}) =>
    ({
      state,
      can,
      host: null,
      liaisonMemberId: null,
      search: null,
      destination: { name: '深圳市' },
      memberId: 'm',
      ...more,
    }) as unknown as RegistrationView;

  it('lead on from where things stand', () => {
    expect(offered(one('departed', ['manageRegistration'])).first).toEqual(['host', 'liaison']);
    expect(offered(one('awaitingReportIn', ['reportIn'])).first).toEqual(['takeIn']);
    expect(offered(one('reportedIn', ['manageRegistration'])).more).not.toContain('close');
    expect(offered(one('reportedIn', ['manageRegistration'], { search: {} })).more).toContain('suspension');
    expect(offered(one('returned', ['manageRegistration', 'reportIn']))).toMatchObject({ first: [], more: [] });
    expect(offered(one('departed', ['seeContactLog'])).more).toEqual([]);
    expect(offered(one('reportedIn', ['evaluateGuest'])).member).toBe(true);
    expect(offered(one('awaitingReportIn', ['evaluateGuest'])).member).toBe(false);
  });
});

describe('a step as a form', () => {
  const draft: StepDraft = {
    place: { name: 'Berlin', code: '', country: 'DE' },
    abroad: false,
    unit: '',
    contact: '',
    leavesHost: false,
    on: '2026-11-01',
    hostOrgId: 'B',
    hostContact: '',
    memberId: '',
    means: 'visit',
    reached: 'no',
    text: '退回',
    reason: '误',
    membershipEnded: false,
    year: '2026',
    grade: 'QUALIFIED',
    dueOn: '',
  };

  it('sends what its fields say', () => {
    expect(bodyOf('contact', draft, 3)).toEqual({ on: '2026-11-01', means: 'visit', reached: false, learned: '退回' });
    expect(bodyOf('host', draft, 3)).toEqual({ revision: 3, hostOrgId: 'B', hostContact: '' });
    expect(bodyOf('whereabouts', draft, 3)).toMatchObject({ place: { country: 'CN' } }); // not abroad: a country is not believed
    expect(bodyOf('evaluation', draft, 3)).toEqual({ year: 2026, grade: 'QUALIFIED', remark: '退回' });
  });

  it('waits for what must be there', () => {
    expect(missing('liaison', draft)).toBe(true);
    expect(missing('close', draft)).toBe(true);
    expect(missing('close', { ...draft, reason: '登记有误' })).toBe(false);
    expect((Object.keys(STEPS) as StepName[]).filter((step) => missing(step, { ...draft, memberId: 'm', reason: '理由' }))).toEqual([]);
  });

  it('asks at which branch where a committee was named', () => {
    const committee = { host: { orgId: 'C', name: '党委', kind: 'committee' }, state: 'awaitingReportIn' } as unknown as RegistrationView;
    expect(fieldsOf('takeIn', committee)).toEqual(['host', 'hostContact']);
    expect(fieldsOf('takeIn', { ...committee, host: null })).toEqual(['hostContact']);
  });
});

describe('the QR code', () => {
  it('is one path of runs inside a quiet zone', () => {
    const square = mount(QrSquare, { props: { rows: ['110', '001', '101'], label: 'code' } });
    expect(square.attributes('viewBox')).toBe('0 0 11 11');
    expect(square.find('path').attributes('d')).toBe('M4 4h2v1h-2zM6 5h1v1h-1zM4 6h1v1h-1zM6 6h1v1h-1z');
  });
});

it('keeps the camera apart: no page but the scanner asks for it', () => {
  const page = readFileSync('src/pages/floating/CheckPage.vue', 'utf8');
  expect(page).not.toContain('getUserMedia');
});
