import { describe, expect, it } from 'vitest';
import { ICONS } from '../ui/icons';

type Tree = Record<string, unknown>;
const files = import.meta.glob<Tree>('../locales/*/*.json', { eager: true, import: 'default' });
const sources = import.meta.glob<string>(['../**/*.vue', '../**/*.ts', '!../**/__tests__/**', '!../**/*.test.ts', '!../**/*.gen.ts'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

function leaves(tree: unknown, path: string): Array<[string, string]> {
  if (typeof tree === 'string') return [[path, tree]];
  return Object.entries(tree as Tree).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

function wordsOf(locale: string): Map<string, string> {
  const own = Object.entries(files).filter(([path]) => path.includes(`/${locale}/`));
  return new Map(own.flatMap(([path, tree]) => leaves(tree, path.replace(/^.*\/|\.json$/g, ''))));
}

const [zh, en] = [wordsOf('zh'), wordsOf('en')];
const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

describe('both languages', () => {
  it('have the same keys', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    expect(zh.size).toBeGreaterThan(300);
  });

  it('have the same blanks to fill in', () => {
    const different = [...zh].filter(([key, text]) => String(blanks(text)) !== String(blanks(en.get(key) ?? ''))).map(([key]) => key);
    expect(different).toEqual([]);
  });

  it('leave nothing empty', () => {
    const toldByTheServer = ['meeting.over.notLetIn.text']; // shown with a refusal only, and the refusal brings its own sentence
    const empty = [...zh, ...en].filter(([key, text]) => !text.trim() && !toldByTheServer.includes(key));
    expect(empty).toEqual([]);
  });

  it('are what they say they are', () => {
    const chinese = /[\u4e00-\u9fff]/;
    const named = ['shell.otherLanguage', 'sheet.inChinese']; // a language is named in itself
    expect([...en].filter(([key, text]) => chinese.test(text) && !named.includes(key)).map(([key]) => key)).toEqual([]);
  });
});

describe('the source', () => {
  const literal = /\bt\(\s*'([\w.]+)'/g;

  it('asks only for words that are there', () => {
    const missing = Object.entries(sources).flatMap(([path, text]) =>
      [...text.matchAll(literal)]
        .map((found) => found[1] ?? '')
        .filter((key) => key.includes('.') && !zh.has(key))
        .map((key) => `${path}: ${key}`),
    );
    expect(missing).toEqual([]);
  });

  it('asks for families of words that are there', () => {
    const families = Object.values(sources).flatMap((text) =>
      [...text.matchAll(/\bt\(\s*`([\w.]+)\.\$\{/g)].map((found) => found[1] ?? ''),
    );
    const keys = [...zh.keys()];
    expect([...new Set(families)].filter((family) => !keys.some((key) => key.startsWith(`${family}.`)))).toEqual([]);
  });

  it('has no Chinese in a template', () => {
    const templates = Object.entries(sources).filter(([path]) => path.endsWith('.vue'));
    const bad = templates.filter(([, text]) =>
      /[\u4e00-\u9fff]/.test(text.split('<template>').slice(1).join('').split('</template>')[0] ?? ''),
    );
    expect(bad.map(([path]) => path)).toEqual([]);
  });
});

describe('drawings', () => {
  it('are paths within their grid', () => {
    const outside = Object.entries(ICONS).filter(([, path]) =>
      [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].some(([, x, y]) => Number(x) > 24 || Number(y) > 24),
    );
    expect(outside).toEqual([]);
  });
});
