import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, type EffectScope } from 'vue';
import type { ReportView } from '../../../api/types.gen';
import { kept } from '../draft';
import { useReport } from '../useReport';

const ID = 'a'.repeat(32);
const REFUSED = (code: string, status: number) =>
  new Response(JSON.stringify({ refusal: { code, message: { zh: code, en: code }, params: {} } }), { status });

/** The server in small: one report with a revision, and a network that can be cut. */
class Server {
  report: ReportView | null = null;
  away = false;
  asked = 0;

  answer = (url: string, init: RequestInit = {}): Promise<Response> => {
    this.asked += 1;
    if (this.away) return Promise.reject(new TypeError('network'));
    const body = init.body ? (JSON.parse(String(init.body)) as { title: string; text: string; revision?: number }) : null;
    if (init.method === 'POST' && url.endsWith('/reports') && body) return this.keep(body, 1);
    if (!this.report) return Promise.resolve(REFUSED('notFound', 404));
    if (init.method !== 'PUT' || !body) return this.told();
    if (body.revision !== this.report.revision) return Promise.resolve(REFUSED('staleRevision', 409));
    return this.keep(body, this.report.revision + 1);
  };

  keep({ title, text }: { title: string; text: string }, revision: number): Promise<Response> {
    this.report = {
      reportId: ID,
      title,
      text,
      revision,
      state: 'draft',
      mayWrite: true,
      mine: true,
      steps: [],
      attachments: [],
    } as unknown as ReportView;
    return this.told();
  }

  told(): Promise<Response> {
    return Promise.resolve(new Response(JSON.stringify(this.report), { status: 200 }));
  }
}

describe('a report as it is written', () => {
  let server: Server;
  let scope: EffectScope;

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    server = new Server();
    scope = effectScope();
    vi.stubGlobal('fetch', server.answer);
  });
  afterEach(() => {
    scope.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function opened(fresh = false) {
    const report = scope.run(() => useReport('me', ID, fresh));
    if (!report) throw new Error('no scope');
    await report.open();
    return report;
  }

  async function type(report: Awaited<ReturnType<typeof opened>>, words: string, wait = 1500): Promise<void> {
    report.text.value = words;
    await nextTick();
    await vi.advanceTimersByTimeAsync(wait);
  }

  it('is begun with the first words, not with the page', async () => {
    const report = await opened(true);
    expect(server.asked).toBe(0);
    await type(report, '开头');
    expect([server.report?.text, report.state.value]).toEqual(['开头', 'saved']);
    expect(kept('me', ID)).toBeNull();
  });

  it('is kept here while there is no network, and goes up by itself', async () => {
    const report = await opened(true);
    server.away = true;
    await type(report, '在火车上');
    expect(report.state.value).toBe('offline');
    expect(kept('me', ID)?.text).toBe('在火车上');
    server.away = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([server.report?.text, report.state.value, kept('me', ID)]).toEqual(['在火车上', 'saved', null]);
  });

  it('is there again when the page was closed without a network', async () => {
    const first = await opened(true);
    server.away = true;
    await type(first, '没有上传的话');
    scope.stop();
    scope = effectScope();
    server.away = false;
    const again = await opened();
    expect(again.text.value).toBe('没有上传的话');
    await vi.advanceTimersByTimeAsync(1500);
    expect(server.report?.text).toBe('没有上传的话');
  });

  it('tells of another device, shows both, and loses no word', async () => {
    const report = await opened(true);
    await type(report, '共同的开头');
    await server.keep({ title: '', text: '手机上写的' }, 2);
    await type(report, '电脑上写的');
    expect(report.state.value).toBe('conflict');
    expect([report.conflict.value?.mine.text, report.conflict.value?.theirs.text]).toEqual(['电脑上写的', '手机上写的']);
    expect([server.report?.text, kept('me', ID)?.text]).toEqual(['手机上写的', '电脑上写的']);
    report.settle('mine');
    await vi.advanceTimersByTimeAsync(1500);
    expect([server.report?.text, server.report?.revision, report.state.value]).toEqual(['电脑上写的', 3, 'saved']);
  });

  it('goes on with the other device’s words when these are chosen', async () => {
    const report = await opened(true);
    await type(report, '开头');
    await server.keep({ title: '', text: '手机上写的' }, 2);
    await type(report, '电脑上写的');
    report.settle('theirs');
    await type(report, '手机上写的，再加一句');
    expect([server.report?.text, report.state.value]).toEqual(['手机上写的，再加一句', 'saved']);
  });

  it('saves what was typed while it was saving', async () => {
    const report = await opened(true);
    await type(report, '一', 1200);
    await type(report, '一二', 3000);
    expect([server.report?.text, report.state.value]).toEqual(['一二', 'saved']);
  });
});
