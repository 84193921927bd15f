import { beforeEach, describe, expect, it } from 'vitest';
import { forget, keep, kept, newReportId, reconcile, unsaved, type Kept } from '../draft';

const mine: Kept = { title: '题', text: '我写的', revision: 2, at: 5 };

describe('what to go on with', () => {
  it('is the server’s copy where nothing was kept, or the same was kept', () => {
    const server = { title: '题', text: '我写的', revision: 3 };
    expect(reconcile(server, null)).toEqual({ kind: 'server', held: server });
    expect(reconcile(server, mine)).toEqual({ kind: 'server', held: server });
    expect(reconcile(null, null)).toBeNull();
  });

  it('is what was kept, if the server has not moved on or has nothing', () => {
    expect(reconcile({ title: '题', text: '旧', revision: 2 }, mine)).toEqual({ kind: 'kept', held: mine });
    expect(reconcile(null, mine)).toEqual({ kind: 'kept', held: mine });
  });

  it('is a question where another device wrote on', () => {
    const theirs = { title: '题', text: '手机上写的', revision: 3 };
    expect(reconcile(theirs, mine)).toEqual({ kind: 'conflict', mine, theirs });
  });
});

describe('what is kept', () => {
  beforeEach(() => localStorage.clear());

  it('belongs to an account and goes when it is forgotten', () => {
    keep('a', 'r1', mine);
    keep('a', 'r2', { ...mine, at: 9 });
    keep('b', 'r3', mine);
    expect(kept('a', 'r1')).toEqual(mine);
    expect(kept('b', 'r1')).toBeNull();
    expect(unsaved('a').map((one) => one.reportId)).toEqual(['r2', 'r1']);
    forget('a', 'r1');
    expect(unsaved('a').map((one) => one.reportId)).toEqual(['r2']);
  });

  it('is passed over where it is broken', () => {
    localStorage.setItem('branchline.report.a.r1', '{"title":');
    localStorage.setItem('branchline.report.a.r2', '{"title":1}');
    expect(unsaved('a')).toEqual([]);
  });

  it('has ids that the server takes and that differ', () => {
    expect(newReportId()).toMatch(/^[0-9a-f]{32}$/);
    expect(newReportId()).not.toBe(newReportId());
  });
});
