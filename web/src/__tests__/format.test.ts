import { describe, expect, it } from 'vitest';
import { duration, fromLocalInput, isChinaClock, percent, span, toLocalInput } from '../format';

describe('durations', () => {
  it.each([
    [0, '0 秒', '0 s'],
    [-3, '0 秒', '0 s'],
    [45.4, '45 秒', '45 s'],
    [60, '1 分钟', '1 min'],
    [750, '12 分 30 秒', '12 min 30 s'],
    [3600, '1 小时', '1 h'],
    [3899, '1 小时 4 分', '1 h 4 min'],
    [3599.6, '1 小时', '1 h'],
  ])('%d seconds', (seconds, zh, en) => {
    expect([duration('zh', seconds), duration('en', seconds)]).toEqual([zh, en]);
  });
});

describe('shares', () => {
  it.each([
    [0, '0%'],
    [0.98333, '98.3%'],
    [1, '100%'],
  ])('%d', (share, text) => expect(percent(share)).toBe(text));
});

describe('fields for date and time', () => {
  it('give back the same instant, with the offset written out', () => {
    const instant = '2026-11-23T20:00:00+08:00';
    const back = fromLocalInput(toLocalInput(instant));
    expect(back).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:00[+-]\d{2}:\d{2}$/);
    expect(new Date(back ?? '').getTime()).toBe(new Date(instant).getTime());
  });

  it.each(['', '2026-', 'tomorrow'])('are null while %j stands in them', (text) => expect(fromLocalInput(text)).toBeNull());
});

describe('spans', () => {
  it('name the day of the end only when it is another one', () => {
    const at = (hour: number) => new Date(2026, 10, 23, hour, 30).toISOString();
    expect(span('zh', at(19), at(21))).toBe('19:30–21:30');
    expect(span('en', at(19), at(26))).toBe('19:30–24 Nov 2026 02:30');
  });
});

describe("China's clock", () => {
  it.each([
    ['Asia/Shanghai', true],
    ['Asia/Singapore', true],
    ['Europe/London', false],
  ])('%s', (zone, expected) => expect(isChinaClock(zone, new Date('2026-11-23T12:00:00Z'))).toBe(expected));
});
