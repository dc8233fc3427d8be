/** The cell of a proposal in the notebook: find it, insert it, show it. */

import { ICellModel } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { JSONObject } from '@lumino/coreutils';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { IPending } from '../kernel/protocol';
import { METADATA_KEY, pendingMetadata } from './metadata';

/** Return the notebook's cell with the id, or null. */
export function findCell(panel: NotebookPanel, id: string): ICellModel | null {
  return [...(panel.content.model?.cells ?? [])].find(cell => cell.id === id) ?? null;
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

/** Light up the output of a cell, or end that. */
export function lightOutput(panel: NotebookPanel, id: string, isLit: boolean): void {
  panel.content.widgets.find(cell => cell.model.id === id)?.toggleClass('jp-CodeAct-lit', isLit);
}

/** Make the cell the active one and scroll to it. */
export async function showCell(panel: NotebookPanel, id: string): Promise<void> {
  const index = panel.content.widgets.findIndex(cell => cell.model.id === id);
  if (index >= 0) {
    panel.content.activeCellIndex = index;
    await panel.content.scrollToItem(index, 'smart');
  }
}
