/** The order of `Go to the Next Waiting Cell`. */

import { expect, test, vi } from 'vitest';

import { Conversation } from '../../src/kernel/conversation';
import { Conversations } from '../../src/kernel/conversations';
import { mentionOf, nextWaiting } from '../../src/shell/commands';

// These need a browser.
vi.mock('@jupyterlab/apputils', () => ({ ICommandPalette: null, Dialog: null, showDialog: null }));
vi.mock('@jupyterlab/cells', () => ({ isCodeCellModel: (model: { type: string }) => model.type === 'code' }));
vi.mock('../../src/review/review', () => ({}));
vi.mock('../../src/shell/choice', () => ({}));

/** A notebook for each letter: `w` waits, `W` waits and its cell is the active one, `-` does not wait. */
function next(notebooks: string, current: number | null): number | null {
  const all = Array.from(notebooks, (letter, index) => ({
    index,
    status: { phase: letter === '-' ? 'thinking' : 'waits' },
    pending: letter === '-' ? null : { cell: 'proposed' },
    panel: { content: { activeCell: { model: { id: letter === 'W' ? 'proposed' : 'other' } } } }
  }));
  const conversations = { all, current: current === null ? null : all[current] } as unknown as Conversations;
  return (nextWaiting(conversations) as unknown as { index: number } | null)?.index ?? null;
}

test.each<[string, number | null, number | null]>([
  ['', null, null],
  ['--', 0, null],
  ['ww', null, 0],
  ['-w', 0, 1],
  ['w-', 1, 0],
  ['ww', 1, 1],
  ['wW', 1, 0],
  ['-W-', 1, 1]
])('of the notebooks "%s", in number %j: %j', (notebooks, current, expected) => {
  expect(next(notebooks, current)).toBe(expected);
});

test('cells with the same execution count have mentions of their own', () => {
  const widgets = [1, 2, 1].map((executionCount, index) => ({
    model: { id: `${index}`, type: 'code', executionCount }
  }));
  const panel = { content: { widgets, activeCell: widgets[0] } };
  const mentions = ['0', '1', '2'].map(id => mentionOf({ panel } as unknown as Conversation, id));
  expect(mentions).toEqual(['@cell3 ', '@cell2 ', '@cell1 ']);
});

test.each<[string | undefined, string | null]>([
  [undefined, '@cell3 '], // the active cell
  ['ran', '@cell3 '],
  ['earlier', '@cell1 '],
  ['new', null], // it has not run
  ['text', null],
  ['gone', null]
])('the mention of the cell %j: %j', (cell, expected) => {
  const widgets = [
    { model: { id: 'earlier', type: 'code', executionCount: 1 } },
    { model: { id: 'ran', type: 'code', executionCount: 3 } },
    { model: { id: 'new', type: 'code', executionCount: null } },
    { model: { id: 'text', type: 'markdown' } }
  ];
  const panel = { content: { widgets, activeCell: widgets[1] } };
  expect(mentionOf({ panel } as unknown as Conversation, cell)).toBe(expected);
  expect(mentionOf(null, cell)).toBe(null);
});
