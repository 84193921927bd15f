import { describe, expect, it } from 'vitest';
import { featured, gridFor, MOST_TILES, ordered, pageOf, pageSizeFor, type Rank } from './layout';

const person = (memberId: string, more: Partial<Rank> = {}): Rank => ({ memberId, pinned: false, floor: false, moderator: false, self: false, video: false, ...more });
const ids = (people: Rank[]) => people.map(({ memberId }) => memberId).join('');

describe('how many fit', () => {
  it.each([
    ['phone upright', 360, 560, 6],
    ['phone lying', 580, 260, 4],
    ['tablet', 768, 800, 20],
    ['desktop', 1256, 640, 25],
    ['desktop with a panel open', 900, 640, 25],
    ['huge', 3000, 2000, 25],
    ['tiny window', 620, 90, 4],
  ])('%s %i×%i shows %i', (_, width, height, most) => {
    expect(pageSizeFor({ width, height })).toBe(most);
  });

  it.each([
    [1, 1256, 640],
    [2, 1256, 640],
    [5, 1256, 640],
    [25, 1256, 640],
    [6, 344, 560],
    [3, 344, 560],
  ])('%i tiles stay inside %i×%i', (count, width, height) => {
    const grid = gridFor(count, { width, height });
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
    expect(grid.columns * grid.tileWidth + (grid.columns - 1) * 8).toBeLessThanOrEqual(width);
    expect(grid.rows * grid.tileHeight + (grid.rows - 1) * 8).toBeLessThanOrEqual(height);
    expect(grid.tileWidth).toBeGreaterThan(100);
  });

  it('five by five on a desktop, two columns for six on a phone', () => {
    expect(gridFor(25, { width: 1256, height: 640 })).toMatchObject({ columns: 5, rows: 5 });
    expect(gridFor(4, { width: 344, height: 560 })).toMatchObject({ columns: 2, rows: 2 });
    expect(gridFor(2, { width: 344, height: 560 })).toMatchObject({ columns: 1, rows: 2 });
    expect(gridFor(6, { width: 344, height: 560 })).toMatchObject({ columns: 2, rows: 3 });
  });
});

describe('pages', () => {
  const people = Array.from({ length: 60 }, (_, i) => i);

  it('60 people fill three pages of a desktop', () => {
    expect(pageOf(people, 2, MOST_TILES)).toEqual({ items: people.slice(50), page: 2, pages: 3 });
  });

  it('the last page may vanish under the reader', () => {
    expect(pageOf(people.slice(0, 25), 2, MOST_TILES)).toMatchObject({ page: 0, pages: 1 });
    expect(pageOf([], 3, 6)).toEqual({ items: [], page: 0, pages: 1 });
  });

  it('everybody is on exactly one page', () => {
    const shown = [0, 1, 2].flatMap((page) => pageOf(people, page, MOST_TILES).items);
    expect(shown).toEqual(people);
  });
});

describe('who comes first', () => {
  it('pinned, floor, oneself, moderators, cameras, the rest – each in the order of coming', () => {
    const people = [
      person('a'),
      person('b', { video: true }),
      person('c', { moderator: true }),
      person('d', { self: true }),
      person('e', { floor: true }),
      person('f', { pinned: true }),
      person('g', { video: true }),
    ];
    expect(ids(ordered(people))).toBe('fedcbga');
  });

  it.each([
    ['the pinned', [person('a', { pinned: true }), person('b')], 'b', null, 'a'],
    ['the loudest', [person('a', { moderator: true }), person('b')], 'b', 'a', 'b'],
    ['who was large before, in silence', [person('a', { moderator: true }), person('b')], null, 'b', 'b'],
    ['never oneself while others are here', [person('a', { self: true }), person('b')], 'a', null, 'b'],
    ['the holder of the floor', [person('a', { moderator: true }), person('b', { floor: true })], null, null, 'b'],
    ['the moderator', [person('a'), person('b', { moderator: true })], null, 'gone', 'b'],
    ['oneself when alone', [person('a', { self: true })], null, null, 'a'],
    ['nobody', [], null, null, null],
  ])('large is %s', (_, people, dominant, before, large) => {
    expect(featured(people, dominant, before)).toBe(large);
  });
});
