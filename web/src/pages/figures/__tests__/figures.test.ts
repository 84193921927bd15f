import { describe, expect, it } from 'vitest';
import type { FlowCountView, HeldView } from '../../../api/types.gen';
import { behindOf } from '../behind';
import { bars, called, completion, provinceTiles, share, type Palette } from '../charts';
import { COLUMNS, placeName, PROVINCES, ROWS } from '../provinces';

const COLOURS: Palette = {
  ink: '#000',
  soft: '#555',
  line: '#ddd',
  surface: '#fff',
  sunken: '#eee',
  accent: '#900',
  accentSoft: '#fee',
  good: '#060',
  care: '#850',
  font: 'x',
};

describe('provinces', () => {
  it('are all thirty-four, each with a code and a place of its own inside the grid', () => {
    expect(PROVINCES).toHaveLength(34);
    expect(new Set(PROVINCES.map((one) => one.code)).size).toBe(34);
    expect(new Set(PROVINCES.map((one) => `${one.column},${one.row}`)).size).toBe(34);
    for (const one of PROVINCES) expect(one.column < COLUMNS && one.row < ROWS).toBe(true);
  });

  it.each([
    ['44', 'zh', '广东'],
    ['44', 'en', 'Guangdong'],
    ['abroad:DE', 'en', 'Germany'],
    ['', 'en', 'Not stated'],
    ['99', 'zh', 'Not stated'],
  ] as const)('%s in %s is called %s', (value, language, name) => {
    expect(placeName(value, language, 'Not stated')).toBe(name);
  });
});

describe('charts', () => {
  it('draw the largest bar on top', () => {
    const option = bars(
      [
        { name: 'Work', count: 9 },
        { name: 'Study', count: 2 },
      ],
      COLOURS,
    ) as { yAxis: { data: string[] } };
    expect(option.yAxis.data).toEqual(['Study', 'Work']);
  });

  it('give every province a tile, with its number only where somebody is', () => {
    const flows: FlowCountView[] = [{ flow: 'out', key: 'place', value: '44', count: 3 }];
    const option = provinceTiles(flows, 'zh', COLOURS, 480) as {
      series: { data: { name: string; value: number[]; label: { formatter: string } }[] }[];
    };
    const tiles = option.series[0]!.data;
    expect(tiles).toHaveLength(34);
    expect(tiles.find((one) => one.name === '44')?.value[2]).toBe(3);
    expect(tiles.filter((one) => one.label.formatter.includes('|')).map((one) => one.name)).toEqual(['44']);
  });

  it('show shares of branches, and nothing where there are none', () => {
    const held: HeldView[] = [1, 2, 3, 4].map((quarter) => ({ form: 'BRANCH_GENERAL_MEETING', required: 1, quarter, held: quarter }));
    const option = completion(held, 4, { BRANCH_GENERAL_MEETING: 'General' }, ['1', '2', '3', '4'], COLOURS);
    expect(option.series[0]?.data).toEqual([25, 50, 75, 100]);
    expect(share(1, 0)).toBe(0);
  });

  it.each([
    ['zh', 33, ['黑龙江', '湖南']],
    ['en', 53, ['HL', 'Hunan']],
    ['en', 33, ['HL', 'HN']],
  ] as const)('are called in %s what fits a tile of %i pixels', (language, width, expected) => {
    const of = (code: string) =>
      called(
        PROVINCES.find((one) => one.code === code)!,
        language,
        width,
      );
    expect([of('23'), of('43')]).toEqual(expected);
  });
});

it('the list behind a number keeps only what it knows', () => {
  expect(behindOf({ behind: 'idle', days: '90', page: '2', other: 'x', key: '' })).toEqual({ behind: 'idle', days: '90' });
});
