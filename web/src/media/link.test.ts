import { expect, it } from 'vitest';
import { CAPABILITIES } from './doubles';
import { loadDevice } from './link';

it('a browser nobody knows is refused in words a person understands', async () => {
  await expect(loadDevice(CAPABILITIES)).rejects.toMatchObject({ name: 'Refused', code: 'browserUnsupported' });
});
