/**
 * The province-level divisions as tiles of equal size: where each stands in a grid, by the first two digits of its code (GB/T 2260).
 *
 * A cartogram, not a map: no coast, no border, and a small province is seen as well as a large one. Positions are this project's own.
 */

export interface Province {
  code: string;
  zh: string;
  en: string;
  column: number;
  row: number;
}

const row = (code: string, zh: string, en: string, column: number, line: number): Province => ({ code, zh, en, column, row: line });

export const PROVINCES: Province[] = [
  row('23', '黑龙江', 'Heilongjiang', 8, 0),
  row('15', '内蒙古', 'Inner Mongolia', 5, 1),
  row('22', '吉林', 'Jilin', 8, 1),
  row('65', '新疆', 'Xinjiang', 0, 2),
  row('62', '甘肃', 'Gansu', 2, 2),
  row('64', '宁夏', 'Ningxia', 3, 2),
  row('11', '北京', 'Beijing', 6, 2),
  row('12', '天津', 'Tianjin', 7, 2),
  row('21', '辽宁', 'Liaoning', 8, 2),
  row('63', '青海', 'Qinghai', 2, 3),
  row('61', '陕西', 'Shaanxi', 3, 3),
  row('14', '山西', 'Shanxi', 4, 3),
  row('13', '河北', 'Hebei', 5, 3),
  row('37', '山东', 'Shandong', 6, 3),
  row('54', '西藏', 'Tibet', 0, 4),
  row('51', '四川', 'Sichuan', 2, 4),
  row('50', '重庆', 'Chongqing', 3, 4),
  row('41', '河南', 'Henan', 4, 4),
  row('34', '安徽', 'Anhui', 5, 4),
  row('32', '江苏', 'Jiangsu', 6, 4),
  row('31', '上海', 'Shanghai', 7, 4),
  row('52', '贵州', 'Guizhou', 3, 5),
  row('42', '湖北', 'Hubei', 4, 5),
  row('36', '江西', 'Jiangxi', 5, 5),
  row('33', '浙江', 'Zhejiang', 6, 5),
  row('53', '云南', 'Yunnan', 2, 6),
  row('45', '广西', 'Guangxi', 3, 6),
  row('43', '湖南', 'Hunan', 4, 6),
  row('35', '福建', 'Fujian', 5, 6),
  row('71', '台湾', 'Taiwan', 7, 6),
  row('44', '广东', 'Guangdong', 4, 7),
  row('81', '香港', 'Hong Kong', 5, 7),
  row('46', '海南', 'Hainan', 3, 8),
  row('82', '澳门', 'Macao', 4, 8),
];

export const COLUMNS = 9;
export const ROWS = 9;
export const ABROAD = 'abroad:';

const BY_CODE = new Map(PROVINCES.map((one) => [one.code, one]));

/** The name of a place as flows are told apart: a province, a country, or not known. */
export function placeName(value: string, language: 'zh' | 'en', unknown: string): string {
  if (value.startsWith(ABROAD)) return countryName(value.slice(ABROAD.length), language);
  return BY_CODE.get(value)?.[language] ?? unknown;
}

function countryName(code: string, language: 'zh' | 'en'): string {
  try {
    return new Intl.DisplayNames([language === 'zh' ? 'zh-CN' : 'en'], { type: 'region' }).of(code) ?? code;
  } catch {
    return code; // old browsers lack DisplayNames
  }
}
