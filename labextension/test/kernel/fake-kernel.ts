/** A kernel and a notebook's session, as far as a connection needs them. */

import { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { vi } from 'vitest';

import { Option } from '../../src/kernel/protocol';

export interface ISent {
  type: string;
  options?: { [name: string]: Option };
  [field: string]: unknown;
}

/** What `window` is in these tests. */
export const page = new EventTarget();
/** The tab's session storage. */
export const stored = new Map<string, string>();

/** Put `window` in place; call it before the modules under test use it. */
export function stubWindow(): void {
  const sessionStorage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key)
  };
  vi.stubGlobal('window', Object.assign(page, { sessionStorage }));
}

export class FakeKernel {
  readonly sent: ISent[] = [];
  readonly executed: string[] = [];
  supportsSubshells = false;
  /** Resolves when the subshell of a comm has started. */
  subshellStarted = Promise.resolve();
  isDisposed = false;
  status = 'idle';
  failure: { ename: string; evalue: string } | null = null;
  /** The error or data of each reply; null: no reply. */
  reply: ((message: ISent) => { error?: string; data?: unknown }) | null = () => ({});
  /** Ids of the comms that the kernel has of this extension. */
  comms: { [id: string]: object } = {};
  commInfo: () => Promise<object> = () => Promise.resolve({ content: { status: 'ok', comms: this.comms } });
  targets = new Map<string, () => void>();
  /** Called when a comm is opened. */
  open: () => void = () => undefined;

  constructor(readonly id = 'k') {}

  registerCommTarget(name: string, callback: () => void): void {
    this.targets.set(name, callback);
  }

  removeCommTarget(name: string, callback: () => void): void {
    if (this.targets.get(name) === callback) {
      this.targets.delete(name);
    }
  }

  requestCommInfo(): Promise<object> {
    return this.commInfo();
  }

  createComm(): object {
    const comm = {
      subshellStarted: this.subshellStarted,
      open: () => this.open(),
      dispose: () => undefined,
      close: () => this.sent.push({ type: 'closed' }),
      onMsg: (_: unknown): void => undefined,
      onClose: (): void => undefined,
      send: (data: ISent) => {
        this.sent.push(data);
        const reply = this.reply?.(data);
        if (reply) {
          this.say({ type: 'reply', request: data.request, error: reply.error ?? '', data: reply.data ?? null });
        }
      }
    };
    this._comm = comm;
    return comm;
  }

  /** Send the page a message. */
  say(data: object): void {
    this._comm?.onMsg({ content: { data } });
  }

  requestExecute({ code }: { code: string }): { done: Promise<object> } {
    this.executed.push(code);
    const content = this.failure ? { status: 'error', ...this.failure } : { status: 'ok' };
    return { done: Promise.resolve({ content }) };
  }

  private _comm: { onMsg: (message: unknown) => void } | null = null;
}

export class FakeSession {
  readonly kernelChanged = new Signal<this, void>(this);
  readonly sessionChanged = new Signal<this, void>(this);
  readonly statusChanged = new Signal<this, string>(this);
  readonly connectionStatusChanged = new Signal<this, string>(this);
  readonly ready = Promise.resolve();
  readonly prevKernelName = 'python3';
  session: { kernel: FakeKernel | null };

  constructor(kernel: FakeKernel) {
    this.session = { kernel };
  }

  /** The kernel's status is now this. */
  becomes(status: string): void {
    if (this.session.kernel) {
      this.session.kernel.status = status;
    }
    this.statusChanged.emit(status);
  }

  /** Another kernel, or none, takes the place of this one. */
  change(kernel: FakeKernel | null): void {
    this.session = { kernel };
    this.kernelChanged.emit();
  }

  get context(): ISessionContext {
    return this as unknown as ISessionContext;
  }
}
