/** A step's cell in an open notebook: keeps its bar, its look and its facts true. */

import { Cell, ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { PanelLayout } from '@lumino/widgets';
import { flushSync } from 'react-dom';

import { IStep } from '../protocol';
import { Bar } from './bar';
import { IFacts, isSettled, readFacts, settled, writeFacts } from './facts';
import { Reviewing } from './reviewing';
import { barState } from './state';

export const STAGED = 'jp-CodeAct-staged';
export const STEP = 'jp-CodeAct-step';

export class StepCell implements IDisposable {
  readonly model: ICellModel;

  constructor(
    readonly cell: Cell,
    private _facts: IFacts,
    private _reviewing: Reviewing,
    trans: TranslationBundle
  ) {
    this.model = cell.model;
    this._bar = new Bar(_reviewing, this.model, trans);
    this.model.contentChanged.connect(this._onContent, this);
    this.model.stateChanged.connect(this._onState, this);
    cell.disposed.connect(this.dispose, this);
    void cell.ready.then(() => {
      if (!this._isDisposed && cell.layout instanceof PanelLayout) {
        const layout = cell.layout;
        // Below the header, above the input; filled before the next frame, so that the cell does not appear without it.
        flushSync(() => layout.insertWidget(1, this._bar));
      }
    });
    this.refresh();
  }

  /** Whether the step can still change. */
  get isOpen(): boolean {
    return !isSettled(this._facts.state);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._bar.dispose();
    if (!this.cell.isDisposed) {
      this.cell.removeClass(STAGED);
      this.cell.removeClass(STEP);
    }
    Signal.clearData(this);
  }

  /** Takes in what has changed in the facts, the conversation or the text of the cell. */
  refresh(): void {
    const facts = readFacts(this.model);
    if (!facts) {
      this.dispose();
      return;
    }
    this._facts = facts;
    const { pending, items } = this._reviewing.conversation;
    const step = items.find(
      (item): item is IStep => item.kind === 'step' && item.proposal === facts.proposal && item.cell === this.model.id
    );
    const state = barState({
      facts,
      isCode: this.model.type === 'code',
      hasRun: isCodeCellModel(this.model) && this.model.executionCount !== null,
      source: this.model.sharedModel.getSource(),
      pending,
      step: step ?? null,
      doing: this._reviewing.doing
    });
    this.cell.toggleClass(STAGED, ['waits', 'queued', 'running'].includes(state.kind));
    this.cell.toggleClass(STEP, state.kind === 'mark');
    this._bar.display(state, facts.code ?? pending?.code ?? null);
    if (step && isSettled(step.state) && step.state !== facts.state) {
      writeFacts(this.model, settled(facts, step));
    }
  }

  private _onContent(): void {
    if (this.isOpen || this._facts.edited) {
      this.refresh();
    }
  }

  private _onState(_: unknown, { name }: { name: string }): void {
    if (name === 'executionCount' && this.isOpen) {
      this.refresh();
    }
  }

  private _bar: Bar;
  private _isDisposed = false;
}
