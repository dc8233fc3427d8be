/** Questions that the user has sent and the kernel has not begun: shown at once, and sent one after the other. */

import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { Change, Conversation } from '../kernel/conversation';
import { IAsk } from '../kernel/protocol';

/**
 * `sent`: the kernel has not begun it, since it is busy; `queued`: it follows the answer to the question before;
 * `held`: that question ended without an answer, or the page was reloaded, and the user decides.
 */
export type OutgoingState = 'sent' | 'queued' | 'held';

/** What is sent if it is not the text as typed with its mentions resolved. */
export interface IRequest {
  readonly kind: IAsk['kind'];
  readonly text: string;
  /** Id of the cell to fix or to explain. */
  readonly cell?: string;
}

export interface IOutgoing {
  readonly id: number;
  /** As typed. */
  readonly text: string;
  readonly state: OutgoingState;
  readonly request?: IRequest;
}

export class Outbox implements IDisposable {
  /**
   * `_key` names what waits in the tab's session storage, which outlives a reload. `_ask` sends a question; `_failed`
   * is called with one that could not be sent, and the reason.
   */
  constructor(
    private _conversation: Conversation,
    private _key: string,
    private _ask: (question: IOutgoing) => Promise<void>,
    private _failed: (text: string, problem: unknown) => void
  ) {
    for (const { text, request } of JSON.parse(window.sessionStorage.getItem(_key) ?? '[]') as IOutgoing[]) {
      this._questions.push({ id: this._added++, text, state: 'held', request });
    }
    _conversation.changed.connect(this._onChanged, this);
  }

  /** Oldest first. */
  get questions(): ReadonlyArray<IOutgoing> {
    return this._questions;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._questions = [];
    Signal.clearData(this);
  }

  /** Send a question, or queue it while the model is at work. While a step waits it is sent: it refines the step. */
  add(text: string, request?: IRequest): void {
    const { phase } = this._conversation.status;
    const isBusy = phase === 'thinking' || phase === 'running' || this._isSending;
    const question: IOutgoing = { id: this._added++, text, state: isBusy ? 'queued' : 'sent', request };
    this._set([...this._questions, question]);
    if (!isBusy) {
      void this._send(question);
    }
  }

  /** Send a question that waits now, whatever else is going on. */
  send(id: number): void {
    const question = this._questions.find(each => each.id === id && each.state !== 'sent');
    if (question) {
      void this._send(question);
    }
  }

  remove(id: number): void {
    this._set(this._questions.filter(each => each.id !== id || each.state === 'sent'));
  }

  private async _send(question: IOutgoing): Promise<void> {
    this._isSending = true;
    this._hasBegun = false;
    this._known = this._conversation.items.length;
    this._change(question, 'sent');
    try {
      await this._ask(question);
    } catch (problem) {
      this._hasBegun = true;
      if (!this._isDisposed) {
        this._failed(question.text, problem);
      }
    }
    this._isSending = false;
    this._drop(question);
    this._follow();
  }

  private _onChanged(_: Conversation, change: Change): void {
    const isBegun = this._conversation.items.slice(this._known).some(({ kind }) => kind === 'question');
    if (change === 'items' && isBegun) {
      this._set(this._questions.filter(({ state }) => state !== 'sent')); // its own message has come
    } else if (change === 'status' || change === 'open') {
      this._hasBegun ||= this._conversation.status.phase !== 'idle';
      this._follow();
    }
  }

  /** Send the next question if the one before is answered; hold all if it ended in another way. */
  private _follow(): void {
    const { isOpen, status } = this._conversation;
    const next = this._questions.find(({ state }) => state === 'queued');
    const isBusy = isOpen && status.phase !== 'idle' && status.phase !== 'paused';
    if (!next || this._isSending || !this._hasBegun || isBusy) {
      return;
    }
    if (isOpen && status.phase === 'idle' && status.ended === 'answered') {
      void this._send(next);
    } else {
      this._questions.filter(({ state }) => state === 'queued').forEach(each => this._change(each, 'held'));
    }
  }

  private _change(question: IOutgoing, state: OutgoingState): void {
    this._set(this._questions.map(each => (each.id === question.id ? { ...each, state } : each)));
  }

  private _drop(question: IOutgoing): void {
    this._set(this._questions.filter(each => each.id !== question.id));
  }

  private _set(questions: IOutgoing[]): void {
    this._questions = questions;
    window.sessionStorage.setItem(this._key, JSON.stringify(questions.filter(({ state }) => state !== 'sent')));
    this._changed.emit();
  }

  private _questions: IOutgoing[] = [];
  private _added = 0;
  /** Number of items when the last question was sent. */
  private _known = 0;
  private _isSending = false;
  /** False until the kernel has told that the question is under way: its last status is of the question before. */
  private _hasBegun = true;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
