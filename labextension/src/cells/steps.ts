/** The cells of steps in one notebook. */

import { Cell, ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import { IObservableList } from '@jupyterlab/observables';
import { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { PanelLayout } from '@lumino/widgets';
import { flushSync } from 'react-dom';

import { Change, Conversation } from '../kernel/conversation';
import { IStep } from '../kernel/protocol';
import { finalMetadata, isFinal, IStepMetadata, METADATA_KEY, readMetadata, writeMetadata } from '../review/metadata';
import { Review } from '../review/review';
import { Bar } from './bar';
import { Listener } from './listener';
import { barState } from './state';

/** Minor version of the notebook format that has cell ids, which tell a step's cell from a copy of it. */
const MINOR_WITH_IDS = 5;

/** Finds the cells of steps, and refreshes those that can change. */
export class StepCells extends Listener {
  constructor(
    private _review: Review,
    private _askAbout: (cell: string) => void,
    private _trans: TranslationBundle
  ) {
    super();
    const { conversation } = _review;
    const { panel } = conversation;
    conversation.changed.connect(this._onConversation, this);
    _review.changed.connect(this._refresh, this);
    void panel.context.ready.then(() => {
      const { model } = panel.content;
      if (model && !this.isDisposed) {
        model.cells.changed.connect(this._onCells, this);
        this._add([...model.cells]);
      }
    });
  }

  dispose(): void {
    this._steps.forEach(step => step.dispose());
    this._steps.clear();
    super.dispose();
  }

  private _onCells(_: unknown, { type, newValues }: IObservableList.IChangedArgs<ICellModel>): void {
    if (type === 'add') {
      this._add(newValues);
    }
  }

  private _add(models: ICellModel[]): void {
    for (const model of models) {
      model.metadataChanged.connect(this._onMetadata, this);
      this._find(model);
    }
  }

  private _onMetadata(model: ICellModel, { key }: { key: string }): void {
    if (key !== METADATA_KEY) {
      return;
    }
    const step = [...this._steps].find(step => step.model === model);
    if (step) {
      step.refresh();
    } else {
      this._find(model);
    }
  }

  /** Add a bar if the cell is a step's. A copy of such a cell is an ordinary cell. */
  private _find(model: ICellModel): void {
    const metadata = readMetadata(model);
    if (!metadata) {
      return;
    }
    const { content } = this._review.conversation.panel;
    if (metadata.cell !== model.id && (content.model?.nbformatMinor ?? 0) >= MINOR_WITH_IDS) {
      model.deleteMetadata(METADATA_KEY);
      return;
    }
    const cell = content.widgets.find(cell => cell.model === model);
    if (cell) {
      const step = new StepCell(cell, metadata, this._review, this._askAbout, this._trans);
      this._steps.add(step);
      cell.disposed.connect(() => this._steps.delete(step));
    }
  }

  private _onConversation(_: Conversation, change: Change): void {
    if (change === 'open') {
      this._steps.forEach(step => step.refresh()); // the file may tell less: a step was undone, and that was not saved
    } else if (change !== 'stream' && change !== 'status') {
      this._refresh();
    }
  }

  private _refresh(): void {
    for (const step of this._steps) {
      if (step.isOpen) {
        step.refresh();
      }
    }
  }

  private _steps = new Set<StepCell>();
}

/** Class of a cell whose step waits, is queued or runs. */
const STAGED = 'jp-CodeAct-staged';
/** Class of a cell whose step is in a final state. */
const STEP = 'jp-CodeAct-step';

/** The cell of one step: updates its bar, its classes and its metadata. */
class StepCell implements IDisposable {
  readonly model: ICellModel;

  constructor(
    readonly cell: Cell,
    private _metadata: IStepMetadata,
    private _review: Review,
    askAbout: (cell: string) => void,
    trans: TranslationBundle
  ) {
    this.model = cell.model;
    this._bar = new Bar(_review, this.model, askAbout, trans);
    this.model.contentChanged.connect(this._onContent, this);
    this.model.stateChanged.connect(this._onState, this);
    cell.disposed.connect(this.dispose, this);
    void cell.ready.then(() => {
      if (!this._isDisposed && cell.layout instanceof PanelLayout) {
        const layout = cell.layout;
        // Below the header, above the input. Rendered at once, so that the cell is never painted without it.
        flushSync(() => layout.insertWidget(1, this._bar));
        cell.updateEditorConfig({ lineWrap: true }); // the end of a long line is in view
      }
    });
    this.refresh();
  }

  /** True if the step is not in a final state, or can still be undone. */
  get isOpen(): boolean {
    const { status } = this._review.conversation;
    return !isFinal(this._metadata.state) || status.undo === this._metadata.proposal;
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

  /** Update the bar after a change of the metadata, the conversation or the source. */
  refresh(): void {
    const metadata = readMetadata(this.model);
    if (!metadata) {
      this.dispose();
      return;
    }
    this._metadata = metadata;
    const { pending, items } = this._review.conversation;
    const step = items.find(
      (item): item is IStep =>
        item.kind === 'step' && item.proposal === metadata.proposal && item.cell === this.model.id
    );
    const state = barState({
      metadata,
      isCode: this.model.type === 'code',
      hasRun: isCodeCellModel(this.model) && this.model.executionCount !== null,
      source: this.model.sharedModel.getSource(),
      pending,
      step: step ?? null,
      review: this._review.state
    });
    this.cell.toggleClass(STAGED, ['waits', 'queued', 'running'].includes(state.kind));
    this.cell.toggleClass(STEP, state.kind === 'final');
    this._bar.display(state, metadata.code ?? pending?.code ?? null);
    if (step && isFinal(step.state) && step.state !== metadata.state) {
      writeMetadata(this.model, finalMetadata(metadata, step));
    }
  }

  private _onContent(): void {
    if (this.isOpen || this._metadata.edited) {
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
