/** Folds the cells of steps that failed, were rejected or stopped, so that what led to the answer is in view. */

import { CodeCell } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';

import { StepState } from '../kernel/protocol';
import { readMetadata } from './metadata';

const FAILED: StepState[] = ['failed', 'rejected', 'stopped'];

/** Hide code and output of these cells, whose bars stay; return how many they are. */
export function collapseFailed({ content }: NotebookPanel): number {
  const cells = content.widgets.filter((cell): cell is CodeCell => {
    const state = readMetadata(cell.model)?.state;
    return cell instanceof CodeCell && state !== undefined && FAILED.includes(state);
  });
  for (const cell of cells) {
    cell.inputHidden = cell.outputHidden = true;
  }
  return cells.length;
}
