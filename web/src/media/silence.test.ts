import { describe, expect, it } from 'vitest';
import { CALM, SILENT, Silence, bytesOf } from './silence';

/** One letter a look: `.` nothing, `s` sent, `a` sent and answered, `r` only heard. → the looks at which silence was told. */
function told(story: string): number[] {
  const silence = new Silence();
  let sent = 0;
  let received = 0;
  return [...story].flatMap((letter, at) => {
    if ('sa'.includes(letter)) sent += 100;
    if ('ar'.includes(letter)) received += 40;
    return silence.look(sent, received) ? [at] : [];
  });
}

const calm = 'a'.repeat(CALM);

describe('silence', () => {
  it.each([
    ['everything is answered', calm + 'a'.repeat(50), []],
    ['nothing comes back any more', calm + 's'.repeat(30), [CALM + SILENT - 1]],
    ['an answer a look late is none', calm + 'sr'.repeat(30), []],
    ['a pause of the sender is none', calm + '.'.repeat(40) + calm, []],
    ['a quiet microphone sends every other look', calm + 's.s.s.s.', [CALM + 4]],
    ['not before it was answered for a while', 'a'.repeat(CALM - 2) + 's'.repeat(30), []],
    ['a browser that is answered once a second', 'ssssa'.repeat(40), []],
    ['a second silence is told after calm only', `${calm}ssssssaassss${calm}asss`, [CALM + SILENT - 1, CALM + 12 + CALM + 1 + SILENT - 1]],
  ])('%s', (_, story, looks) => {
    expect(told(story)).toEqual(looks);
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
