/** Finds the cell of a proposal in a notebook, and puts it in. */

import { ICellModel } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { JSONObject } from '@lumino/coreutils';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { IPending, METADATA_KEY } from '../protocol';
import { factsOfPending } from './facts';

/** The part of the view, from above, in which a cell ends that was scrolled to. */
const ROOM_ABOVE = 2 / 3;

/** The notebook's cell with the id. */
export function findCell(panel: NotebookPanel, id: string): ICellModel | null {
  for (const cell of panel.content.model?.cells ?? []) {
    if (cell.id === id) {
      return cell;
    }
  }
  return null;
}

/** Puts the cell of the proposal in, in one step of the undo history. Returns whether the notebook could take it. */
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
    metadata: { [METADATA_KEY]: factsOfPending(pending) as unknown as JSONObject, trusted: false }
  });
  if (panel.content.isVisible) {
    MessageLoop.sendMessage(panel.content, Widget.Msg.UpdateRequest); // drawn at once, and not after other messages
  }
  return true;
}

/** How much of the cell is on the screen. */
export function onScreen(panel: NotebookPanel, id: string | null): 'all' | 'part' | 'none' {
  const [cell, view] = rectangles(panel, id) ?? [];
  if (!cell || !view || cell.bottom <= view.top || cell.top >= view.bottom) {
    return 'none';
  }
  return cell.top >= view.top && cell.bottom <= view.bottom ? 'all' : 'part';
}

/**
 * Scrolls so that the cell begins on the screen and leaves room for its output; returns whether it is drawn at all.
 * Lab's own way to a cell looks for it over several frames, since it may not be drawn yet.
 */
export function scrollTo(panel: NotebookPanel, id: string): boolean {
  const [cell, view] = rectangles(panel, id) ?? [];
  if (!cell || !view || cell.height === 0) {
    return false;
  }
  const { outerNode } = panel.content;
  outerNode.scrollTop += Math.min(cell.top - view.top, cell.bottom - (view.top + ROOM_ABOVE * view.height));
  return true;
}

/** Of the cell and of what shows the notebook; null where it is not drawn. */
function rectangles(panel: NotebookPanel, id: string | null): [DOMRect, DOMRect] | null {
  const node = panel.content.widgets.find(cell => cell.model.id === id)?.node;
  if (!node?.isConnected || !panel.isVisible) {
    return null;
  }
  return [node.getBoundingClientRect(), panel.content.node.getBoundingClientRect()];
}

/** Whether the user's cursor is in the text of a cell other than this one. */
export function isTypingElsewhere(panel: NotebookPanel, id: string | null): boolean {
  const { activeCell, mode } = panel.content;
  return mode === 'edit' && activeCell?.model.id !== id && panel.content.node.contains(document.activeElement);
}
