/**
 * The province-level divisions as tiles of equal size: where each stands in a grid, by the first two digits of its code (GB/T 2260).
 *
 * A cartogram, not a map: no coast, no border, and a small province is seen as well as a large one. Positions are this project's own.
 */

export interface Province {
  code: string;
  zh: string;
  en: string;
  /** ISO 3166-2, where the English name is too long. */
  letters: string;
  column: number;
  row: number;
}

const row = (code: string, zh: string, en: string, letters: string, column: number, line: number): Province => ({
  code,
  zh,
  en,
  letters,
  column,
  row: line,
});

export const PROVINCES: Province[] = [
  row('23', '黑龙江', 'Heilongjiang', 'HL', 8, 0),
  row('15', '内蒙古', 'Inner Mongolia', 'NM', 5, 1),
  row('22', '吉林', 'Jilin', 'JL', 8, 1),
  row('65', '新疆', 'Xinjiang', 'XJ', 0, 2),
  row('62', '甘肃', 'Gansu', 'GS', 2, 2),
  row('64', '宁夏', 'Ningxia', 'NX', 3, 2),
  row('11', '北京', 'Beijing', 'BJ', 6, 2),
  row('12', '天津', 'Tianjin', 'TJ', 7, 2),
  row('21', '辽宁', 'Liaoning', 'LN', 8, 2),
  row('63', '青海', 'Qinghai', 'QH', 2, 3),
  row('61', '陕西', 'Shaanxi', 'SN', 3, 3),
  row('14', '山西', 'Shanxi', 'SX', 4, 3),
  row('13', '河北', 'Hebei', 'HE', 5, 3),
  row('37', '山东', 'Shandong', 'SD', 6, 3),
  row('54', '西藏', 'Tibet', 'XZ', 0, 4),
  row('51', '四川', 'Sichuan', 'SC', 2, 4),
  row('50', '重庆', 'Chongqing', 'CQ', 3, 4),
  row('41', '河南', 'Henan', 'HA', 4, 4),
  row('34', '安徽', 'Anhui', 'AH', 5, 4),
  row('32', '江苏', 'Jiangsu', 'JS', 6, 4),
  row('31', '上海', 'Shanghai', 'SH', 7, 4),
  row('52', '贵州', 'Guizhou', 'GZ', 3, 5),
  row('42', '湖北', 'Hubei', 'HB', 4, 5),
  row('36', '江西', 'Jiangxi', 'JX', 5, 5),
  row('33', '浙江', 'Zhejiang', 'ZJ', 6, 5),
  row('53', '云南', 'Yunnan', 'YN', 2, 6),
  row('45', '广西', 'Guangxi', 'GX', 3, 6),
  row('43', '湖南', 'Hunan', 'HN', 4, 6),
  row('35', '福建', 'Fujian', 'FJ', 5, 6),
  row('71', '台湾', 'Taiwan', 'TW', 7, 6),
  row('44', '广东', 'Guangdong', 'GD', 4, 7),
  row('81', '香港', 'Hong Kong', 'HK', 5, 7),
  row('46', '海南', 'Hainan', 'HI', 3, 8),
  row('82', '澳门', 'Macao', 'MO', 4, 8),
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
