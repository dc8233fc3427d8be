/** Choosing a model, and leaving a conversation: what is asked first, and what happens then. */

import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { beginAnew, chooseModel, IChat, openEarlier } from '../../src/chat/actions';
import { IModelFile } from '../../src/kernel/protocol';

const dialogs = vi.hoisted(() => ({
  shown: [] as { title: string; body: string }[],
  items: [] as string[],
  chosen: 0,
  accept: true
}));
vi.mock('@jupyterlab/apputils', () => ({
  Dialog: { cancelButton: () => ({}), okButton: () => ({}), warnButton: () => ({}) },
  InputDialog: {
    getItem: ({ items }: { items: string[] }) => {
      dialogs.items = items;
      return Promise.resolve({ button: { accept: dialogs.accept }, value: items[dialogs.chosen] });
    }
  },
  showDialog: (options: { title: string; body: string }) => {
    dialogs.shown.push(options);
    return Promise.resolve({ button: { accept: dialogs.accept } });
  }
}));
// These need a browser.
vi.mock('../../src/chat/notebook', () => ({}));
vi.mock('../../src/kernel/cell-text', () => ({}));

const FILE: IModelFile = {
  name: 'big',
  title: 'family',
  bytes: 5.3e9,
  installed: false,
  licence: 'Apache-2.0',
  needs: 6.4e9,
  fits: true,
  seconds: 0,
  purpose: ''
};

function chat(file: Partial<IModelFile>): { chat: IChat; done: string[] } {
  const done: string[] = [];
  const conversation = {
    load: () => Promise.resolve(),
    models: () => Promise.resolve([{ ...FILE, ...file }]),
    set: (option: string, value: string) => Promise.resolve(void done.push(`set ${option} ${value}`)),
    pull: (name: string) => Promise.resolve(void done.push(`pull ${name}`))
  };
  return { chat: { conversation, trans: nullTranslator.load('codeact_jupyter') } as unknown as IChat, done };
}

beforeEach(() => {
  dialogs.shown.length = dialogs.items.length = dialogs.chosen = 0;
  dialogs.accept = true;
});

test('a model that is there is used at once', async () => {
  const { chat: made, done } = chat({ installed: true });
  await chooseModel(made, 'big');
  expect(done).toEqual(['set model big']);
  expect(dialogs.shown).toEqual([]);
});

test('a name that is not in the list may be a path: the kernel decides', async () => {
  const { chat: made, done } = chat({});
  await chooseModel(made, '~/my.gguf');
  expect(done).toEqual(['set model ~/my.gguf']);
});

test('a model that is not there is downloaded after one question, and the kernel switches to it', async () => {
  const { chat: made, done } = chat({});
  await chooseModel(made, 'big');
  expect(done).toEqual(['pull big']);
  expect(dialogs.shown).toHaveLength(1);
  expect(dialogs.shown[0].title).toBe('Download big?');
  expect(dialogs.shown[0].body).toContain('5.3 GB');
  expect(dialogs.shown[0].body).toContain('Apache-2.0');
  expect(dialogs.shown[0].body).not.toContain('memory');
});

test('one that does not fit says so, and nothing happens without agreement', async () => {
  dialogs.accept = false;
  const { chat: made, done } = chat({ fits: false });
  await chooseModel(made, 'big');
  expect(done).toEqual([]);
  expect(dialogs.shown[0].body).toContain('It needs 6.4 GB of memory, which are not free now.');
});

describe('a new conversation', () => {
  function talk(items: object[]): { chat: IChat; done: string[] } {
    const done: string[] = [];
    const made = { conversation: { items }, reset: () => Promise.resolve(void done.push('reset')) };
    return { chat: { ...made, trans: nullTranslator.load('codeact_jupyter') } as unknown as IChat, done };
  }

  test('begins at once where nothing was said', async () => {
    const { chat: made, done } = talk([]);
    await beginAnew(made);
    expect([done, dialogs.shown.length]).toEqual([['reset'], 0]);
  });

  test.each([true, false])('takes the user’s word where something was: %j', async accept => {
    dialogs.accept = accept;
    const { chat: made, done } = talk([{}]);
    await beginAnew(made);
    expect(dialogs.shown[0].body).toContain('Your cells and variables stay');
    expect(done).toEqual(accept ? ['reset'] : []);
  });
});

describe('an earlier conversation', () => {
  const EARLIER = [
    { name: 'b', title: 'Why?', begun: 1e9, questions: 1 },
    { name: 'a', title: 'Why?', begun: 1e9, questions: 2 }
  ];

  function talk(list: object[]): { chat: IChat; done: string[] } {
    const done: string[] = [];
    const conversation = {
      earlier: () => Promise.resolve(list),
      reopen: (name: string) => Promise.resolve(void done.push(`open ${name}`))
    };
    const made = { conversation, note: (text: string) => done.push(text) };
    return { chat: { ...made, trans: nullTranslator.load('codeact_jupyter') } as unknown as IChat, done };
  }

  test('is chosen by its question and its time, even if others have the same', async () => {
    dialogs.chosen = 1;
    const { chat: made, done } = talk(EARLIER);
    await openEarlier(made);
    expect(dialogs.items[0]).toMatch(/^1\. Why\? · .*2001.* · 1 question$/);
    expect(dialogs.items[1]).toMatch(/^2\. Why\? · .* · 2 questions$/);
    expect(done).toEqual(['open a']);
  });

  test('is left closed without agreement, and where there is none that is said', async () => {
    dialogs.accept = false;
    const { chat: made, done } = talk(EARLIER);
    await openEarlier(made);
    expect(done).toEqual([]);
    const { chat: other, done: told } = talk([]);
    await openEarlier(other);
    expect(told).toEqual(['There is no earlier conversation in this notebook.']);
  });
});
