/** A step that waits out of sight is told once, and the notification goes with it. */

import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, test, vi } from 'vitest';

import { Conversation } from '../../src/kernel/conversation';
import { IPending } from '../../src/kernel/protocol';
import { markTab, Notices } from '../../src/shell/waiting';

const shown = vi.hoisted(() => new Map<string, string>());
// These need a browser.
vi.mock('@jupyterlab/apputils', () => ({
  Notification: {
    info: (text: string) => {
      const id = `${shown.size}:${text}`;
      shown.set(id, text);
      return id;
    },
    dismiss: (id: string) => shown.delete(id)
  }
}));
vi.mock('../../src/review/review', () => ({}));
const tab = { visibilityState: 'visible', title: '' };
vi.stubGlobal('document', tab);

function notebook(isVisible: boolean, pending: Partial<IPending> | null = { proposal: 'p', step: 2 }): Conversation {
  return { panel: { isVisible, title: { label: 'sales.ipynb' } }, pending } as unknown as Conversation;
}

let notices: Notices;

beforeEach(() => {
  notices = new Notices(nullTranslator.load('codeact_jupyter'));
  shown.clear();
  tab.visibilityState = 'visible';
});

test.each([
  [true, 'visible', 0],
  [false, 'visible', 1],
  [true, 'hidden', 1]
])('notebook in front: %j, tab: %s', (isVisible, state, count) => {
  tab.visibilityState = state;
  const conversation = notebook(isVisible);
  notices.update(conversation);
  notices.update(conversation);
  expect([...shown.values()]).toEqual(Array(count).fill('sales.ipynb: step 2 waits for you.'));
});

test('it goes when the step has run, or when its notebook comes to the front', () => {
  const conversation = notebook(false);
  notices.update(conversation);
  Object.assign(conversation, { pending: null });
  notices.update(conversation);
  expect(shown.size).toBe(0);
  Object.assign(conversation, { pending: { proposal: 'q', step: 3 } });
  notices.update(conversation);
  expect([...shown.values()]).toEqual(['sales.ipynb: step 3 waits for you.']);
  notices.dismiss(conversation);
  expect(shown.size).toBe(0);
});

test('it goes when the browser’s tab comes into view, if its notebook is in front there', () => {
  tab.visibilityState = 'hidden';
  const [front, behind] = [notebook(true), notebook(false)];
  notices.update(front);
  notices.update(behind);
  notices.seen(front);
  expect(shown.size).toBe(2);
  tab.visibilityState = 'visible';
  notices.seen(front);
  notices.seen(behind);
  expect(shown.size).toBe(1);
  notices.update(front);
  expect(shown.size).toBe(1);
});

test('the title of a hidden tab is marked as long as a step waits there', () => {
  const title = 'sales.ipynb - JupyterLab';
  tab.title = title;
  const after = (state: string, isWaiting: boolean): string => {
    tab.visibilityState = state;
    markTab(isWaiting);
    return tab.title;
  };
  expect(after('visible', true)).toBe(title);
  expect(after('hidden', true)).toBe(`● ${title}`);
  expect(after('hidden', true)).toBe(`● ${title}`);
  expect(after('hidden', false)).toBe(title);
  expect(after('hidden', true)).toBe(`● ${title}`);
  expect(after('visible', true)).toBe(title);
});

test('each notebook has its own, and a step that runs by itself none', () => {
  notices.update(notebook(false));
  notices.update(notebook(false));
  notices.update(notebook(false, { proposal: 'p', step: 1, run: true }));
  expect(shown.size).toBe(2);
});
