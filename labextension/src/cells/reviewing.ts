/** What this page is doing about the waiting step of one conversation: a run under way, an open form, a refusal. */

import { Cell, CodeCell } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { Conversation } from '../conversation';
import { IPending } from '../protocol';
import { insertCell } from './place';
import { runApproved } from './run';
import { IDoing } from './state';

const reviews = new WeakMap<Conversation, Reviewing>();

export class Reviewing implements IDisposable {
  /** The one of the conversation, while its notebook is open. */
  static of(conversation: Conversation): Reviewing | undefined {
    return reviews.get(conversation);
  }

  /** `show` brings the notebook's tab to the front. */
  constructor(
    readonly conversation: Conversation,
    private _show: () => void,
    private _trans: TranslationBundle
  ) {
    reviews.set(conversation, this);
    conversation.changed.connect(this._onChanged, this);
    NotebookActions.executed.connect(this._onExecuted, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get doing(): IDoing {
    return this._doing;
  }

  /** The widget of the waiting step's cell; null where nothing waits or the notebook has lost the cell. */
  get cell(): Cell | null {
    const { panel, pending } = this.conversation;
    return panel.content.widgets.find(cell => cell.model.id === pending?.cell) ?? null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    reviews.delete(this.conversation);
    Signal.clearData(this);
  }

  /** Runs the waiting step as its cell stands, with its approval. The caller has made sure that the user wants it. */
  async run(pending: IPending): Promise<void> {
    const { panel } = this.conversation;
    const cell = this.cell;
    const refusal = this._refusal(cell);
    if (refusal || !(cell instanceof CodeCell) || this._doing.sent === pending.proposal) {
      this._set({ notice: refusal });
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

  /** Opens or closes the reason form of the waiting step. */
  askReason(isOpen: boolean): void {
    this._set({ rejecting: (isOpen && this.conversation.pending?.proposal) || '' });
  }

  async reject(reason: string): Promise<void> {
    const proposal = this.conversation.pending?.proposal;
    this.askReason(false);
    await this._try(async () => proposal && this.conversation.reject(proposal, reason));
  }

  async stop(): Promise<void> {
    await this._try(() => this.conversation.stop());
  }

  /** Brings the waiting step's cell into view and makes it the active one; puts it back when it is gone. */
  async reveal(edit = false): Promise<void> {
    const { panel, pending } = this.conversation;
    if (!pending) {
      return;
    }
    this._show();
    await panel.context.ready;
    const cell = this.cell ?? (insertCell(panel, pending) ? this.cell : null);
    if (!cell) {
      return;
    }
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

  /** Brings the waiting step's cell into view, and touches neither focus nor selection. */
  async scroll(): Promise<void> {
    const { content } = this.conversation.panel;
    const index = content.widgets.findIndex(cell => cell === this.cell);
    if (index >= 0) {
      await content.scrollToItem(index, 'smart').catch(() => undefined); // another scroll took its place
    }
  }

  /** Why the cell cannot be run now, or an empty string. */
  private _refusal(cell: Cell | null): string {
    const { sessionContext } = this.conversation.panel;
    const kernel = sessionContext.session?.kernel;
    if (cell && !cell.model.sharedModel.getSource().trim()) {
      return this._trans.__('The cell is empty: there is nothing to run.');
    }
    if (!kernel || kernel.status === 'dead' || sessionContext.isTerminating) {
      return this._trans.__('Not run: the kernel is gone. Start it again.');
    }
    if (sessionContext.pendingInput) {
      return this._trans.__('Not run: another cell waits for your input. Answer it first.');
    }
    return '';
  }

  private async _try(act: () => unknown): Promise<void> {
    try {
      await act();
    } catch (error) {
      this._set({ notice: String(error instanceof Error ? error.message : error) });
    }
  }

  private _onChanged(_: Conversation, change: string): void {
    if (change === 'pending' || change === 'open') {
      const proposal = this.conversation.pending?.proposal ?? '';
      if (proposal !== this._proposal) {
        this._proposal = proposal;
        this._set({ rejecting: '', notice: '' });
      }
    }
  }

  /** A staged cell that was sent in another way (Run All, the menu) comes back refused by the kernel. */
  private _onExecuted(_: unknown, { cell, success }: { cell: Cell; success: boolean }): void {
    if (!success && this.conversation.pending && cell === this.cell) {
      this._set({ notice: this._trans.__('Not run: it waits for you. Read it, then press Run here.') });
      void this.scroll();
    }
  }

  private _set(doing: Partial<IDoing>): void {
    this._doing = { ...this._doing, ...doing };
    this._changed.emit();
  }

  private _doing: IDoing = { sent: '', rejecting: '', notice: '' };
  /** That waited when the conversation last changed. */
  private _proposal = '';
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
