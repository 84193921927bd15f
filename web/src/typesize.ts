/** Large type for those who want it: every measure is in rem, so one attribute on the root does it. */

import { ref } from 'vue';

const KEY = 'branchline.type';
export const largeType = ref(read());

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === 'large';
  } catch {
    return false;
  }
}

export function applyTypeSize(): void {
  document.documentElement.dataset.type = largeType.value ? 'large' : 'usual';
}

export function setLargeType(on: boolean): void {
  largeType.value = on;
  applyTypeSize();
  try {
    localStorage.setItem(KEY, on ? 'large' : 'usual');
  } catch {
    // Then it lasts as long as the page.
  }
}
