import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { address, get, getMarked, post, probe, remove, useCsrfToken, whenLoggedOut } from '../client';
import { codeOf, Refused, refusalOf, sentenceOf } from '../refusal';

const answers: Array<() => Promise<Response>> = [];
const asked: Array<[string, RequestInit]> = [];

function answer(status: number, body: string | null, headers: Record<string, string> = {}): void {
  answers.push(() => Promise.resolve(new Response(body, { status, headers: { 'Content-Type': 'application/json', ...headers } })));
}

beforeEach(() => {
  answers.length = 0;
  asked.length = 0;
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push([url, init]);
    const next = answers.shift();
    return next ? next() : Promise.reject(new TypeError('offline'));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  useCsrfToken('');
  whenLoggedOut(() => undefined);
});

const failed = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (problem: unknown) => problem,
  );

describe('addresses', () => {
  it('leave out what is empty and escape the rest', () => {
    expect(address('/members', { q: '张 三&', orgId: '', stage: null, page: 2, all: false })).toBe(
      '/api/members?q=%E5%BC%A0+%E4%B8%89%26&page=2&all=false',
    );
  });
});

describe('requests', () => {
  it('carry the CSRF token when they change something, and only then', async () => {
    useCsrfToken('secret');
    answer(200, '{"ok":true}');
    answer(200, '{"ok":true}');
    await get('/home');
    await post('/meetings', { title: '大会' });
    const headers = asked.map(([, init]) => init.headers as Record<string, string>);
    expect(headers[0]).toEqual({ Accept: 'application/json' });
    expect(headers[1]).toEqual({ Accept: 'application/json', 'X-CSRF-Token': 'secret', 'Content-Type': 'application/json' });
    expect(asked[1]?.[1].body).toBe('{"title":"大会"}');
  });

  it('let the browser name the boundary of a form with files', async () => {
    answer(200, '{}');
    const form = new FormData();
    await post('/roster', form, { dryRun: true });
    expect(asked[0]?.[0]).toBe('/api/roster?dryRun=true');
    expect(asked[0]?.[1].body).toBe(form);
    expect(asked[0]?.[1].headers).not.toHaveProperty('Content-Type');
  });
});

describe('an answer with a mark', () => {
  const marks = () => asked.map(([, init]) => (init.headers as Record<string, string>)['If-None-Match']);

  it('is sent again only when it is another one', async () => {
    answer(200, '{"organisations":["a"]}', { ETag: '"1"' });
    answer(304, null);
    answer(200, '{"organisations":["a","b"]}', { ETag: '"2"' });
    answer(304, null);
    const seen = [];
    for (let turn = 0; turn < 4; turn++) seen.push(await getMarked('/organisations'));
    expect(seen).toEqual([
      { organisations: ['a'] },
      { organisations: ['a'] },
      { organisations: ['a', 'b'] },
      { organisations: ['a', 'b'] },
    ]);
    expect(marks()).toEqual([undefined, '"1"', '"1"', '"2"']);
  });

  it('is forgotten with the session', async () => {
    useCsrfToken('mine');
    answer(200, '{"organisations":["a"]}', { ETag: '"1"' });
    await getMarked('/organisations');
    useCsrfToken('');
    useCsrfToken('somebody else');
    answer(200, '{"organisations":[]}', { ETag: '"3"' });
    expect(await getMarked('/organisations')).toEqual({ organisations: [] });
    expect(marks()).toEqual([undefined, undefined]);
  });

  it('that is refused is a refusal, and what was held stays', async () => {
    answer(200, '{"organisations":["a"]}', { ETag: '"1"' });
    answer(503, '{"refusal":{"code":"storeUnavailable","message":{"zh":"","en":""}}}');
    answer(304, null);
    await getMarked('/organisations');
    expect(codeOf(await failed(getMarked('/organisations')))).toBe('storeUnavailable');
    expect(await getMarked('/organisations')).toEqual({ organisations: ['a'] });
  });
});

describe('a film that may not be there', () => {
  it('is asked for its first byte, and what is refused is the refusal', async () => {
    answer(206, 'x');
    answer(503, JSON.stringify({ refusal: { code: 'nodeAway', message: { zh: '暂时无法访问', en: 'cannot be reached' } } }));
    await probe('/recordings/r1/film');
    const problem = await failed(probe('/recordings/r1/film'));
    expect(asked.map(([url]) => url)).toEqual(['/api/recordings/r1/film', '/api/recordings/r1/film']);
    expect(asked[0]?.[1].headers).toMatchObject({ Range: 'bytes=0-0' });
    expect(sentenceOf(problem, 'zh')).toBe('暂时无法访问');
  });
});

describe('failures', () => {
  it('of the server are its own refusal', async () => {
    answer(409, JSON.stringify({ refusal: { code: 'staleRevision', message: { zh: '已被他人修改', en: 'changed by somebody else' } } }));
    const problem = await failed(post('/members'));
    expect(problem).toBeInstanceOf(Refused);
    expect(codeOf(problem)).toBe('staleRevision');
    expect([sentenceOf(problem, 'zh'), sentenceOf(problem, 'en')]).toEqual(['已被他人修改', 'changed by somebody else']);
  });

  it('of the network say what to do', async () => {
    const problem = await failed(get('/home'));
    expect(codeOf(problem)).toBe('unreachable');
    expect(sentenceOf(problem, 'en')).toContain('try again');
  });

  it("of a proxy's HTML page are told in our words, with the status", async () => {
    answer(502, '<html>Bad gateway</html>');
    const problem = (await failed(get('/home'))) as Refused;
    expect([problem.code, problem.refusal.params]).toEqual(['unexpected', { status: 502 }]);
    expect(refusalOf(200, null).code).toBe('unexpected');
  });

  it('of an expired session call the listener, but asking who one is does not', async () => {
    const told = vi.fn();
    whenLoggedOut(told);
    answer(401, '{"refusal":{"code":"sessionExpired","message":{"zh":"","en":""}}}');
    await failed(get('/session'));
    expect(told).not.toHaveBeenCalled();
    answer(401, '{"refusal":{"code":"sessionExpired","message":{"zh":"","en":""}}}');
    await failed(remove('/account/sessions'));
    expect(told).toHaveBeenCalledTimes(1);
  });
});
