/** Changes on the settings page: what is set in the kernels, and what is asked first. */

import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, test, vi } from 'vitest';

import { Conversation } from '../../src/kernel/conversation';
import { setOptions } from '../../src/shell/conversations';

const dialogs = vi.hoisted(() => ({ shown: [] as { title: string; body: string }[], accept: true }));
vi.mock('@jupyterlab/apputils', () => ({
  Dialog: { cancelButton: () => ({}), warnButton: () => ({}) },
  showDialog: (options: { title: string; body: string }) => {
    dialogs.shown.push(options);
    return Promise.resolve({ button: { accept: dialogs.accept } });
  }
}));
// These need a browser.
vi.mock('@jupyterlab/notebook', () => ({ INotebookTracker: null }));
vi.mock('../../src/kernel/conversations', () => ({ IConversations: null }));
vi.mock('../../src/shell/notify', () => ({ notifyError: vi.fn() }));
vi.mock('../../src/shell/settings', () => ({ ISettings: null }));

const trans = nullTranslator.load('codeact_jupyter');
const done: string[] = [];

function conversation(label: string, mode: 'ask' | 'auto', isOpen = true): Conversation {
  return {
    panel: { title: { label } },
    isOpen,
    status: { mode },
    set: (name: string, value: unknown) => Promise.resolve(void done.push(`${label}: ${name} ${String(value)}`)),
    prefer: (model: string) => Promise.resolve(void done.push(`${label}: prefer ${model}`))
  } as unknown as Conversation;
}

beforeEach(() => {
  done.length = dialogs.shown.length = 0;
  dialogs.accept = true;
});

test.each([true, false])('`auto` takes the user’s word, once for all notebooks that ask now: %j', async accept => {
  dialogs.accept = accept;
  const all = [conversation('a', 'ask'), conversation('b', 'auto'), conversation('c', 'ask', false)];
  await setOptions([...all, conversation('d', 'ask')], { mode: 'auto', max_turns: 3 }, trans);
  expect(dialogs.shown.map(({ body }) => body.slice(0, 48))).toEqual([
    'From now on CodeAct runs steps in a, d at once, '
  ]);
  const turns = ['a', 'b', 'c', 'd'].map(label => `${label}: max_turns 3`);
  expect(done).toEqual([...turns, ...(accept ? ['a: mode auto', 'd: mode auto'] : [])]);
});

test('what lowers, or is no mode, is set at once', async () => {
  const all = [conversation('a', 'auto')];
  await setOptions(all, { mode: 'ask', model: 'm', temperature: null }, trans);
  await setOptions(all, { mode: 'auto' }, trans);
  expect(done).toEqual(['a: prefer m', 'a: temperature null', 'a: mode ask']);
  expect(dialogs.shown).toEqual([]);
});
