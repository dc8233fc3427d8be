/** The cells of a notebook as text, for questions about them. */

import { ICellModel, ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { IOutputModel } from '@jupyterlab/rendermime';

import { failureOf } from '../cells/failure';
import { ICellText } from '../protocol';
import { IMentionable } from './mentions';

// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;
/** Under which an output has its text; an error has its traceback under the last. */
const TEXTS = ['text/plain', 'application/vnd.jupyter.stdout', 'application/vnd.jupyter.stderr'];

export function codeCells(panel: NotebookPanel): ICodeCellModel[] {
  return cellsOf(panel).filter(isCodeCellModel);
}

export function mentionables(panel: NotebookPanel): IMentionable[] {
  return codeCells(panel).map(cell => ({ count: cell.executionCount, source: cell.sharedModel.getSource() }));
}

/** The cell that failed last, by its execution count. */
export function lastFailed(panel: NotebookPanel): ICodeCellModel | null {
  return codeCells(panel)
    .filter(cell => failureOf(cell) !== null)
    .reduce<ICodeCellModel | null>((last, cell) => {
      return last && (last.executionCount ?? 0) > (cell.executionCount ?? 0) ? last : cell;
    }, null);
}

export function toText(cell: ICellModel): ICellText {
  const outputs = isCodeCellModel(cell) ? outputsOf(cell) : [];
  const output = outputs.map(outputText).filter(Boolean).join('\n').replace(COLOURS, '');
  return { source: cell.sharedModel.getSource(), output };
}

export function findCell(panel: NotebookPanel, id: string): ICellModel | null {
  return cellsOf(panel).find(cell => cell.id === id) ?? null;
}

/** Selects the cell and brings it into view. */
export async function showCell(panel: NotebookPanel, id: string): Promise<void> {
  const index = cellsOf(panel).findIndex(cell => cell.id === id);
  if (index >= 0) {
    panel.content.activeCellIndex = index;
    await panel.content.scrollToItem(index, 'smart');
  }
}

function cellsOf(panel: NotebookPanel): ICellModel[] {
  return [...(panel.model?.cells ?? [])];
}

function outputsOf(cell: ICodeCellModel): IOutputModel[] {
  return Array.from({ length: cell.outputs.length }, (_, index) => cell.outputs.get(index));
}

function outputText(output: IOutputModel): string {
  const text = TEXTS.map(type => output.data[type]).find(text => typeof text === 'string');
  return text?.trimEnd() ?? '';
}
