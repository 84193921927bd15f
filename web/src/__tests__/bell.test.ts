import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notified } from '../api/types.gen';
import { AGAIN_MS, Bell, EVERY_MS, OPEN_AFTER_MS } from '../bell';
import { FakeSignalling } from '../media/doubles';
import { Unanswered } from '../media/refusal';

const NEWS: Notified = { notifications: [], more: 1 };

function page() {
  const lines: FakeSignalling[] = [];
  const seen = { counts: 0, told: [] as Notified[], visible: true, away: false };
  const bell = new Bell({
    connect: async () => {
      if (seen.away) throw new Unanswered('connect');
      lines.push(new FakeSignalling());
      return lines[lines.length - 1] as FakeSignalling;
    },
    count: () => void (seen.counts += 1),
    told: (news) => void seen.told.push(news),
    visible: () => seen.visible,
    random: () => 0,
  });
  return { bell, lines, seen };
}

describe('the bell', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('counts at once, opens a line a moment later, and is then told instead of asking', async () => {
    const { bell, lines, seen } = page();
    bell.start();
    expect(seen.counts).toBe(1);
    await vi.advanceTimersByTimeAsync(OPEN_AFTER_MS);
    expect([lines.length, seen.counts]).toEqual([1, 2]);
    lines[0]?.say('notified', NEWS);
    await vi.advanceTimersByTimeAsync(3 * EVERY_MS);
    expect([seen.told, seen.counts]).toEqual([[NEWS], 2]);
  });

  it('asks once a minute while no line is to be had, and tries it again each time', async () => {
    const { bell, lines, seen } = page();
    seen.away = true;
    bell.start();
    await vi.advanceTimersByTimeAsync(2 * EVERY_MS);
    expect([lines.length, seen.counts]).toEqual([0, 3]);
    seen.away = false;
    await vi.advanceTimersByTimeAsync(EVERY_MS + OPEN_AFTER_MS);
    expect(lines.length).toBe(1);
  });

  it('opens a lost line again after a pause, and counts what it may have missed', async () => {
    const { bell, lines, seen } = page();
    bell.start();
    await vi.advanceTimersByTimeAsync(OPEN_AFTER_MS);
    lines[0]?.lose();
    await vi.advanceTimersByTimeAsync(AGAIN_MS);
    expect([lines.length, seen.counts]).toEqual([2, 3]);
  });

  it('hangs up in the background, comes back with its page, and ends with it', async () => {
    const { bell, lines, seen } = page();
    bell.start();
    await vi.advanceTimersByTimeAsync(OPEN_AFTER_MS);
    seen.visible = false;
    bell.look();
    await vi.advanceTimersByTimeAsync(2 * EVERY_MS);
    expect([lines[0]?.closed, lines.length, seen.counts]).toEqual([true, 1, 2]);
    seen.visible = true;
    bell.look();
    await vi.advanceTimersByTimeAsync(OPEN_AFTER_MS);
    expect(lines.length).toBe(2);
    bell.stop();
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect([lines[1]?.closed, lines.length]).toEqual([true, 2]);
  });

  it('opens no line for a page that is only passed through', async () => {
    const { bell, lines } = page();
    bell.start();
    bell.stop();
    await vi.advanceTimersByTimeAsync(2 * OPEN_AFTER_MS);
    expect(lines.length).toBe(0);
  });
});
