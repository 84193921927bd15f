import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepPlaying, type Playing } from './playing';

/** An element whose browser allows to play, or does not. */
class Player {
  readonly element = document.createElement('video');
  readonly refused: boolean[] = [];
  allowed = true;
  tries = 0;
  playing: Playing | null = null;

  constructor() {
    let paused = true;
    Object.defineProperty(this.element, 'paused', { get: () => paused });
    this.element.play = () => {
      this.tries += 1;
      paused = !this.allowed;
      return this.allowed ? Promise.resolve() : Promise.reject(new DOMException('no', 'NotAllowedError'));
    };
    this.interrupt = () => {
      paused = true;
      this.element.dispatchEvent(new Event('pause'));
    };
  }

  readonly interrupt: () => void;

  begin(): this {
    this.playing = keepPlaying(this.element, (refused) => this.refused.push(refused));
    return this;
  }
}

const shown = (state: DocumentVisibilityState) => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
};
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('what is not allowed to play, or was stopped', () => {
  let player: Player;
  beforeEach(() => (player = new Player()));
  afterEach(() => {
    player.playing?.stop();
    vi.restoreAllMocks();
  });

  it('plays with the next press anywhere, and says so', async () => {
    player.allowed = false;
    player.begin();
    await settled();
    player.allowed = true;
    document.body.click();
    await settled();
    expect([player.refused, player.element.paused]).toEqual([[true, false], false]);
    document.body.click();
    expect(player.tries).toBe(2); // what plays is left alone
  });

  it('goes on after a call, when the page is shown again', async () => {
    player.begin();
    await settled();
    player.allowed = false; // the call has the sound
    player.interrupt();
    shown('hidden');
    await settled();
    expect(player.element.paused).toBe(true);
    player.allowed = true;
    shown('visible');
    await settled();
    expect([player.refused, player.element.paused]).toEqual([[false, true, false], false]);
  });

  it('is not tried while the page is hidden, nor after the end', async () => {
    player.allowed = false;
    player.begin();
    shown('hidden');
    document.body.click();
    player.playing?.stop();
    shown('visible');
    document.body.click();
    await settled();
    expect([player.tries, player.refused]).toEqual([1, []]);
  });
});
