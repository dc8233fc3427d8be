/** Choosing a model: what is asked first, and what happens then. */

import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, test, vi } from 'vitest';

import { chooseModel, IChat } from '../../src/chat/actions';
import { IModelFile } from '../../src/kernel/protocol';

const dialogs = vi.hoisted(() => ({
  shown: [] as { title: string; body: string }[],
  accept: true
}));
vi.mock('@jupyterlab/apputils', () => ({
  Dialog: { cancelButton: () => ({}), okButton: () => ({}), warnButton: () => ({}) },
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
  left: 2.6e9,
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
  dialogs.shown.length = 0;
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
  const { chat: made, done } = chat({ left: -1 });
  await chooseModel(made, 'big');
  expect(done).toEqual([]);
  expect(dialogs.shown[0].body).toContain('It needs 6.4 GB of memory, which is not free now.');
});
