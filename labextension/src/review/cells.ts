/** The cell of a proposal in the notebook: find it, insert it, show it. */

import { CodeCell, ICellModel } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { JSONObject } from '@lumino/coreutils';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { INumber, IPending } from '../kernel/protocol';
import { METADATA_KEY, pendingMetadata } from './metadata';
import { lightNumber } from './spot';

/** Return the notebook's cell with the id, or null. */
export function findCell(panel: NotebookPanel, id: string): ICellModel | null {
  for (const cell of panel.content.model?.cells ?? []) {
    if (cell.id === id) {
      return cell;
    }
  }
  return null;
}

/** Insert the cell of the proposal, as one step of the undo history. Return false if the notebook is read-only. */
export function insertCell(panel: NotebookPanel, pending: IPending): boolean {
  const model = panel.content.model;
  if (!model || model.readOnly) {
    return false;
  }
  const above = model.sharedModel.cells.findIndex(cell => cell.getId() === pending.after);
  model.sharedModel.insertCell(above < 0 ? model.sharedModel.cells.length : above + 1, {
    id: pending.cell,
    cell_type: 'code',
    source: pending.code,
    metadata: { [METADATA_KEY]: pendingMetadata(pending) as unknown as JSONObject, trusted: false }
  });
  if (panel.content.isVisible) {
    MessageLoop.sendMessage(panel.content, Widget.Msg.UpdateRequest); // draw it now, not after other messages
  }
  return true;
}

/** Light up the output that a number of an answer comes from, and the number there, or end that. */
export function lightOutput(panel: NotebookPanel, number: INumber, isLit: boolean): void {
  const cell = panel.content.widgets.find(({ model }) => model.id === number.cell);
  cell?.toggleClass('jp-CodeAct-lit', isLit);
  lightNumber(isLit && cell instanceof CodeCell ? cell.outputArea.node : null, number);
}

/** Make the cell the active one and scroll to it. */
export async function showCell(panel: NotebookPanel, id: string): Promise<void> {
  const index = panel.content.widgets.findIndex(cell => cell.model.id === id);
  if (index >= 0) {
    panel.content.activeCellIndex = index;
    await panel.content.scrollToItem(index, 'smart');
  }
}
