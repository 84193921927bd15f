/** What is drawn: ECharts options from figures, as plain data, so that they can be tested without a canvas. Colours come from the page's tokens. */

import type { EChartsCoreOption } from 'echarts/core';
import type { FlowCountView, HeldView } from '../../api/types.gen';
import { COLUMNS, PROVINCES, ROWS, type Province } from './provinces';

export interface Palette {
  ink: string;
  soft: string;
  line: string;
  surface: string;
  sunken: string;
  accent: string;
  accentSoft: string;
  good: string;
  care: string;
  font: string;
}

const QUIET = { animation: false, backgroundColor: 'transparent' };

/** Named numbers as horizontal bars, the largest on top. */
export function bars(rows: { name: string; count: number }[], colours: Palette): EChartsCoreOption {
  const ordered = [...rows].reverse();
  return {
    ...QUIET,
    textStyle: { fontFamily: colours.font },
    grid: { left: 4, right: 44, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: 'value', show: false, max: (value: { max: number }) => Math.max(1, value.max) },
    yAxis: {
      type: 'category',
      data: ordered.map((one) => one.name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: colours.ink, fontSize: 13, width: 110, overflow: 'break', lineHeight: 15 },
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 18,
        data: ordered.map((one) => one.count),
        itemStyle: { color: colours.accent, borderRadius: [0, 3, 3, 0] },
        label: { show: true, position: 'right', color: colours.ink, fontSize: 13 },
      },
    ],
  };
}

/** Provinces as tiles; the more people, the deeper the red. Places without anybody stay quiet. `width` of all of them, in pixels. */
export function provinceTiles(flows: FlowCountView[], language: 'zh' | 'en', colours: Palette, width: number): EChartsCoreOption {
  const counts = new Map(flows.map((one) => [one.value, one.count]));
  const most = Math.max(1, ...PROVINCES.map((one) => counts.get(one.code) ?? 0));
  return {
    ...QUIET,
    textStyle: { fontFamily: colours.font },
    grid: { left: 0, right: 0, top: 0, bottom: 0 },
    xAxis: { type: 'category', show: false, data: Array.from({ length: COLUMNS }, (_, n) => n) },
    yAxis: { type: 'category', show: false, inverse: true, data: Array.from({ length: ROWS }, (_, n) => n) },
    visualMap: { show: false, min: 0, max: most, dimension: 2, inRange: { color: [colours.accentSoft, colours.accent] } },
    series: [
      {
        type: 'heatmap',
        itemStyle: { borderColor: colours.surface, borderWidth: 3, borderRadius: 6 },
        emphasis: { itemStyle: { borderColor: colours.ink } },
        data: PROVINCES.map((one) =>
          tile(one.column, one.row, counts.get(one.code) ?? 0, called(one, language, width / COLUMNS), one.code, most, colours),
        ),
      },
    ],
  };
}

function tile(column: number, row: number, count: number, name: string, code: string, most: number, colours: Palette) {
  const deep = count > most * 0.45;
  return {
    value: [column, row, count],
    name: code,
    itemStyle: count ? {} : { color: colours.sunken },
    label: {
      show: true,
      formatter: count ? `${name}\n{n|${count}}` : name,
      color: count ? (deep ? '#fff' : colours.ink) : colours.soft,
      fontSize: 10,
      lineHeight: 13,
      rich: { n: { fontSize: 12, fontWeight: 700, lineHeight: 15, color: deep ? '#fff' : colours.ink } },
    },
  };
}

const LETTER_PX = 6; // of a name in English
const GAP_PX = 5;

/** By name; in English by two letters where the name is longer than the tile. */
export function called(one: Province, language: 'zh' | 'en', tilePx: number): string {
  return language === 'en' && one.en.length * LETTER_PX > tilePx - GAP_PX ? one.letters : one[language];
}

/** Of each form, the share of branches that held what a quarter asks for. */
export function completion(held: HeldView[], branches: number, names: Record<string, string>, quarters: string[], colours: Palette) {
  const forms = [...new Set(held.map((one) => one.form))];
  const tones = [colours.accent, colours.care, colours.good];
  return {
    ...QUIET,
    textStyle: { fontFamily: colours.font },
    color: tones,
    legend: { bottom: 0, textStyle: { color: colours.ink }, itemWidth: 12, itemHeight: 12 },
    grid: { left: 4, right: 8, top: 24, bottom: 56, containLabel: true },
    xAxis: {
      type: 'category',
      data: quarters,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.ink },
    },
    yAxis: {
      type: 'value',
      max: 100,
      axisLabel: { formatter: '{value} %', color: colours.soft },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: forms.map((form) => ({
      type: 'bar',
      name: names[form],
      barMaxWidth: 26,
      itemStyle: { borderRadius: [3, 3, 0, 0] },
      label: {
        show: true,
        position: 'top',
        fontSize: 11,
        color: colours.ink,
        formatter: ({ value }: { value: number }) => (value ? `${value}` : ''),
      },
      data: held.filter((one) => one.form === form).map((one) => share(one.held, branches)),
    })),
  } satisfies EChartsCoreOption;
}

export const share = (part: number, whole: number): number => (whole ? Math.round((part / whole) * 100) : 0);
