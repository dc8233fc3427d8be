/** The comm to one kernel: opened when CodeAct is loaded there, opened anew after a reload or a restart. */

import { ISessionContext } from '@jupyterlab/apputils';
import { Kernel, KernelMessage } from '@jupyterlab/services';
import { JSONObject, PromiseDelegate, UUID } from '@lumino/coreutils';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { FromKernel, isFromKernel, TARGET, ToKernel } from './protocol';

/** Not by `%load_ext`, after which the user's own one would complain. It leaves no name in the namespace. */
const LOAD = "__import__('codeact_jupyter').load_ipython_extension(get_ipython())";
/** How long to wait for the subshell on which messages reach a busy kernel, in milliseconds. */
const SUBSHELL_PATIENCE = 500;

export class Connection implements IDisposable {
  /** Names this page to the kernel. New at each load of the page, so that no other tab can have it. */
  readonly page = UUID.uuid4();

  constructor(private _session: ISessionContext) {
    _session.kernelChanged.connect(this._onKernel, this);
    _session.statusChanged.connect(this._onStatus, this);
    _session.connectionStatusChanged.connect(this._onConnection, this);
    void _session.ready.then(() => this._find());
  }

  /** Emitted with each message of the kernel. */
  get received(): ISignal<this, FromKernel> {
    return this._received;
  }

  /** Emitted when the comm was opened (or messages may have been lost on it), or is gone. */
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
    this._forget();
    Signal.clearData(this);
  }

  /** Loads CodeAct into the kernel when it is not, unseen in the notebook and its history. Throws what went wrong. */
  async load(): Promise<void> {
    if (this._comm) {
      return;
    }
    const kernel = this.kernel;
    if (!kernel) {
      throw new Error('The notebook has no kernel: start one and try again.');
    }
    const reply = await kernel.requestExecute({ code: LOAD, silent: true }).done;
    if (reply.content.status === 'error') {
      throw new Error(`${reply.content.ename}: ${reply.content.evalue}`);
    }
    await this._open(kernel);
  }

  /** Sends a message and waits for nothing. */
  send(message: ToKernel): void {
    this._comm?.send(message as unknown as JSONObject);
  }

  /** Sends a message and waits for its reply. Throws the error that it holds, or that the connection was lost. */
  async request(message: ToKernel): Promise<unknown> {
    if (!this._comm) {
      throw new Error('CodeAct is not loaded in this kernel.');
    }
    const id = UUID.uuid4();
    const reply = new PromiseDelegate<unknown>();
    this._requests.set(id, reply);
    this._comm.send({ ...message, request: id } as unknown as JSONObject);
    return reply.promise;
  }

  private _onKernel(): void {
    this._forget();
    void this._find();
  }

  private _onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      window.sessionStorage.removeItem(loadedKey(this.kernel));
      this._forget();
    }
  }

  private _onConnection(_: ISessionContext, status: Kernel.ConnectionStatus): void {
    if (status === 'connected' && this._comm) {
      this._changed.emit(true);
    }
  }

  /** Listens for the extension being loaded, and opens the comm at once where it is loaded already. */
  private async _find(): Promise<void> {
    const kernel = this.kernel;
    if (!kernel || this._isDisposed) {
      return;
    }
    kernel.registerCommTarget(TARGET, () => void this._open(kernel));
    if (window.sessionStorage.getItem(loadedKey(kernel))) {
      await this._open(kernel); // a busy kernel does not tell what is loaded
      return;
    }
    const reply = await kernel.requestCommInfo({ target_name: TARGET });
    if (reply.content.status === 'ok' && Object.keys(reply.content.comms).length > 0) {
      await this._open(kernel);
    }
  }

  private async _open(kernel: Kernel.IKernelConnection): Promise<void> {
    if (this._comm || this._opening || kernel !== this.kernel || this._isDisposed) {
      return;
    }
    this._opening = true;
    const comm = kernel.createComm(TARGET);
    try {
      if (kernel.supportsSubshells && 'subshellStarted' in comm) {
        await Promise.race([comm.subshellStarted, new Promise(done => setTimeout(done, SUBSHELL_PATIENCE))]);
      }
    } finally {
      this._opening = false;
    }
    if (kernel !== this.kernel || this.isDisposed || comm.isDisposed) {
      return;
    }
    comm.onMsg = this._onMessage;
    comm.onClose = () => this._forget();
    this._comm = comm;
    window.sessionStorage.setItem(loadedKey(kernel), 'yes');
    comm.open({ page: this.page });
    this._changed.emit(true);
  }

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
    this._requests.delete(data.request);
    if (data.error) {
      request?.reject(new Error(data.error));
    } else {
      request?.resolve(data.data);
    }
  };

  private _forget(): void {
    const lost = this._comm;
    this._comm = null;
    for (const request of this._requests.values()) {
      request.reject(new Error('The connection to the kernel was lost.'));
    }
    this._requests.clear();
    if (lost) {
      lost.dispose();
      this._changed.emit(false);
    }
  }

  private _comm: Kernel.IComm | null = null;
  private _opening = false;
  private _isDisposed = false;
  private _requests = new Map<string, PromiseDelegate<unknown>>();
  private _received = new Signal<this, FromKernel>(this);
  private _changed = new Signal<this, boolean>(this);
}

/** In the tab's storage, and so after a reload: which kernels have CodeAct loaded. */
function loadedKey(kernel: Kernel.IKernelConnection | null): string {
  return `${TARGET}:${kernel?.id}`;
}
