/** Inserts the cell of each proposal into the notebook of its conversation, once. */

import { NotebookPanel } from '@jupyterlab/notebook';

import { Change, Conversation } from '../kernel/conversation';
import { IPending } from '../kernel/protocol';
import { findCell, insertCell } from '../review/cells';
import { pendingMetadata, readMetadata, writeMetadata } from '../review/metadata';
import { Review } from '../review/review';
import { Listener } from './listener';

/** Time in which outputs are rendered, in milliseconds. */
const SETTLED = 300;
/** Lowest place of a cell's end after scrolling, as a part of the view's height. The rest is for its output. */
const SCROLL_TARGET = 2 / 3;

/**
 * If the user deletes the cell, the episode ends. A cell that is lost in another way, by undo or by reverting the
 * notebook to its file, is still proposed, and is inserted again when the user reveals it.
 */
export class Insertion extends Listener {
  constructor(private _review: Review) {
    super();
    const { conversation } = _review;
    conversation.changed.connect(this._onChanged, this);
    void conversation.panel.context.ready.then(() => {
      if (!this.isDisposed) {
        conversation.panel.content.model?.cells.changed.connect(this._onCells, this);
        this._insert();
      }
    });
  }

  private _onChanged(_: Conversation, change: Change): void {
    if (change === 'pending' || change === 'open') {
      this._insert();
    }
  }

  /** Insert the waiting step's cell if this page is to do so, and report whether the notebook has the cell. */
  private _insert(): void {
    const { conversation } = this._review;
    const { panel, pending, page } = conversation;
    if (!pending || !panel.context.isReady || panel.isDisposed) {
      return;
    }
    const { proposal } = pending;
    const isOurs = pending.page === page;
    const follows = visiblePart(panel, pending.after) !== 'none' && !isTypingElsewhere(panel, pending.after);
    if (isOurs && this._found !== proposal && !findCell(panel, pending.cell)) {
      insertCell(panel, pending);
    }
    const cell = findCell(panel, pending.cell);
    if (cell) {
      this._found = proposal;
      conversation.report({ type: 'placed', proposal });
      if (readMetadata(cell)?.state !== 'waits') {
        writeMetadata(cell, pendingMetadata(pending)); // the step had ended, and is proposed again
      }
      if (isOurs && this._shown !== proposal) {
        this._shown = proposal;
        this._show(pending, follows);
      }
    } else if (!isOurs && this._missed !== proposal) {
      this._missed = proposal;
      conversation.report({ type: 'missing', proposal });
    }
  }

  private _show(pending: IPending, follows: boolean): void {
    if (follows) {
      requestAnimationFrame(() => this._follow(pending)); // after layout, so that measuring forces none
    }
    if (pending.run) {
      void this._review.run(pending);
    }
  }

  /** Scroll to the new cell unless all of it is in view; once more when the outputs above it have their height. */
  private _follow(pending: IPending, isAgain = false): void {
    const { panel } = this._review.conversation;
    if (this.isDisposed) {
      return;
    }
    if (visiblePart(panel, pending.cell) !== 'all' && !scrollTo(panel, pending.cell)) {
      void this._review.scroll();
      return;
    }
    const { outerNode } = panel.content;
    const { scrollTop } = outerNode;
    if (!isAgain) {
      setTimeout(() => {
        if (outerNode.scrollTop === scrollTop) {
          this._follow(pending, true); // the user has not scrolled meanwhile
        }
      }, SETTLED);
    }
  }

  /** JupyterLab lists the ids of cells that the user deletes or cuts just before it removes them. */
  private _onCells(_: unknown, { type }: { type: string }): void {
    const { conversation } = this._review;
    const { panel, pending } = conversation;
    if (type !== 'remove' || !pending || !panel.content.model?.deletedCells.includes(pending.cell)) {
      return;
    }
    void Promise.resolve().then(() => {
      const isPending = conversation.pending?.proposal === pending.proposal;
      if (isPending && !findCell(panel, pending.cell) && panel.content.lastClipboardInteraction !== 'cut') {
        void this._review.reject('');
      }
    });
  }

  /** Id of the proposal whose cell this page has inserted or found. */
  private _found = '';
  /** Id of the proposal that this page has shown. */
  private _shown = '';
  /** Id of the proposal whose cell this page has reported missing. */
  private _missed = '';
}

/** Return how much of the cell is in view. */
function visiblePart(panel: NotebookPanel, id: string | null): 'all' | 'part' | 'none' {
  const [cell, view] = rectangles(panel, id) ?? [];
  if (!cell || !view || cell.bottom <= view.top || cell.top >= view.bottom) {
    return 'none';
  }
  return cell.top >= view.top && cell.bottom <= view.bottom ? 'all' : 'part';
}

/**
 * Scroll to the cell at once, with room for its output below. Return false if it is not rendered: then `scrollToItem`,
 * which takes several frames, has to find it.
 */
function scrollTo(panel: NotebookPanel, id: string): boolean {
  const [cell, view] = rectangles(panel, id) ?? [];
  if (!cell || !view || cell.height === 0) {
    return false;
  }
  const { outerNode } = panel.content;
  outerNode.scrollTop += Math.min(cell.top - view.top, cell.bottom - (view.top + SCROLL_TARGET * view.height));
  return true;
}

/** Return the rectangles of the cell and of the notebook's view; null if the cell is not rendered. */
function rectangles(panel: NotebookPanel, id: string | null): [DOMRect, DOMRect] | null {
  const node = panel.content.widgets.find(cell => cell.model.id === id)?.node;
  if (!node?.isConnected || !panel.isVisible) {
    return null;
  }
  return [node.getBoundingClientRect(), panel.content.node.getBoundingClientRect()];
}

/** True if the cursor is in the editor of a cell other than this one. */
function isTypingElsewhere(panel: NotebookPanel, id: string | null): boolean {
  const { activeCell, mode } = panel.content;
  return mode === 'edit' && activeCell?.model.id !== id && panel.content.node.contains(document.activeElement);
}
