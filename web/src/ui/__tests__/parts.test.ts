import { flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { defineComponent, nextTick, ref, type Component } from 'vue';
import { Refused } from '../../api/refusal';
import { i18n, showIn } from '../../i18n';
import { toast, toasts } from '../../toasts';
import AppDialog from '../AppDialog.vue';
import PagerBar from '../PagerBar.vue';
import SelectField from '../SelectField.vue';
import StateBlock from '../StateBlock.vue';
import TextField from '../TextField.vue';
import ToastRegion from '../ToastRegion.vue';
import { wrapped } from '../focustrap';
import { useAct, useLoad } from '../load';

let shown: VueWrapper | null = null;

function show(part: Component, props: Record<string, unknown> = {}, slots: Record<string, string> = {}): VueWrapper {
  shown = mount(part, { props, slots, attachTo: document.body, global: { plugins: [createPinia(), i18n] } }) as VueWrapper;
  return shown;
}

beforeAll(() => showIn('en'));
afterEach(() => {
  shown?.unmount();
  toasts.splice(0);
});

describe('fields', () => {
  it('are named by their label and described by hint and error', () => {
    const field = show(TextField, { label: 'Title', modelValue: '', hint: 'short', error: 'missing' });
    const input = field.get('input');
    expect(field.get('label').attributes('for')).toBe(input.attributes('id'));
    const described = (input.attributes('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent);
    expect([described, input.attributes('aria-invalid')]).toEqual([['short', 'missing'], 'true']);
  });

  it('say nothing of errors while there are none', () => {
    const input = show(SelectField, { label: 'Form', modelValue: 'a', choices: [{ value: 'a', label: 'A' }] }).get('select');
    expect([input.attributes('aria-invalid'), input.attributes('aria-describedby')]).toEqual([undefined, undefined]);
  });
});

describe('a dialog', () => {
  it('is named, takes the focus, closes by Escape and gives the focus back', async () => {
    const before = document.createElement('button');
    document.body.append(before);
    before.focus();
    const dialog = show(AppDialog, { title: 'Correct' }, { default: '<input id="first" />' });
    const box = document.querySelector('[role=dialog]') as HTMLElement;
    expect(document.getElementById(box.getAttribute('aria-labelledby') ?? '')?.textContent).toBe('Correct');
    expect(box.getAttribute('aria-modal')).toBe('true');
    expect(document.activeElement?.id).toBe('first');
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(dialog.emitted('close')).toHaveLength(1);
    dialog.unmount();
    expect(document.activeElement).toBe(before);
    expect(document.body.style.overflow).toBe('');
    before.remove();
  });

  it('sends Tab round the corner and leaves it alone in between', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(() => document.createElement('button'));
    const all = [a, b, c] as HTMLElement[];
    expect([
      wrapped(all, c ?? null, false),
      wrapped(all, a ?? null, true),
      wrapped(all, b ?? null, false),
      wrapped(all, document.body, false),
    ]).toEqual([a, c, null, a]);
    expect(wrapped([], null, false)).toBeNull();
  });
});

describe('states', () => {
  it('tell a refusal in the language of the page, and offer to try again', async () => {
    const block = show(StateBlock, { failure: new Refused({ code: 'x', message: { zh: '不行', en: 'not now' } }) });
    expect(block.get('[role=alert]').text()).toContain('not now');
    await block.get('button').trigger('click');
    expect(block.emitted('retry')).toHaveLength(1);
  });

  it('announce loading politely', () => expect(show(StateBlock, { loading: true }).get('[role=status]').text()).toBe('Loading…'));
});

describe('toasts', () => {
  it('appear in a region that was live before, and go by their button', async () => {
    const region = show(ToastRegion);
    expect(region.get('[role=status]').attributes('aria-live')).toBe('polite');
    toast('Saved');
    await nextTick();
    expect(region.text()).toContain('Saved');
    await region.get('button[aria-label="Dismiss this message"]').trigger('click');
    expect(toasts).toEqual([]);
  });
});

describe('pages of a list', () => {
  it('stop at both ends', async () => {
    const pager = show(PagerBar, { page: 1, pageSize: 10, total: 25 });
    const [back, on] = pager.findAll('button');
    expect([back?.attributes('disabled'), on?.attributes('disabled')]).toEqual(['', undefined]);
    await on?.trigger('click');
    expect(pager.emitted('go')).toEqual([[2]]);
    expect(pager.text()).toContain('Page 1 of 3');
  });

  it('are not offered where one is enough', () =>
    expect(show(PagerBar, { page: 1, pageSize: 10, total: 10 }).find('nav').exists()).toBe(false));
});

describe('loading', () => {
  const inComponent = <T>(use: () => T): T => {
    let made: T | undefined;
    show(
      defineComponent({
        setup: () => {
          made = use();
          return () => null;
        },
      }),
    );
    return made as T;
  };

  it('drops an older answer that comes in late', async () => {
    const waiting: Array<(value: string) => void> = [];
    const load = inComponent(() => useLoad(() => new Promise<string>((done) => waiting.push(done))));
    void load.reload();
    waiting[1]?.('new');
    await flushPromises();
    waiting[0]?.('old');
    await flushPromises();
    expect([load.data.value, load.loading.value]).toEqual(['new', false]);
  });

  it('keeps what it had when reading again fails', async () => {
    const fails = ref(false);
    const load = inComponent(() => useLoad(() => (fails.value ? Promise.reject(new Error('x')) : Promise.resolve('here'))));
    await flushPromises();
    fails.value = true;
    await load.reload();
    expect([load.data.value, (load.failure.value as Error).message]).toEqual(['here', 'x']);
  });

  it('does one thing once, however often it is pressed', async () => {
    const act = useAct('inline');
    let done = (): void => undefined;
    const work = vi.fn(() => new Promise<void>((resolve) => (done = resolve)));
    const first = act.run(work);
    expect(await act.run(work)).toBe(false);
    done();
    expect([await first, work.mock.calls.length, act.busy.value]).toEqual([true, 1, false]);
  });
});
