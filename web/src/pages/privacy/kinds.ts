/** Kinds of data as the table of retention names them, for records about their protection. */

import { get } from '../../api/client';
import type { DataKindView, KindName, RetentionView } from '../../api/types.gen';

export const readKinds = async (): Promise<DataKindView[]> => (await get<RetentionView>('/retention')).kinds;

/** The titles of some kinds, in the order of the table. */
export function titlesOf(kinds: DataKindView[], wanted: KindName[], language: string): string {
  const found = kinds.filter((one) => (wanted as string[]).includes(one.kind));
  return found.map((one) => (language === 'zh' ? one.titleZh : one.titleEn)).join(language === 'zh' ? '；' : '; ');
}
