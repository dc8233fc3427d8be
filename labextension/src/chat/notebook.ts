/** The code cells of a notebook, for mentions and slash commands. */

import { ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';

import { IMentionable } from '../kernel/cell-numbers';
import { failureOf } from '../kernel/cell-text';

/** Return the code cells in the order of the notebook. */
export function codeCells(panel: NotebookPanel): ICodeCellModel[] {
  return [...(panel.model?.cells ?? [])].filter(isCodeCellModel);
}

export function mentionables(panel: NotebookPanel): IMentionable[] {
  return codeCells(panel).map(cell => ({ count: cell.executionCount, source: cell.sharedModel.getSource() }));
}

/** Return the failed cell with the highest execution count, or null if no cell has failed. */
export function lastFailed(panel: NotebookPanel): ICodeCellModel | null {
  return codeCells(panel)
    .filter(cell => failureOf(cell) !== null)
    .reduce<ICodeCellModel | null>((last, cell) => {
      return last && (last.executionCount ?? 0) > (cell.executionCount ?? 0) ? last : cell;
    }, null);
}
