/**
 * Keeps a picture or a voice playing that a browser did not let begin, or has stopped.
 *
 * WebKit lets nothing play by itself in the iPhone's low power mode, not even a silent picture, and stops what plays while a call comes in
 * or another app takes the sound; Firefox and Chrome refuse sound before the first press on a page. So it is tried again with the next
 * press anywhere, and whenever the page is shown again. It must never know what is played.
 */

import type { Stop } from './emitter';

export interface Playing {
  /** Try again now: the person has pressed something for it. */
  play(): void;
  stop: Stop;
}

const PRESSES = ['click', 'keydown'] as const;

/** `refused`: told each time whether it is not allowed to play. */
export function keepPlaying(element: HTMLMediaElement, refused: (refused: boolean) => void = () => undefined): Playing {
  let stopped = false;
  const play = () => {
    element.play().then(
      () => !stopped && refused(false),
      (error: unknown) => !stopped && (error as DOMException).name === 'NotAllowedError' && refused(true),
    );
  };
  const again = () => {
    if (element.paused && document.visibilityState !== 'hidden') play();
  };
  document.addEventListener('visibilitychange', again);
  element.addEventListener('pause', again);
  PRESSES.forEach((press) => document.addEventListener(press, again, true));
  play();
  return {
    play,
    stop: () => {
      stopped = true;
      document.removeEventListener('visibilitychange', again);
      element.removeEventListener('pause', again);
      PRESSES.forEach((press) => document.removeEventListener(press, again, true));
    },
  };
}
