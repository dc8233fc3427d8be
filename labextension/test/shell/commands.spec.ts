/** The order of `Go to the Next Waiting Cell`. */

import { expect, test, vi } from 'vitest';

import { Conversations } from '../../src/kernel/conversations';
import { nextWaiting } from '../../src/shell/commands';

// These need a browser.
vi.mock('@jupyterlab/apputils', () => ({ ICommandPalette: null }));
vi.mock('../../src/review/review', () => ({}));

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
