/** The size of an element, followed while the component lives. */

import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { Size } from '../layout';

export function useElementSize(element: Ref<HTMLElement | null>): ShallowRef<Size> {
  const size = shallowRef<Size>({ width: 0, height: 0 });
  const observer = new ResizeObserver(([entry]) => {
    if (entry) size.value = { width: entry.contentRect.width, height: entry.contentRect.height };
  });
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before);
      if (now) observer.observe(now);
    },
    { immediate: true, flush: 'post' },
  );
  onScopeDispose(() => observer.disconnect());
  return size;
}
