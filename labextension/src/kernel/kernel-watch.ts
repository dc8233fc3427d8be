/** State of a notebook's kernel: whether CodeAct can be loaded into it. */

import { ISessionContext } from '@jupyterlab/apputils';
import { Kernel } from '@jupyterlab/services';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

/** `foreign`: the kernel's language is not Python. */
export type KernelState = 'starting' | 'none' | 'foreign' | 'python';

export class KernelWatch implements IDisposable {
  constructor(private _session: ISessionContext) {
    _session.kernelChanged.connect(this._onKernel, this);
    _session.sessionChanged.connect(this._onKernel, this); // the end of a session does not emit `kernelChanged`
    _session.statusChanged.connect(this._onStatus, this);
    void _session.ready.then(() => {
      this._isReady = true;
      void this._update();
    });
  }

  get state(): KernelState {
    return this._state;
  }

  /** True if a Python kernel is idle. */
  get isIdle(): boolean {
    return this._state === 'python' && this._kernel?.status === 'idle';
  }

  /** True if the kernel has ended and no other runs. */
  get hasEnded(): boolean {
    return this._state === 'none' || this._kernel?.status === 'dead';
  }

  /** Start the kernel again, or one of the same name in its place. */
  async restart(): Promise<void> {
    if (this._kernel) {
      await this._session.restartKernel();
    } else {
      await this._session.changeKernel({ name: this._session.prevKernelName });
    }
  }

  /** Emitted when the state has changed, and when the kernel becomes idle or ends. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the kernel was restarted or replaced. */
  get restarted(): ISignal<this, void> {
    return this._restarted;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  private get _kernel(): Kernel.IKernelConnection | null {
    return this._session.session?.kernel ?? null;
  }

  private _onKernel(): void {
    this._restarted.emit();
    void this._update();
  }

  private _onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      this._restarted.emit();
    } else if (status === 'idle' || status === 'dead') {
      this._changed.emit();
    }
  }

  private async _update(): Promise<void> {
    const kernel = this._kernel;
    if (!kernel) {
      this._set(this._isReady ? 'none' : 'starting');
      return;
    }
    this._set('starting');
    const info = await kernel.info;
    if (kernel === this._kernel && !this._isDisposed) {
      this._set(info.language_info.name === 'python' ? 'python' : 'foreign');
    }
  }

  private _set(state: KernelState): void {
    if (state !== this._state) {
      this._state = state;
      this._changed.emit();
    }
  }

  private _state: KernelState = 'starting';
  /** True once the session has started; `isReady` of the session is false again while a kernel is shut down. */
  private _isReady = false;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
  private _restarted = new Signal<this, void>(this);
}
