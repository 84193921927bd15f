import { describe, expect, it } from 'vitest';
import { after, count, fen, monthOf, months, yuan } from '../amounts';

describe('amounts', () => {
  it.each([
    ['12', 1200],
    ['12.5', 1250],
    [' 1,234.56 ', 123456],
    ['0.2', 20],
    ['', null],
    ['0', undefined],
    ['12.345', undefined],
    ['-3', undefined],
    ['1e3', undefined],
    ['99999999', undefined],
  ])('reads %j', (text, found) => {
    expect(fen(text)).toBe(found);
  });

  it('writes fen as yuan', () => {
    expect([20, 1250, 100000].map(yuan)).toEqual(['0.20', '12.50', '1000.00']);
  });
});

describe('months', () => {
  it('go on over the year', () => {
    expect([after('2026-11'), after('2026-12')]).toEqual(['2026-12', '2027-01']);
  });

  it('are counted with both ends', () => {
    expect([count('2026-11', '2026-11'), count('2026-11', '2027-01'), count('2026-12', '2026-11')]).toEqual([1, 3, 0]);
  });

  it('are named once or as a stretch', () => {
    expect([months('2026-11', '2026-11'), months('2026-11', '2027-01')]).toEqual(['2026-11', '2026-11 – 2027-01']);
    expect(monthOf(new Date(2026, 0, 31))).toBe('2026-01');
  });
});
