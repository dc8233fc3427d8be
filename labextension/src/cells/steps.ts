/** All steps' cells of one notebook: finds them as they come, and tells those that can change when to look again. */

import { ICellModel } from '@jupyterlab/cells';
import { IObservableList } from '@jupyterlab/observables';
import { TranslationBundle } from '@jupyterlab/translation';

import { Change, Conversation } from '../conversation';
import { METADATA_KEY } from '../protocol';
import { readFacts } from './facts';
import { Listener } from './listener';
import { Reviewing } from './reviewing';
import { StepCell } from './step';

/** Notebooks of an older format keep no cell ids: nobody can tell a step's cell from its copy there. */
const MINOR_WITH_IDS = 5;

export class Steps extends Listener {
  constructor(
    private _reviewing: Reviewing,
    private _trans: TranslationBundle
  ) {
    super();
    const { conversation } = _reviewing;
    const { panel } = conversation;
    conversation.changed.connect(this._onConversation, this);
    _reviewing.changed.connect(this._refresh, this);
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

  /** Gives the cell its bar when it is a step's. A copy of a step is the user's own cell. */
  private _find(model: ICellModel): void {
    const facts = readFacts(model);
    if (!facts) {
      return;
    }
    const { content } = this._reviewing.conversation.panel;
    if (facts.cell !== model.id && (content.model?.nbformatMinor ?? 0) >= MINOR_WITH_IDS) {
      model.deleteMetadata(METADATA_KEY);
      return;
    }
    const cell = content.widgets.find(cell => cell.model === model);
    if (cell) {
      const step = new StepCell(cell, facts, this._reviewing, this._trans);
      this._steps.add(step);
      cell.disposed.connect(() => this._steps.delete(step));
    }
  }

  private _onConversation(_: Conversation, change: Change): void {
    if (change !== 'stream' && change !== 'status') {
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
