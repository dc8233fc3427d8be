/** The review of the waiting step of one conversation: approve, reject or reveal it, from its bar, card or by key. */

import { Cell, CodeCell } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { Change, Conversation } from '../kernel/conversation';
import { IPending } from '../kernel/protocol';
import { runApproved } from './approval';
import { insertCell, showCell } from './cells';
import { IView, Reading, shownPart } from './reading';

/** State of this page about the waiting step. Other pages and the kernel do not know it. */
export interface IReviewState {
  /** Id of the proposal whose cell was sent to the kernel and has not run yet, or an empty string. */
  sent: string;
  /** Id of the proposal whose form for a rejection is open, or an empty string. */
  rejecting: string;
  /** Reason why the step was not run, or an empty string. */
  notice: string;
}

const reviews = new WeakMap<Conversation, Review>();

/**
 * Approve the step with the present source of its cell, and run it. Resolve when the cell has run. Do nothing if the
 * event is not trusted or no step waits. If the notebook has lost the cell, insert it again for the user to read.
 * `reading` watches where the user approves, by default the cell: if it is not done, the user is asked to read.
 */
export async function approve(conversation: Conversation, event: Event, reading?: Reading): Promise<void> {
  const { pending } = conversation;
  const review = Review.of(conversation);
  if (!event.isTrusted || !pending || !review) {
    return;
  }
  const isRead = (reading ?? review.reading).isDone;
  await (review.cell && isRead ? review.run(pending) : review.askToRead(reading === undefined));
}

/** Show the waiting step's notebook and cell; with `edit`, move the cursor into the cell's editor. */
export async function reveal(conversation: Conversation, { edit = false }: { edit?: boolean } = {}): Promise<void> {
  await Review.of(conversation)?.reveal(edit);
}

/** Bring the notebook to the front if it is behind another tab, and scroll to a cell. */
export async function show(conversation: Conversation, cell: string): Promise<void> {
  await Review.of(conversation)?.show(cell);
}

/** Show the waiting step and open its form for a rejection. */
export async function openReject(conversation: Conversation): Promise<void> {
  await reveal(conversation);
  Review.of(conversation)?.showForm(true);
}

export class Review implements IDisposable {
  /** Return the review of the conversation, while its notebook is open. */
  static of(conversation: Conversation): Review | undefined {
    return reviews.get(conversation);
  }

  /** `_activate` brings the notebook's tab to the front. */
  constructor(
    readonly conversation: Conversation,
    private _activate: () => void,
    private _trans: TranslationBundle
  ) {
    reviews.set(conversation, this);
    this.reading = new Reading(() => this._look());
    conversation.changed.connect(this._onChanged, this);
    NotebookActions.executed.connect(this._onExecuted, this);
  }

  /** Of the waiting step's cell, from its bar to the end of its code. */
  readonly reading: Reading;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): IReviewState {
    return this._state;
  }

  /** Widget of the waiting step's cell; null if no step waits or the notebook has lost the cell. */
  get cell(): Cell | null {
    const { panel, pending } = this.conversation;
    return panel.content.widgets.find(cell => cell.model.id === pending?.cell) ?? null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.reading.stop();
    reviews.delete(this.conversation);
    Signal.clearData(this);
  }

  /** Run the waiting step's cell with an approval. The caller ensures that the user approves, or the mode is `auto`. */
  async run(pending: IPending): Promise<void> {
    const { panel } = this.conversation;
    const cell = this.cell;
    const obstacle = pending.nonce ? this._obstacle(cell) : this._waitsElsewhere(pending);
    if (obstacle || !(cell instanceof CodeCell) || this._state.sent === pending.proposal) {
      this._set({ notice: obstacle });
      return;
    }
    this._set({ sent: pending.proposal, rejecting: '', notice: '' });
    let notice = '';
    try {
      const reply = await runApproved(panel, cell, pending.nonce);
      if (reply?.content.status === 'error' && this.conversation.pending?.proposal === pending.proposal) {
        notice = reply.content.evalue;
      }
    } catch (error) {
      notice = String(error instanceof Error ? error.message : error);
    }
    this._set({ sent: '', notice });
  }

  /** Tell the user that the step was not run, since it was not in view. Show its cell if that was to be read. */
  async askToRead(isInCell: boolean): Promise<void> {
    if (isInCell || !this.cell) {
      await this.reveal();
    }
    this._set({
      notice: this._trans.__('Not run yet: all of it must be in view for a moment. Read it, then press again.')
    });
  }

  /** Open or close the form for a rejection of the waiting step. */
  showForm(isOpen: boolean): void {
    this._set({ rejecting: (isOpen && this.conversation.pending?.proposal) || '' });
  }

  async reject(reason: string): Promise<void> {
    const proposal = this.conversation.pending?.proposal;
    this.showForm(false);
    await this._attempt(async () => proposal && this.conversation.reject(proposal, reason));
  }

  async stop(): Promise<void> {
    await this._attempt(() => this.conversation.stop());
  }

  /** Scroll to the waiting step's cell and make it the active one. Insert it again if the notebook has lost it. */
  async reveal(edit = false): Promise<void> {
    const { panel, pending } = this.conversation;
    if (!pending) {
      return;
    }
    this._activate();
    await panel.context.ready;
    const cell = this.cell ?? (insertCell(panel, pending) ? this.cell : null);
    if (!cell) {
      return;
    }
    cell.inputHidden = false;
    const notebook = panel.content;
    notebook.deselectAll();
    notebook.activeCellIndex = notebook.widgets.indexOf(cell);
    await this.scroll();
    if (cell.isDisposed) {
      return;
    }
    notebook.mode = edit ? 'edit' : 'command';
    if (edit) {
      await cell.ready;
      cell.editor?.focus();
    } else {
      cell.node.focus();
    }
  }

  /** Scroll to a cell, and make it the active one. */
  async show(cell: string): Promise<void> {
    const { panel } = this.conversation;
    if (!panel.isVisible) {
      this._activate();
    }
    await showCell(panel, cell);
  }

  /** Scroll to the waiting step's cell, and leave focus and selection as they are. */
  async scroll(): Promise<void> {
    const { content } = this.conversation.panel;
    const index = content.widgets.findIndex(cell => cell === this.cell);
    if (index >= 0) {
      await content.scrollToItem(index, 'smart').catch(() => undefined); // rejects if another scroll replaces it
    }
  }

  /** Return the reason why the cell cannot be run now, or an empty string. */
  private _obstacle(cell: Cell | null): string {
    const { sessionContext } = this.conversation.panel;
    const kernel = sessionContext.session?.kernel;
    if (cell && !cell.model.sharedModel.getSource().trim()) {
      return this._trans.__('The cell is empty: there is nothing to run.');
    }
    if (!kernel || kernel.status === 'dead' || sessionContext.isTerminating) {
      return this._trans.__('Not run: the kernel has ended. Start it again.');
    }
    if (sessionContext.pendingInput) {
      return this._trans.__('Not run: another cell waits for your input. Answer it first.');
    }
    return '';
  }

  /** Have the kernel find out whether the page that asked is gone: then this one gets the approval's nonce. */
  private _waitsElsewhere({ proposal }: IPending): string {
    this.conversation.report({ type: 'missing', proposal });
    return this._trans.__('Not run: the step waits in the tab that asked. If that is closed, try again in a moment.');
  }

  private async _attempt(act: () => unknown): Promise<void> {
    try {
      await act();
    } catch (error) {
      this._set({ notice: String(error instanceof Error ? error.message : error) });
    }
  }

  private _onChanged(_: Conversation, change: Change): void {
    if (change === 'pending' || change === 'open') {
      const proposal = this.conversation.pending?.proposal ?? '';
      if (proposal !== this._proposal) {
        this._proposal = proposal;
        this._set({ rejecting: '', notice: '' });
        this.reading.stop();
        if (proposal) {
          this.reading.start();
        }
      }
    }
  }

  /** The kernel refuses a staged cell that was sent without approval, by Run All or the menu. */
  private _onExecuted(_: unknown, { cell, success }: { cell: Cell; success: boolean }): void {
    if (!success && this.conversation.pending && cell === this.cell) {
      this._set({ notice: this._trans.__('Not run: it waits for you. Read it, then press Run here.') });
      void this.scroll();
    }
  }

  /** Return what the user sees of the waiting step's cell; null if it is not on the page. */
  private _look(): IView | null {
    const { cell } = this;
    const bar = cell?.node.querySelector<HTMLElement>('.jp-CodeAct-bar');
    const input = cell?.node.querySelector('.jp-Cell-inputWrapper');
    if (!cell || !bar || !input || !this.conversation.panel.isVisible || cell.inputHidden) {
      return null;
    }
    const whole = { top: bar.getBoundingClientRect().top, bottom: input.getBoundingClientRect().bottom };
    const code = cell.model.sharedModel.getSource();
    return { whole, shown: shownPart(input, whole), code, isTyped: cell.editor?.hasFocus() ?? false, mark: bar };
  }

  private _set(change: Partial<IReviewState>): void {
    this._state = { ...this._state, ...change };
    this._changed.emit();
  }

  private _state: IReviewState = { sent: '', rejecting: '', notice: '' };
  /** Id of the proposal that waited at the last change. */
  private _proposal = '';
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
