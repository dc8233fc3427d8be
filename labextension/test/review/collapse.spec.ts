/** Which cells fold when failed attempts are collapsed. */

import { NotebookPanel } from '@jupyterlab/notebook';
import { expect, test, vi } from 'vitest';

import { StepState } from '../../src/kernel/protocol';
import { collapseFailed } from '../../src/review/collapse';

const { CodeCell } = vi.hoisted(() => ({
  CodeCell: class {
    inputHidden = false;
    outputHidden = false;
    readonly model: object;
    constructor(metadata?: object) {
      this.model = { getMetadata: () => metadata };
    }
  }
}));
// This needs a browser.
vi.mock('@jupyterlab/cells', () => ({ CodeCell }));

const STATES: StepState[] = ['waits', 'running', 'done', 'failed', 'rejected', 'stopped', 'left', 'undone'];

test('only those of steps that failed, were rejected or stopped', () => {
  const steps = STATES.map(state => new CodeCell({ proposal: 'p', cell: 'c', step: 1, model: 'm', state }));
  const own = [new CodeCell(), new CodeCell({ state: 'failed' })]; // the latter's metadata are those of no step
  const panel = { content: { widgets: [...steps, ...own] } } as unknown as NotebookPanel;
  expect(collapseFailed(panel)).toBe(3);
  const folded = [...steps, ...own].flatMap((cell, index) => (cell.inputHidden && cell.outputHidden ? [index] : []));
  expect(folded.map(index => STATES[index])).toEqual(['failed', 'rejected', 'stopped']);
});
