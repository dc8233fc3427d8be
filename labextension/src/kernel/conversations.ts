/** The conversations of all open notebooks. */

import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

import { Change, Conversation } from './conversation';
import { Option } from './protocol';

export class Conversations {
  constructor(
    private _notebooks: INotebookTracker,
    options: () => { [name: string]: Option }
  ) {
    const add = (panel: NotebookPanel): void => {
      const conversation = new Conversation(panel, options);
      this._all.set(panel, conversation);
      conversation.changed.connect(this._onChanged, this);
      panel.disposed.connect(() => this._all.delete(panel));
      this._added.emit(conversation);
      if (this.current === conversation) {
        this._currentChanged.emit(conversation); // the tracker may have emitted before it was added
      }
    };
    _notebooks.forEach(add);
    _notebooks.widgetAdded.connect((_, panel) => add(panel));
    _notebooks.currentChanged.connect(() => this._currentChanged.emit(this.current));
  }

  of(panel: NotebookPanel): Conversation | undefined {
    return this._all.get(panel);
  }

  get all(): Conversation[] {
    return [...this._all.values()];
  }

  /** The conversation of the notebook that had the focus last; null if none is open. */
  get current(): Conversation | null {
    const panel = this._notebooks.currentWidget;
    return (panel && this._all.get(panel)) ?? null;
  }

  get currentChanged(): ISignal<this, Conversation | null> {
    return this._currentChanged;
  }

  /** Emitted with each new conversation, before its first change. */
  get added(): ISignal<this, Conversation> {
    return this._added;
  }

  /** Emitted with each change of any conversation. */
  get changed(): ISignal<this, { conversation: Conversation; change: Change }> {
    return this._changed;
  }

  private _onChanged(conversation: Conversation, change: Change): void {
    this._changed.emit({ conversation, change });
  }

  private _all = new Map<NotebookPanel, Conversation>();
  private _added = new Signal<this, Conversation>(this);
  private _changed = new Signal<this, { conversation: Conversation; change: Change }>(this);
  private _currentChanged = new Signal<this, Conversation | null>(this);
}

/** Token of the conversations, for this extension's plugins. */
export const IConversations = new Token<Conversations>(
  'codeact-jupyter:IConversations',
  'The CodeAct conversations of the open notebooks.'
);
