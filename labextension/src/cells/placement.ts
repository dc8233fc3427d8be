/** Puts the cell of each proposal into the notebook that the conversation belongs to, once. */

import { Change, Conversation } from '../conversation';
import { IPending } from '../protocol';
import { factsOfPending, readFacts, writeFacts } from './facts';
import { Listener } from './listener';
import { findCell, insertCell, isTypingElsewhere, onScreen, scrollTo } from './place';
import { Reviewing } from './reviewing';

/**
 * A cell that the user deletes ends its question. One that is gone for another reason (undo, the notebook reverted to
 * its file) still waits, and is put back when the user wants to see it.
 */
export class Placement extends Listener {
  constructor(private _reviewing: Reviewing) {
    super();
    const { conversation } = _reviewing;
    conversation.changed.connect(this._onChanged, this);
    void conversation.panel.context.ready.then(() => {
      if (!this.isDisposed) {
        conversation.panel.content.model?.cells.changed.connect(this._onCells, this);
        this._place();
      }
    });
  }

  private _onChanged(_: Conversation, change: Change): void {
    if (change === 'pending' || change === 'open') {
      this._place();
    }
  }

  private _place(): void {
    const { conversation } = this._reviewing;
    const { panel, pending, page } = conversation;
    if (!pending || !panel.context.isReady || panel.isDisposed) {
      return;
    }
    const { proposal } = pending;
    const isOurs = pending.page === page;
    const isSeen = onScreen(panel, pending.after) !== 'none' && !isTypingElsewhere(panel, pending.after);
    if (isOurs && this._placed !== proposal && !findCell(panel, pending.cell)) {
      insertCell(panel, pending);
    }
    const cell = findCell(panel, pending.cell);
    if (cell) {
      this._placed = proposal;
      conversation.tell({ type: 'placed', proposal });
      if (readFacts(cell)?.state !== 'waits') {
        writeFacts(cell, factsOfPending(pending)); // offered again after it had been given up
      }
      if (isOurs && this._shown !== proposal) {
        this._shown = proposal;
        this._show(pending, isSeen);
      }
    } else if (!isOurs && this._missed !== proposal) {
      this._missed = proposal;
      conversation.tell({ type: 'missing', proposal });
    }
  }

  private _show(pending: IPending, isSeen: boolean): void {
    if (isSeen) {
      requestAnimationFrame(() => this._follow(pending)); // where it is measured at no cost
    }
    if (pending.run) {
      void this._reviewing.run(pending);
    }
  }

  /** Scrolls to a cell that has come where the user looks, unless they see all of it. */
  private _follow({ cell }: IPending): void {
    const { panel } = this._reviewing.conversation;
    if (!this.isDisposed && onScreen(panel, cell) !== 'all' && !scrollTo(panel, cell)) {
      void this._reviewing.scroll();
    }
  }

  /** Lab notes the ids of the cells that its user deletes or cuts, just before they go. A cut cell may be put back. */
  private _onCells(_: unknown, { type }: { type: string }): void {
    const { conversation } = this._reviewing;
    const { panel, pending } = conversation;
    if (type !== 'remove' || !pending || !panel.content.model?.deletedCells.includes(pending.cell)) {
      return;
    }
    void Promise.resolve().then(() => {
      const isPending = conversation.pending?.proposal === pending.proposal;
      if (isPending && !findCell(panel, pending.cell) && panel.content.lastClipboardInteraction !== 'cut') {
        void this._reviewing.reject('');
      }
    });
  }

  /** The proposal whose cell this page has put in or found. */
  private _placed = '';
  /** The proposal that this page was told to show and has. */
  private _shown = '';
  /** The proposal whose cell this page has told to be missing. */
  private _missed = '';
}
