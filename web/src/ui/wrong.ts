/** After a form was found wanting: to the first field that is wrong, wherever on the page it is. */

import { nextTick } from 'vue';

export function showWrong(root: ParentNode = document): void {
  void nextTick(() => root.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
