/** The conversation of one notebook as a chat model of `@jupyter/chat`: its messages, and what the user sends. */

import {
  AbstractChatContext,
  AbstractChatModel,
  IChatContext,
  IMessageContent,
  INewMessage,
  IUser
} from '@jupyter/chat';
import { isCodeCellModel } from '@jupyterlab/cells';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { failureOf, toText } from '../kernel/cell-text';
import { Change, Conversation } from '../kernel/conversation';
import { KernelWatch } from '../kernel/kernel-watch';
import { lightOutput } from '../review/cells';
import { show } from '../review/review';
import { Settings } from '../shell/settings';
import { IChat, runCommand } from './actions';
import { compare, IEntry, ILocalNote, toMessages, View } from './entries';
import { replyBundle } from './markdown';
import { resolveMentions } from './mentions';
import { codeCells, mentionables } from './notebook';
import { IOutputs } from './numbers';
import { IOutgoing, Outbox } from './outbox';
import { parseCommand } from './slash';

declare module '@jupyter/chat' {
  interface IMessageMetadata {
    codeact?: View;
  }
}

/** Sender of all messages. */
const SENDER: IUser = { username: 'codeact' };

export class ChatModel extends AbstractChatModel implements IChat {
  readonly kernel: KernelWatch;
  readonly outbox: Outbox;
  /** What the numbers of an answer do in the notebook. */
  readonly outputs: IOutputs = {
    light: (number, isLit) => lightOutput(this.conversation.panel, number, isLit),
    show: cell => this.attempt(show(this.conversation, cell))
  };

  constructor(
    readonly conversation: Conversation,
    readonly trans: TranslationBundle,
    private _settings: Settings,
    /** Highlights code as JupyterLab does; null if it cannot. */
    readonly languages: IEditorLanguageRegistry | null
  ) {
    super({ config: { stackMessages: false } });
    this.kernel = new KernelWatch(conversation.panel.sessionContext);
    this.kernel.restarted.connect(this._onRestarted, this);
    this.outbox = new Outbox(
      conversation,
      `codeact-jupyter:outbox:${conversation.panel.context.path}`,
      question => this._ask(question),
      (text, problem) => this._takeBack(text, problem)
    );
    this.outbox.changed.connect(this._show, this);
    conversation.changed.connect(this._onChanged, this);
    conversation.panel.disposed.connect(this.dispose, this);
    this._show();
    this.setReady();
  }

  dispose(): void {
    this.kernel.dispose();
    this.outbox.dispose();
    Signal.disconnectReceiver(this);
    super.dispose();
    Signal.clearData(this);
  }

  createChatContext(): IChatContext {
    return new Context({ model: this });
  }

  /** Time at which the model began to think, in milliseconds since the epoch; null if it does not, or did before. */
  get since(): number | null {
    return this._since;
  }

  /** Run a command or ask a question. On failure, show the error in the chat and put the text back into the input. */
  async sendMessage({ body }: INewMessage): Promise<void> {
    await Promise.resolve(); // the input is cleared after this returns
    const command = parseCommand(body);
    if (!command) {
      this.outbox.add(body.trim());
      return;
    }
    try {
      await runCommand(this, command);
    } catch (problem) {
      this._takeBack(body, problem);
    }
  }

  /** Add a line that only this page shows. */
  note(text: string, isError = false): void {
    const id = `note:${this._noted++}`;
    this._notes = [...this._notes, { id, text, isError, after: this.conversation.items.length }];
    this._show();
  }

  /** Show an error in the chat. */
  fail(problem: unknown): void {
    this.note(problem instanceof Error ? problem.message : String(problem), true);
  }

  /** Show the error in the chat if the action of a control fails. */
  attempt(action: Promise<void>): void {
    action.catch((problem: unknown) => this.fail(problem));
  }

  /** Load CodeAct, and with it past messages, if the kernel is idle. Try once per kernel, and show an error. */
  async load(): Promise<void> {
    if (this._hasTried || this.conversation.isOpen || !this.kernel.isIdle) {
      return;
    }
    this._hasTried = true;
    try {
      await this.conversation.load();
    } catch (problem) {
      this.fail(problem);
    }
  }

  private _takeBack(text: string, problem: unknown): void {
    this.input.value = this.input.value ? `${text}\n${this.input.value}` : text;
    this.fail(problem);
  }

  private async _ask({ text, request }: IOutgoing): Promise<void> {
    const { panel, pending, items } = this.conversation;
    if (request?.cell) {
      const cell = [...(panel.model?.cells ?? [])].find(({ id }) => id === request.cell);
      if (!cell) {
        throw new Error(this.trans.__('The cell that this is about is no longer in the notebook.'));
      }
      const shown = toText(cell, items);
      const failure = request.kind === 'fix' && isCodeCellModel(cell) && failureOf(cell);
      const cells = [failure ? { ...shown, output: failure } : shown];
      await this.conversation.ask(request.text, { kind: request.kind, after: cell.id, cells });
      return;
    }
    const cells = codeCells(panel);
    const mentioned = request ? { text: request.text, cells: [] } : resolveMentions(text, mentionables(panel));
    const below = this._settings.position === 'end' ? null : (panel.content.activeCell?.model.id ?? null);
    await this.conversation.ask(mentioned.text, {
      after: pending?.cell ?? below, // a message while a step waits is about that step
      cells: mentioned.cells.map(index => toText(cells[index], items))
    });
  }

  private _onRestarted(): void {
    this._hasTried = false;
  }

  private _onChanged(_: Conversation, change: Change): void {
    this._since = this.conversation.status.phase === 'thinking' ? (this._since ?? Date.now()) : null;
    if (change === 'items' || change === 'stream' || change === 'status' || change === 'open') {
      const known = this.conversation.items.length;
      this._notes = this._notes.filter(note => note.after <= known);
      this._show();
    }
  }

  private _show(): void {
    const { items, stream, status } = this.conversation;
    const entries = toMessages(items, stream, this._notes, status.phase === 'thinking', this.outbox.questions);
    const { kept, changed, removed, added } = compare(this._entries, entries);
    this._entries = entries;
    for (const index of changed) {
      this.messages[index].update(contentOf(entries[index]));
    }
    if (removed > 0) {
      this.messagesDeleted(kept, removed);
    }
    if (added.length > 0) {
      this.messagesInserted(kept, added.map(contentOf));
    }
  }

  private _entries: IEntry[] = [];
  private _notes: ILocalNote[] = [];
  private _noted = 0;
  private _hasTried = false;
  private _since: number | null = null;
}

/** Return the message of an entry. It is `stacked`, so that it has no header with name and time. */
function contentOf({ id, body: text, view }: IEntry): IMessageContent {
  const body = view.kind === 'markdown' && view.numbers ? replyBundle(text, view.numbers) : text;
  return { id, type: 'msg', body, time: 0, sender: SENDER, stacked: true, metadata: { codeact: view } };
}

class Context extends AbstractChatContext {
  get users(): IUser[] {
    return [];
  }
}
