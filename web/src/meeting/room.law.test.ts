// @vitest-environment node
/** The law of snapshots across two languages: what rooms/ tells a viewer brings the browser's copy to what rooms/ would show afresh. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeEvent, type ToldEvent } from './intake';
import type { Snapshot } from './room';

interface Line {
  before: Snapshot;
  events: ToldEvent[];
  after: Snapshot;
}

const root = resolve(import.meta.dirname, '../../..');
const own = resolve(root, '.venv/bin/python');

function stories(): Line[] {
  const python = existsSync(own) ? own : 'python3';
  const told = execFileSync(python, [resolve(import.meta.dirname, 'roomlaw.py')], {
    cwd: root,
    env: { ...process.env, PYTHONPATH: root, PYTHONIOENCODING: 'utf-8' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(told.toString('utf8')) as Line[];
}

/** The revision of a fresh snapshot may be ahead by events this viewer was not told of. */
const shown = (room: Snapshot | null) => ({ ...room, revision: 0 });

describe('old snapshot + events told = fresh snapshot', () => {
  const lines = stories();

  it('has stories enough to tell', () => {
    const kinds = new Set(lines.flatMap((line) => line.events.map((event) => event.type)));
    expect(lines.length).toBeGreaterThan(300);
    expect(kinds.size).toBeGreaterThanOrEqual(18);
  });

  it('holds for every viewer of every step, and nothing seems to be missing', () => {
    for (const { before, events, after } of lines) {
      let room: Snapshot | null = before;
      for (const event of events) {
        const taken = takeEvent(room, event);
        expect(taken.missing, JSON.stringify(event)).toBe(false);
        room = taken.room;
      }
      expect(shown(room)).toEqual(shown(after));
    }
  });
});
