/** Base class for listeners to a notebook's signals. They stop when the notebook is closed. */

import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

export abstract class Listener implements IDisposable {
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _isDisposed = false;
}
