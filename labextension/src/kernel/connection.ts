/** The comm to one kernel: opened when CodeAct is loaded there, and again after a reload or a restart. */

import { ISessionContext } from '@jupyterlab/apputils';
import { Kernel, KernelMessage } from '@jupyterlab/services';
import { JSONObject, PromiseDelegate, UUID } from '@lumino/coreutils';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { FromKernel, isFromKernel, TARGET, ToKernel } from './protocol';

/** Binds no name. `%load_ext` is not used: after it, the user's own `%load_ext` would print a warning. */
const LOAD = "__import__('codeact_jupyter').load_ipython_extension(get_ipython())";
const NOT_LOADED = 'CodeAct is not loaded in this kernel: run %load_ext codeact_jupyter in a cell, and try again.';
/** Time in which a kernel that is not busy must answer, in milliseconds. */
const PATIENCE = 60_000;
/** Maximum time to wait for the subshell that receives messages while the kernel is busy, in milliseconds. */
const SUBSHELL_TIMEOUT = 500;

export class Connection implements IDisposable {
  /** Id of this page. New at each load of the page, so that it is unique among tabs. */
  readonly page = UUID.uuid4();

  constructor(private _session: ISessionContext) {
    _session.kernelChanged.connect(this._onKernel, this);
    _session.statusChanged.connect(this._onStatus, this);
    _session.connectionStatusChanged.connect(this._onConnection, this);
    window.addEventListener('pagehide', this._onPageHide);
    void _session.ready.then(() => this._discover());
  }

  /** Emitted with each message of the kernel but replies. */
  get received(): ISignal<this, FromKernel> {
    return this._received;
  }

  /** Emitted with true when the comm was opened or may have lost messages, with false when it was closed. */
  get changed(): ISignal<this, boolean> {
    return this._changed;
  }

  get isOpen(): boolean {
    return this._comm !== null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this._session.session?.kernel ?? null;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.removeEventListener('pagehide', this._onPageHide);
    this._close();
    this._forgetTarget();
    Signal.clearData(this);
  }

  /** Load CodeAct into the kernel if it is not loaded, leaving no trace in notebook or history. Reject on failure. */
  async load(): Promise<void> {
    if (this._comm) {
      return;
    }
    const kernel = this.kernel;
    if (!kernel) {
      throw new Error('The notebook has no kernel: start one and try again.');
    }
    await execute(kernel, LOAD);
    await this._open(kernel);
  }

  /**
   * Run a `%codeact` command as a cell of the user would, leaving no trace in notebook or history. Any script in the
   * page can send a message on a comm: what takes the user's own act is not asked for there. Reject on failure.
   */
  async command(text: string): Promise<void> {
    if (!this._comm || !this.kernel) {
      throw new Error(NOT_LOADED);
    }
    await execute(this.kernel, `get_ipython().run_line_magic('codeact', ${JSON.stringify(text)})`);
  }

  /** Send a message without waiting for a reply. */
  send(message: ToKernel): void {
    this._comm?.send(message as unknown as JSONObject);
  }

  /**
   * Send a message and resolve with the data of its reply. Reject with the reply's error, if the comm closes, or if a
   * kernel that is not busy does not answer.
   */
  async request(message: ToKernel): Promise<unknown> {
    const { kernel } = this;
    if (!this._comm || !kernel) {
      throw new Error(NOT_LOADED);
    }
    const id = UUID.uuid4();
    const reply = new PromiseDelegate<unknown>();
    this._requests.set(id, reply);
    this._comm.send({ ...message, request: id } as unknown as JSONObject);
    try {
      return await answered(reply.promise, kernel);
    } finally {
      this._requests.delete(id);
    }
  }

  private _onKernel(): void {
    this._close();
    this._forgetTarget();
    void this._discover();
  }

  private _onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      window.sessionStorage.removeItem(loadedKey(this.kernel));
      this._close();
    }
  }

  private _onConnection(_: ISessionContext, status: Kernel.ConnectionStatus): void {
    if (status === 'connected' && this._comm) {
      this._changed.emit(true);
    } else if (status === 'connected' && this._isUnknown) {
      void this._discover();
    }
  }

  /** Open the comm if CodeAct is loaded; otherwise wait until it is. */
  private async _discover(): Promise<void> {
    const kernel = this.kernel;
    if (!kernel || this._isDisposed) {
      return;
    }
    this._isUnknown = false;
    const onHello = (): void => void this._open(kernel);
    kernel.registerCommTarget(TARGET, onHello);
    this._forgetTarget = () => {
      this._forgetTarget = nothing;
      if (!kernel.isDisposed) {
        kernel.removeCommTarget(TARGET, onHello);
      }
    };
    if (window.sessionStorage.getItem(loadedKey(kernel))) {
      await this._open(kernel); // a busy kernel would not answer the request below
      return;
    }
    try {
      const reply = await answered(kernel.requestCommInfo({ target_name: TARGET }), kernel);
      if (reply.content.status === 'ok' && Object.keys(reply.content.comms).length > 0) {
        await this._open(kernel);
      }
    } catch {
      this._isUnknown = true; // the kernel is gone, or did not answer
    }
  }

  /** Open the comm, unless it is open. Resolve when it is, also if another caller has begun to open it. */
  private async _open(kernel: Kernel.IKernelConnection): Promise<void> {
    while (this._opening) {
      await this._opening;
    }
    if (this._comm || kernel !== this.kernel || this._isDisposed) {
      return;
    }
    this._opening = this._openComm(kernel).finally(() => (this._opening = null));
    await this._opening;
  }

  private async _openComm(kernel: Kernel.IKernelConnection): Promise<void> {
    const comm = kernel.createComm(TARGET);
    if (kernel.supportsSubshells && 'subshellStarted' in comm) {
      await Promise.race([comm.subshellStarted, new Promise(done => setTimeout(done, SUBSHELL_TIMEOUT))]);
    }
    if (kernel !== this.kernel || this.isDisposed || comm.isDisposed) {
      return;
    }
    comm.onMsg = this._onMessage;
    comm.onClose = () => this._close();
    try {
      comm.open({ page: this.page });
    } catch {
      comm.dispose(); // the kernel has ended; `kernelChanged` tells of the next one
      return;
    }
    this._comm = comm;
    window.sessionStorage.setItem(loadedKey(kernel), 'yes');
    this._changed.emit(true);
  }

  /** Tell the kernel that this page is gone, so that a page in its place can approve what waits. */
  private _onPageHide = (): void => {
    this._comm?.close();
  };

  private _onMessage = (message: KernelMessage.ICommMsgMsg): void => {
    const data: unknown = message.content.data;
    if (!isFromKernel(data)) {
      return;
    }
    if (data.type !== 'reply') {
      this._received.emit(data);
      return;
    }
    const request = this._requests.get(data.request);
    if (data.error) {
      request?.reject(new Error(data.error));
    } else {
      request?.resolve(data.data);
    }
  };

  private _close(): void {
    const lost = this._comm;
    this._comm = null;
    for (const request of this._requests.values()) {
      request.reject(new Error('The connection to the kernel was lost: try again when it is back.'));
    }
    this._requests.clear();
    if (lost) {
      lost.dispose();
      this._changed.emit(false);
    }
  }

  private _comm: Kernel.IComm | null = null;
  private _opening: Promise<void> | null = null;
  /** True if the kernel did not tell whether CodeAct is loaded there. */
  private _isUnknown = false;
  private _isDisposed = false;
  /** Removes the comm target from the kernel where it was registered. */
  private _forgetTarget: () => void = nothing;
  private _requests = new Map<string, PromiseDelegate<unknown>>();
  private _received = new Signal<this, FromKernel>(this);
  private _changed = new Signal<this, boolean>(this);
}

async function execute(kernel: Kernel.IKernelConnection, code: string): Promise<void> {
  const { content } = await kernel.requestExecute({ code, silent: true }).done;
  if (content.status === 'error') {
    throw new Error(content.ename === 'UsageError' ? content.evalue : `${content.ename}: ${content.evalue}`);
  }
}

/** Resolve as the reply does, or reject if the kernel is silent though it is not busy. */
async function answered<T>(reply: Promise<T>, kernel: Kernel.IKernelConnection): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const wait = (): void => {
      timer = setTimeout(() => {
        if (kernel.status === 'busy') {
          wait();
        } else {
          reject(new Error('The kernel does not answer: wait a moment and try again, or restart it.'));
        }
      }, PATIENCE);
    };
    wait();
  });
  try {
    return await Promise.race([reply, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function nothing(): void {
  // no comm target to remove
}

/** Key in the tab's session storage, which outlives a reload, of the mark that a kernel has CodeAct loaded. */
function loadedKey(kernel: Kernel.IKernelConnection | null): string {
  return `${TARGET}:${kernel?.id}`;
}
