/** Leaving a conversation: what is asked first, and what happens then. */

import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Conversation } from '../../src/kernel/conversation';
import { beginAnew, openEarlier } from '../../src/shell/leaving';

const dialogs = vi.hoisted(() => ({
  shown: [] as { title: string; body: string }[],
  items: [] as string[],
  chosen: 0,
  accept: true
}));
vi.mock('@jupyterlab/apputils', () => ({
  Dialog: { cancelButton: () => ({}), okButton: () => ({}) },
  showDialog: (options: { title: string; body: string }) => {
    dialogs.shown.push(options);
    return Promise.resolve({ button: { accept: dialogs.accept } });
  }
}));
vi.mock('../../src/shell/choice', () => ({
  choose: ({ entries }: { entries: string[] }) => {
    dialogs.items = entries;
    return Promise.resolve(dialogs.accept ? dialogs.chosen : null);
  }
}));

const trans = nullTranslator.load('codeact_jupyter');

function talk(items: object[], earlier: object[] = []): { conversation: Conversation; done: string[] } {
  const done: string[] = [];
  const conversation = {
    items,
    earlier: () => Promise.resolve(earlier),
    reset: () => Promise.resolve(void done.push('reset')),
    reopen: (name: string) => Promise.resolve(void done.push(`open ${name}`))
  };
  return { conversation: conversation as unknown as Conversation, done };
}

beforeEach(() => {
  dialogs.shown.length = dialogs.items.length = dialogs.chosen = 0;
  dialogs.accept = true;
});

describe('a new conversation', () => {
  test('begins at once where nothing was said', async () => {
    const { conversation, done } = talk([]);
    await beginAnew(conversation, trans);
    expect([done, dialogs.shown.length]).toEqual([['reset'], 0]);
  });

  test.each([true, false])('takes the user’s word where something was: %j', async accept => {
    dialogs.accept = accept;
    const { conversation, done } = talk([{}]);
    await beginAnew(conversation, trans);
    expect(dialogs.shown[0].body).toContain('Your cells and variables stay');
    expect(done).toEqual(accept ? ['reset'] : []);
  });
});

describe('an earlier conversation', () => {
  const EARLIER = [
    { name: 'b', title: 'Why?', begun: 1e9, questions: 1 },
    { name: 'a', title: 'Why?', begun: 1e9, questions: 2 }
  ];

  test('is chosen by its question and its time, even if others have the same', async () => {
    dialogs.chosen = 1;
    const { conversation, done } = talk([], EARLIER);
    await openEarlier(conversation, trans);
    expect(dialogs.items[0]).toMatch(/^Why\?\n.*2001.* · 1 question$/);
    expect(dialogs.items[1]).toMatch(/^Why\?\n.* · 2 questions$/);
    expect(done).toEqual(['open a']);
  });

  test('is left closed without agreement, and where there is none that is said', async () => {
    dialogs.accept = false;
    const { conversation, done } = talk([], EARLIER);
    await openEarlier(conversation, trans);
    expect([done, dialogs.shown.length]).toEqual([[], 0]);
    await openEarlier(talk([]).conversation, trans);
    expect(dialogs.shown[0].body).toBe('There is no earlier conversation in this notebook.');
  });
});
