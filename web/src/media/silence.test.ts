import { describe, expect, it } from 'vitest';
import { CALM_MS, LOOK_MS, SILENT_MS, Silence, bytesOf } from './silence';

/** One letter a look: `.` nothing, `s` sent, `a` sent and answered, `r` only heard; `|` a look at the same instant, `-` one that the busy
 *  page leaves out. → the instants, in ms, at which silence was told. */
function told(story: string): number[] {
  const silence = new Silence();
  let sent = 0;
  let received = 0;
  let now = 0;
  return [...story].flatMap((letter) => {
    if (letter !== '|') now += LOOK_MS;
    if (letter === '-') return [];
    if ('sa'.includes(letter)) sent += 100;
    if ('ar'.includes(letter)) received += 40;
    return silence.look(sent, received, now) ? [now] : [];
  });
}

const looks = CALM_MS / LOOK_MS;
const calm = 'a'.repeat(looks);
const calmMs = looks * LOOK_MS;
/** After the first look with something unanswered. */
const enough = Math.ceil(SILENT_MS / LOOK_MS) * LOOK_MS;

describe('silence', () => {
  it.each([
    ['everything is answered', calm + 'a'.repeat(50), []],
    ['nothing comes back any more', calm + 's'.repeat(30), [calmMs + LOOK_MS + enough]],
    ['an answer a look late is none', calm + 'sr'.repeat(30), []],
    ['a pause of the sender is none', calm + '.'.repeat(40) + calm, []],
    ['a quiet microphone sends every other look', calm + 's.s.s.s.', [calmMs + LOOK_MS + enough]],
    ['not before it was answered for a while', 'a'.repeat(looks - 2) + 's'.repeat(30), []],
    ['a browser that is answered once a second', 'ssssa'.repeat(40), []],
    ['a busy page that looks twice at once is as calm as another', 'a-|a-|a-|a-|a-|as|ss', [2800]],
    ['looks that follow each other at once are no time', `${calm}s||||||a`, []],
    ['a busy page that looks late', `${calm}---s---s`, [calmMs + 8 * LOOK_MS]],
    ['a second silence is told after calm only', `${calm}ssssssaassss${calm}aaasss`, [calmMs + LOOK_MS + enough, calmMs + 12 * LOOK_MS + calmMs + 4 * LOOK_MS + enough]],
  ])('%s', (_, story, instants) => {
    expect(told(story)).toEqual(instants);
  });

  it('counts what went over the pair before as well', () => {
    const pairs = [
      { type: 'candidate-pair', bytesSent: 100, bytesReceived: 10 },
      { type: 'transport', bytesSent: 9 },
      { type: 'candidate-pair', bytesSent: 500, bytesReceived: 70 },
      { type: 'candidate-pair' },
    ];
    expect(bytesOf(pairs)).toEqual({ sent: 600, received: 80 });
    expect(bytesOf([])).toBeNull();
  });
});
