/**
 * How many tiles fit, in how many columns, and who is on which page. Pure arithmetic.
 *
 * A tile narrower than 150 px shows no face and one below 84 px no name, so a phone gets 4–6 tiles and a desktop at most 25 (5×5);
 * the rest is a page further. The order is calm: people keep their place while talking happens elsewhere.
 */

export const MOST_TILES = 25;
export const TILE_GAP = 8;
const TILE_RATIO = 16 / 9;
const NARROWEST = 150;
const LOWEST = 84;
const PHONE_WIDTH = 600;

export interface Size {
  width: number;
  height: number;
}

export interface Grid {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
}

/** Most tiles that can be shown at once in this area. */
export function pageSizeFor({ width, height }: Size): number {
  if (width < PHONE_WIDTH) return height > width * 1.15 ? 6 : 4;
  const columns = Math.max(1, Math.floor((width + TILE_GAP) / (NARROWEST + TILE_GAP)));
  const rows = Math.max(1, Math.floor((height + TILE_GAP) / (LOWEST + TILE_GAP)));
  return Math.min(MOST_TILES, Math.max(4, Math.min(columns, 5) * Math.min(rows, 5)));
}

/** The grid that gives `count` tiles the largest area. On narrow upright areas tiles may be as tall as they are wide. */
export function gridFor(count: number, area: Size): Grid {
  const tiles = Math.max(1, count);
  let best: Grid = measured(1, tiles, area);
  for (let columns = 2; columns <= tiles; columns += 1) {
    const grid = measured(columns, tiles, area);
    if (worth(grid, area) > worth(best, area) * 1.001) best = grid;
  }
  return best;
}

/** On a phone a face is as large as the shorter side of its tile; elsewhere the whole picture counts. */
function worth({ tileWidth, tileHeight }: Grid, { width }: Size): number {
  return width < PHONE_WIDTH ? Math.min(tileWidth, tileHeight) : tileWidth * tileHeight;
}

function measured(columns: number, tiles: number, { width, height }: Size): Grid {
  const rows = Math.ceil(tiles / columns);
  const roomWide = Math.max(0, (width - TILE_GAP * (columns - 1)) / columns);
  const roomHigh = Math.max(0, (height - TILE_GAP * (rows - 1)) / rows);
  // 16:9 wastes the height of an upright phone and of two people on a desktop; the face in the middle stays whole when cut.
  const flattest = width < PHONE_WIDTH ? 1 : 4 / 3;
  const tileHeight = Math.min(roomHigh, roomWide / flattest);
  const tileWidth = Math.min(roomWide, tileHeight * TILE_RATIO);
  return { columns, rows, tileWidth: Math.floor(tileWidth), tileHeight: Math.floor(tileHeight) };
}

export interface PageOf<Item> {
  items: Item[];
  page: number;
  pages: number;
}

/** Page numbers start at 0 and are clamped: when people leave, the last page may vanish under the reader. */
export function pageOf<Item>(items: readonly Item[], page: number, size: number): PageOf<Item> {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const shown = Math.min(Math.max(0, page), pages - 1);
  return { items: items.slice(shown * size, shown * size + size), page: shown, pages };
}

export interface Rank {
  memberId: string;
  pinned: boolean;
  floor: boolean;
  moderator: boolean;
  self: boolean;
  /** Has a camera on: a page of faces before a page of names. */
  video: boolean;
}

/** Pinned first, then who has the floor, moderators, oneself, cameras, the rest; within each the order in which they came. */
export function ordered<Item extends Rank>(people: readonly Item[]): Item[] {
  return people
    .map((person, index) => ({ person, index }))
    .sort((a, b) => weight(a.person) - weight(b.person) || a.index - b.index)
    .map(({ person }) => person);
}

function weight(person: Rank): number {
  if (person.pinned) return 0;
  if (person.floor) return 1;
  if (person.self) return 2;
  if (person.moderator) return 3;
  return person.video ? 4 : 5;
}

/**
 * Who is large in the speaker view: the pinned, else who has the floor and is heard, else the loudest other, else who was large
 * before, else the floor's holder, a moderator, anybody. Oneself only when alone.
 */
export function featured(people: readonly Rank[], dominant: string | null, before: string | null): string | null {
  const others = people.filter((person) => !person.self);
  const has = (memberId: string | null) => others.some((person) => person.memberId === memberId);
  const pinned = people.find((person) => person.pinned);
  if (pinned) return pinned.memberId;
  if (has(dominant)) return dominant;
  if (has(before)) return before;
  const fallback = others.find((person) => person.floor) ?? others.find((person) => person.moderator) ?? others[0] ?? people[0];
  return fallback?.memberId ?? null;
}
