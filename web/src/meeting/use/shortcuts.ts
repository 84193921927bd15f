/**
 * Single keys for what is done often, and holding the space bar to talk.
 *
 * Never while something is typed or a dialog is open (WCAG 2.1.4), never with a modifier: those belong to the browser and the reader.
 */

import { onScopeDispose } from 'vue';

export interface Shortcuts {
  /** Lower-case key → act. */
  keys: Record<string, () => void>;
  talk(on: boolean): void;
}

interface Pressed {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
  isComposing: boolean;
}

/** Which act a key means here, or null. `typing`: the focus is where keys are text. */
export function meaningOf(event: Pressed, typing: boolean, keys: readonly string[]): string | null {
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return null;
  const key = event.key.toLowerCase();
  return keys.includes(key) ? key : null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null;
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a[href], summary') !== null;
}

export function useShortcuts({ keys, talk }: Shortcuts): void {
  let talking = false;

  function down(event: KeyboardEvent): void {
    const typing = isTyping(event.target);
    if (event.key === ' ' && !typing && !isPressable(event.target) && !event.repeat) {
      event.preventDefault();
      talking = true;
      talk(true);
      return;
    }
    if (event.key === ' ' && talking) event.preventDefault();
    const meant = meaningOf(event, typing, Object.keys(keys));
    if (!meant) return;
    event.preventDefault();
    keys[meant]?.();
  }

  function end(): void {
    if (talking) talk(false);
    talking = false;
  }

  const up = (event: KeyboardEvent) => {
    if (event.key === ' ') end();
  };
  window.addEventListener('keydown', down);
  window.addEventListener('keyup', up);
  window.addEventListener('blur', end);
  onScopeDispose(() => {
    window.removeEventListener('keydown', down);
    window.removeEventListener('keyup', up);
    window.removeEventListener('blur', end);
  });
}
