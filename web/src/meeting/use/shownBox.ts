/** Tell the screen, while this component stands on the page, which picture it shows and how large. */

import { onScopeDispose, watch, type Ref } from 'vue';
import { useElementSize } from './elementSize';
import { useRoomScreen } from './roomScreen';

export function useShownBox(element: Ref<HTMLElement | null>, producerId: () => string | null, whole: () => boolean): void {
  const { boxes } = useRoomScreen();
  const size = useElementSize(element);
  const own = Symbol('box');
  watch(
    [size, producerId, whole],
    () => {
      const [id, { width, height }] = [producerId(), size.value];
      if (id !== null && height > 0) boxes.set(own, { producerId: id, width, height, whole: whole() });
      else boxes.delete(own);
    },
    { immediate: true },
  );
  onScopeDispose(() => boxes.delete(own));
}
