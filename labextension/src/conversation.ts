/** What a page knows of the conversation in one notebook's kernel: a copy that the kernel's messages keep true. */

import { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { Connection } from './connection';
import { FromKernel, ICellText, IModel, IName, IPending, IStatus, IStream, Item, ToKernel } from './protocol';

export type Option = string | number | boolean;
/** Which part has changed; `open` is whether CodeAct is there at all. */
export type Change = 'open' | 'items' | 'status' | 'stream' | 'pending';

export interface IQuestionOptions {
  kind?: 'question' | 'fix' | 'explain';
  after?: string | null;
  cells?: ICellText[];
}

const NOBODY: IStatus = {
  phase: 'idle',
  step: 0,
  ended: '',
  model: '',
  mode: 'ask',
  speed: 0,
  used: 0,
  window: 0,
  progress: '',
  resumable: false
};

/** One for each open notebook panel, with a kernel or without. */
export class Conversation implements IDisposable {
  /** `options()` are those that the user set on the settings page; they are told to each kernel at once. */
  constructor(
    readonly panel: NotebookPanel,
    private _options: () => { [name: string]: Option }
  ) {
    this._connection = new Connection(panel.sessionContext);
    this._connection.changed.connect(this._onOpen, this);
    this._connection.received.connect(this._onReceived, this);
    panel.disposed.connect(() => this.dispose());
  }

  get changed(): ISignal<this, Change> {
    return this._changed;
  }

  /** Whether CodeAct is loaded in the kernel and listens. */
  get isOpen(): boolean {
    return this._isKnown;
  }

  /** The id of this page, as in `IPending.page`. */
  get page(): string {
    return this._connection.page;
  }

  get items(): ReadonlyArray<Item> {
    return this._items;
  }

  get status(): IStatus {
    return this._status;
  }

  get stream(): IStream | null {
    return this._stream;
  }

  get pending(): IPending | null {
    return this._pending;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._connection.dispose();
      Signal.clearData(this);
    }
  }

  /** Loads CodeAct into the kernel when it is not. Throws what went wrong. */
  async load(): Promise<void> {
    await this._connection.load();
  }

  /** Asks; loads CodeAct first when it is not. Throws what went wrong. */
  async ask(text: string, { kind = 'question', after = null, cells = [] }: IQuestionOptions = {}): Promise<void> {
    await this.load();
    await this._connection.request({ type: 'ask', kind, text, after, cells });
  }

  /** Sends the step back with a reason, or ends the episode without one. Throws what went wrong. */
  async reject(proposal: string, reason: string): Promise<void> {
    await this._connection.request({ type: 'reject', proposal, reason });
  }

  /** Ends what is going on: by the kernel's interrupt where a step runs, or where the kernel hears nothing else. */
  async stop(): Promise<void> {
    const kernel = this._connection.kernel;
    const isRunning = this._status.phase === 'running';
    if (isRunning || (kernel?.status === 'busy' && !kernel.supportsSubshells)) {
      await kernel?.interrupt();
    }
    if (!isRunning) {
      await this._connection.request({ type: 'stop' });
    }
  }

  async reset(): Promise<void> {
    await this._connection.request({ type: 'reset' });
  }

  async continue(): Promise<void> {
    await this.load();
    await this._connection.request({ type: 'continue' });
  }

  async set(option: string, value: Option): Promise<void> {
    await this._connection.request({ type: 'set', option, value });
  }

  async names(prefix: string): Promise<IName[]> {
    return (await this._connection.request({ type: 'names', prefix })) as IName[];
  }

  async models(): Promise<IModel[]> {
    return (await this._connection.request({ type: 'models' })) as IModel[];
  }

  /** Fetches a model's file; how far it is shows in `status.progress`. */
  async pull(model: string): Promise<void> {
    await this._connection.request({ type: 'pull', model });
  }

  /** Tells the kernel whether this page has the cell of the proposal. */
  tell(message: ToKernel & { type: 'placed' | 'missing' }): void {
    this._connection.send(message);
  }

  private _onOpen(_: Connection, isOpen: boolean): void {
    if (isOpen) {
      this._connection.send({ type: 'attach', page: this.page, options: this._options() });
      return;
    }
    this._isKnown = false;
    this._items = [];
    this._status = NOBODY;
    this._stream = this._pending = null;
    this._changed.emit('open');
  }

  private _onReceived(_: Connection, message: FromKernel): void {
    switch (message.type) {
      case 'snapshot':
        this._items = message.items;
        this._status = message.status;
        this._stream = message.stream;
        this._pending = message.pending;
        this._isKnown = true;
        this._changed.emit('open');
        break;
      case 'item':
        this._items = [...this._items];
        this._items[message.index] = message.item;
        this._changed.emit('items');
        break;
      case 'status':
        this._status = message.status;
        this._changed.emit('status');
        break;
      case 'stream':
        this._stream = message.stream;
        this._streamOn();
        break;
      case 'pending':
        this._pending = message.pending;
        this._changed.emit('pending');
        break;
    }
  }

  /** With the next frame, whatever has come by then: a step that is proposed meanwhile is shown before it. */
  private _streamOn(): void {
    if (!this._isStreaming) {
      this._isStreaming = true;
      requestAnimationFrame(() => {
        this._isStreaming = false;
        this._changed.emit('stream');
      });
    }
  }

  private _connection: Connection;
  private _isStreaming = false;
  private _isKnown = false;
  private _items: Item[] = [];
  private _status = NOBODY;
  private _stream: IStream | null = null;
  private _pending: IPending | null = null;
  private _isDisposed = false;
  private _changed = new Signal<this, Change>(this);
}
