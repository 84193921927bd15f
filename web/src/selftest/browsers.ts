/** Which browser this is, as far as help needs it: family, main version, system. Pure; nothing that tells one person's machine from another's. */

export interface BrowserKind {
  name: string;
  version: number;
  system: string;
}

/** Most particular first: Edge, WeChat and the like call themselves Chrome or Safari too. */
const FAMILIES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['WeChat', /MicroMessenger\/(\d+)/],
  ['DingTalk', /DingTalk\/(\d+)/],
  ['QQ Browser', /M?QQBrowser\/(\d+)/],
  ['Edge', /Edg(?:A|iOS)?\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Huawei Browser', /HuaweiBrowser\/(\d+)/],
  ['Samsung Internet', /SamsungBrowser\/(\d+)/],
  ['UC Browser', /UCBrowser\/(\d+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/],
  ['Safari', /Version\/(\d+)[\d.]* .*Safari/],
];

const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['HarmonyOS', /HarmonyOS|OpenHarmony/],
  ['Android', /Android/],
  ['iOS', /iPhone|iPad|iPod/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux|X11/],
];

export function browserOf(userAgent: string): BrowserKind {
  const system = SYSTEMS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? 'other';
  for (const [name, pattern] of FAMILIES) {
    const found = pattern.exec(userAgent);
    if (found) return { name, version: Number(found[1]), system };
  }
  return { name: 'other', version: 0, system };
}

/** Oldest engines the pages are built for (vite.config.ts); of the wrappers only the engine counts (Firefox on an iPhone is WebKit). */
export function isTooOld(userAgent: string): boolean {
  const chrome = /(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/.exec(userAgent);
  if (chrome) return Number(chrome[1]) < 87;
  const firefox = /Firefox\/(\d+)/.exec(userAgent);
  if (firefox) return Number(firefox[1]) < 120;
  const safari = /Version\/(\d+)[\d.]* .*Safari/.exec(userAgent);
  return safari ? Number(safari[1]) < 14 : false;
}
