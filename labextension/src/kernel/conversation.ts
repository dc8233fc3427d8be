/** The conversation in one notebook's kernel: a copy of its state, updated by the kernel's messages. */

import { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { Connection } from './connection';
import { ended, NOT_LOADED } from './past';
import {
  FromKernel,
  IAsk,
  ICellText,
  IEarlier,
  IMissing,
  IModelFile,
  IPending,
  IPlaced,
  IStatus,
  IStream,
  Item,
  IVariable,
  Option,
  VERSION
} from './protocol';

/** The part that has changed. `open`: CodeAct was loaded or is gone, and all parts may have changed. */
export type Change = 'open' | 'items' | 'status' | 'stream' | 'pending';

/** Fields of a question that have defaults. */
export interface IQuestionOptions {
  kind?: IAsk['kind'];
  after?: string | null;
  cells?: ICellText[];
}

/** One for each open notebook panel, with or without a kernel. */
export class Conversation implements IDisposable {
  /** `_options()` returns the options that the user set on the settings page, which each kernel is sent first. */
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

  /** True if CodeAct is loaded in the kernel and has sent its state. */
  get isOpen(): boolean {
    return this._hasState;
  }

  /** True if CodeAct is loaded in the kernel, which has not sent its state yet: it may be busy. */
  get isAwaited(): boolean {
    return this._connection.isOpen && !this._hasState;
  }

  /** True if the items are those of a kernel that has ended, or in which CodeAct is not loaded again yet. */
  get isPast(): boolean {
    return !this._hasState && this._items.length > 0;
  }

  /** The model of the settings if its file would have to be downloaded first: then the kernel keeps the one that it has. */
  get missingModel(): IModelFile | null {
    return this._missingModel;
  }

  /** Emitted with a message for the user if the kernel refuses this page, or one of its options. */
  get refused(): ISignal<this, string> {
    return this._refused;
  }

  /** Id of this page, as in `IPending.page`. */
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

  /** Load CodeAct into the kernel if it is not loaded. Reject on failure. */
  async load(): Promise<void> {
    await this._connection.load();
  }

  /** Ask a question. Load CodeAct first if it is not loaded. Reject on failure, as do the methods below. */
  async ask(text: string, { kind = 'question', after = null, cells = [] }: IQuestionOptions = {}): Promise<void> {
    await this.load();
    await this._configured;
    await this._connection.request({ type: 'ask', kind, text, after, cells });
  }

  /** Reject the step for a reason that the model reads. An empty reason ends the episode. */
  async reject(proposal: string, reason: string): Promise<void> {
    await this._connection.request({ type: 'reject', proposal, reason });
  }

  /** Undo a step that ran: put back what it changed in the kernel. */
  async undo(proposal: string): Promise<void> {
    await this._connection.request({ type: 'undo', proposal });
  }

  /** Stop the episode. A running step, and a busy kernel without subshells, are stopped by an interrupt. */
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

  /** Start a new conversation. */
  async reset(): Promise<void> {
    await this._connection.request({ type: 'reset' });
  }

  /** Resume the conversation. Load CodeAct first if it is not loaded. */
  async continue(): Promise<void> {
    await this.load();
    await this._configured;
    await this._connection.request({ type: 'continue' });
  }

  /**
   * Set an option of the kernel's `CodeAct` configuration; null sets it as it was before a page did. A comm may set
   * neither the model nor `auto`.
   */
  async set(option: string, value: Option | null): Promise<void> {
    if ((option === 'model' && value !== null) || value === 'auto') {
      await this._connection.command(`${option} ${value}`);
    } else {
      await this._connection.request({ type: 'set', option, value });
    }
  }

  /** List the names in the kernel, and the data files of its folder, that begin with `prefix`. */
  async names(prefix: string): Promise<IVariable[]> {
    return (await this._connection.request({ type: 'names', prefix })) as IVariable[];
  }

  /** List the models of the catalogue. */
  async models(): Promise<IModelFile[]> {
    return (await this._connection.request({ type: 'models' })) as IModelFile[];
  }

  /** Use a model of the settings, unless its file is not there: a download takes the user's word. */
  async prefer(model: string): Promise<void> {
    const file = (await this.models()).find(({ name }) => name === model);
    this._missingModel = file && !file.installed ? file : null;
    if (!this._missingModel) {
      await this.set('model', model);
    }
    this._changed.emit('status');
  }

  /** Download a model's file, or continue that, and then use the model. Its progress is in `status.download`. */
  async pull(model: string): Promise<void> {
    this._missingModel = null;
    await this._connection.command(`fetch ${model}`);
  }

  /** Pause the download. */
  async pausePull(): Promise<void> {
    await this._connection.request({ type: 'pause' });
  }

  /** End the download and remove what it has brought. */
  async cancelPull(): Promise<void> {
    await this._connection.request({ type: 'cancel' });
  }

  /** List the earlier conversations in this notebook, the newest first. */
  async earlier(): Promise<IEarlier[]> {
    await this.load();
    return (await this._connection.request({ type: 'earlier' })) as IEarlier[];
  }

  /** Leave the present conversation for an earlier one. */
  async reopen(name: string): Promise<void> {
    await this._connection.request({ type: 'reopen', name });
  }

  /** Report to the kernel that this page's notebook has, or lacks, the cell of a proposal. */
  report(message: IPlaced | IMissing): void {
    this._connection.send(message);
  }

  private _onOpen(_: Connection, isOpen: boolean): void {
    if (isOpen) {
      const chosen = this._options();
      const { mode, model, ...options } = chosen;
      const lower: { [name: string]: Option } = mode === 'ask' ? { mode } : {}; // `auto` is chosen anew in each kernel
      this._configured = this._connection
        .request({ type: 'attach', page: this.page, version: VERSION, options: { ...options, ...lower } })
        .then(isFirst => (isFirst && typeof model === 'string' ? this.prefer(model).catch(() => undefined) : undefined))
        .catch((problem: unknown) => {
          if (this._connection.isOpen) {
            this._refused.emit((problem as Error).message);
          }
        });
      this._changed.emit('status');
      return;
    }
    this._hasState = false;
    this._items = this._items.map(ended);
    this._status = NOT_LOADED;
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
        this._hasState = true;
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
        this._emitStream();
        break;
      case 'pending':
        this._pending = message.pending;
        this._changed.emit('pending');
        break;
    }
  }

  /** Emit `stream` once per frame, so that a proposal is not delayed by the updates before it. */
  private _emitStream(): void {
    if (!this._isStreaming) {
      this._isStreaming = true;
      requestAnimationFrame(() => {
        this._isStreaming = false;
        this._changed.emit('stream');
      });
    }
  }

  private _connection: Connection;
  /** Resolves when the kernel has the model of the settings. */
  private _configured: Promise<void> = Promise.resolve();
  private _isStreaming = false;
  private _hasState = false;
  private _items: Item[] = [];
  private _status = NOT_LOADED;
  private _stream: IStream | null = null;
  private _pending: IPending | null = null;
  private _missingModel: IModelFile | null = null;
  private _isDisposed = false;
  private _changed = new Signal<this, Change>(this);
  private _refused = new Signal<this, string>(this);
}
