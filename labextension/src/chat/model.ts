/** One notebook's conversation as `@jupyter/chat` wants it: its messages kept in step, and what the user sends. */

import {
  AbstractChatContext,
  AbstractChatModel,
  IChatContext,
  IMessageContent,
  INewMessage,
  IUser
} from '@jupyter/chat';
import { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { Change, Conversation } from '../conversation';
import { Settings } from '../settings';
import { runCommand } from './actions';
import { codeCells, mentionables, toText } from './cells';
import { compare, IEntry, ILocalNote, toMessages, View } from './entries';
import { KernelWatch } from './kernel';
import { resolveMentions } from './mentions';
import { parseCommand } from './slash';

declare module '@jupyter/chat' {
  interface IMessageMetadata {
    codeact?: View;
  }
}

const NOBODY: IUser = { username: 'codeact' };

export class ChatModel extends AbstractChatModel {
  readonly kernel: KernelWatch;

  constructor(
    readonly conversation: Conversation,
    readonly trans: TranslationBundle,
    private _settings: Settings
  ) {
    super({ config: { stackMessages: false } });
    this.kernel = new KernelWatch(conversation.panel.sessionContext);
    this.kernel.restarted.connect(this._onRestarted, this);
    conversation.changed.connect(this._onChanged, this);
    conversation.panel.disposed.connect(this.dispose, this);
    this._show();
    this.setReady();
  }

  dispose(): void {
    this.kernel.dispose();
    Signal.disconnectReceiver(this);
    super.dispose();
    Signal.clearData(this);
  }

  createChatContext(): IChatContext {
    return new Context({ model: this });
  }

  /** A command, or a question. What goes wrong is said in the chat, and the text is back in the input. */
  async sendMessage({ body }: INewMessage): Promise<void> {
    await Promise.resolve(); // the input is emptied when this returns
    const command = parseCommand(body);
    try {
      await (command ? runCommand(this, command) : this._ask(body.trim()));
    } catch (problem) {
      this.input.value = this.input.value ? `${body}\n${this.input.value}` : body;
      this.fail(problem);
    }
  }

  /** Adds a line of this page alone. */
  note(text: string, isError = false): void {
    const id = `note:${this._noted++}`;
    this._notes = [...this._notes, { id, text, isError, after: this.conversation.items.length }];
    this._show();
  }

  /** Says what went wrong. */
  fail(problem: unknown): void {
    this.note(problem instanceof Error ? problem.message : String(problem), true);
  }

  /** Does what a control is for, and says what goes wrong. */
  attempt(action: Promise<void>): void {
    action.catch((problem: unknown) => this.fail(problem));
  }

  /** Loads CodeAct for its past messages, when nothing is in the way. What goes wrong is said once for each kernel. */
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

  private async _ask(text: string): Promise<void> {
    const { panel } = this.conversation;
    const mentioned = resolveMentions(text, mentionables(panel));
    const cells = codeCells(panel);
    await this.conversation.ask(mentioned.text, {
      after: this._settings.position === 'end' ? null : (panel.content.activeCell?.model.id ?? null),
      cells: mentioned.cells.map(index => toText(cells[index]))
    });
  }

  private _onRestarted(): void {
    this._hasTried = false;
  }

  private _onChanged(_: Conversation, change: Change): void {
    if (change === 'items' || change === 'stream' || change === 'status' || change === 'open') {
      const known = this.conversation.items.length;
      this._notes = this._notes.filter(note => note.after <= known);
      this._show();
    }
  }

  private _show(): void {
    const { items, stream, status } = this.conversation;
    const entries = toMessages(items, stream, this._notes, status.phase === 'thinking');
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
}

/** Stacked messages have no header with a name and a time. */
function contentOf({ id, body, view }: IEntry): IMessageContent {
  return { id, type: 'msg', body, time: 0, sender: NOBODY, stacked: true, metadata: { codeact: view } };
}

class Context extends AbstractChatContext {
  get users(): IUser[] {
    return [];
  }
}
