/** Keeps the keyboard inside a dialog while it is open, the page behind it still, and gives focus back afterwards. */

const REACHABLE =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"]';
const FIRST_CHOICE = '[data-first-focus], .body input:not([disabled]), .body select:not([disabled]), .body textarea:not([disabled])';

export function reachable(box: HTMLElement): HTMLElement[] {
  return Array.from(box.querySelectorAll<HTMLElement>(REACHABLE));
}

/** Where Tab goes from `now`: round the corner at both ends, null where the browser's own way is right. */
export function wrapped(all: HTMLElement[], now: Element | null, backwards: boolean): HTMLElement | null {
  const first = all[0];
  const last = all[all.length - 1];
  if (!first || !last) return null;
  const at = all.indexOf(now as HTMLElement);
  if (at < 0) return backwards ? last : first;
  if (backwards && at === 0) return last;
  return !backwards && at === all.length - 1 ? first : null;
}

export function trap(box: HTMLElement, close: () => void): () => void {
  const before = document.activeElement as HTMLElement | null;
  const scroll = document.body.style.overflow;
  document.body.style.overflow = 'hidden';
  (box.querySelector<HTMLElement>(FIRST_CHOICE) ?? box).focus();

  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') {
      const next = wrapped(reachable(box), document.activeElement, event.shiftKey);
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  };
  box.addEventListener('keydown', onKey);
  return () => {
    box.removeEventListener('keydown', onKey);
    document.body.style.overflow = scroll;
    before?.focus?.();
  };
}
