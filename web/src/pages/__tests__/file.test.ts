import { describe, expect, it } from 'vitest';
import type { FileView } from '../../api/types.gen';
import { changesOf, draftOf, GROUPS, isDay, STEPS } from '../file/fields';

const view = { fields: { name: '张', phone: '13800000000', bornOn: '1990-01-01' } } as unknown as FileView;
const [identity, contact] = GROUPS;

describe('a form of a file', () => {
  it('has every field once', () => {
    const keys = GROUPS.flatMap((group) => group.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(22);
  });

  it('sends only what was changed', () => {
    const before = draftOf(view, contact!);
    expect(changesOf(before, { ...before })).toEqual({});
    expect(changesOf(before, { ...before, phone: ' 13900000000 ', email: '' })).toEqual({ phone: '13900000000' });
    expect(changesOf(before, { ...before, phone: '' })).toEqual({ phone: '' });
  });

  it('never sends an ID number that was not typed', () => {
    const before = draftOf(view, identity!);
    expect(before.idNumber).toBe('');
    expect(changesOf(before, { ...before, name: '张三' })).toEqual({ name: '张三' });
    expect(changesOf(before, { ...before, idNumber: '11010519491231002X' })).toEqual({ idNumber: '11010519491231002X' });
  });

  it('knows which fields are days, and that the way into the Party is not for the member to write', () => {
    expect(['bornOn', 'fullSince', 'joinedOn'].every(isDay)).toBe(true);
    expect(['name', 'education', 'residence'].some(isDay)).toBe(false);
    expect(GROUPS.filter((group) => !group.own).flatMap((group) => group.keys)).toEqual(expect.arrayContaining([...STEPS]));
  });
});
