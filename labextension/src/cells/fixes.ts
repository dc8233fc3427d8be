/** Which cells of a notebook offer a fix: those whose last run ended in an error, while nobody else works on it. */

import { CodeCell, ICellModel, ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';
import { PanelLayout } from '@lumino/widgets';

import { Change, Conversation } from '../conversation';
import { Settings } from '../settings';
import { failureOf } from './failure';
import { FixLine } from './fix';
import { Listener } from './listener';

type Outputs = ICodeCellModel['outputs'];

/** On the panel while no fix is offered: CodeAct is at work, the kernel speaks no Python, or the user wants none. */
const NO_FIX = 'jp-CodeAct-noFix';

export class Fixes extends Listener {
  constructor(
    private _conversation: Conversation,
    private _settings: Settings,
    private _trans: TranslationBundle
  ) {
    super();
    const { panel } = _conversation;
    _conversation.changed.connect(this._onChanged, this);
    _settings.changed.connect(this._refresh, this);
    panel.sessionContext.kernelChanged.connect(this._onKernel, this);
    this._onKernel();
    void panel.context.ready.then(() => {
      const { model } = panel.content;
      if (model && !this.isDisposed) {
        model.cells.changed.connect(this._onCells, this);
        this._add([...model.cells]);
      }
    });
  }

  private _onChanged(_: Conversation, change: Change): void {
    if (change === 'status' || change === 'open') {
      this._refresh();
    }
  }

  private _onKernel(): void {
    const kernel = this._conversation.panel.sessionContext.session?.kernel;
    this._isPython = false;
    this._refresh();
    void kernel?.info.then(info => {
      if (kernel === this._conversation.panel.sessionContext.session?.kernel) {
        this._isPython = info.language_info.name === 'python';
        this._refresh();
      }
    });
  }

  private _refresh(): void {
    const isAtWork = ['thinking', 'waits', 'running'].includes(this._conversation.status.phase);
    this._conversation.panel.toggleClass(NO_FIX, isAtWork || !this._isPython || !this._settings.fixButton);
  }

  private _onCells(_: unknown, { type, newValues }: { type: string; newValues: ICellModel[] }): void {
    if (type === 'add') {
      this._add(newValues);
    }
  }

  private _add(models: ICellModel[]): void {
    for (const model of models.filter(isCodeCellModel)) {
      this._models.set(model.outputs, model);
      model.outputs.changed.connect(this._onOutputs, this);
      if (failureOf(model) !== null) {
        this._offer(model);
      }
    }
  }

  /** Called with each output of each cell: looks at an error when it comes, and at what is left when one has gone. */
  private _onOutputs(outputs: Outputs, { type, newValues }: { type: string; newValues: { type: string }[] }): void {
    const model = this._models.get(outputs);
    if (!model) {
      return;
    }
    const line = this._lines.get(model);
    if (type === 'add' && newValues.some(output => output.type === 'error')) {
      this._offer(model);
    } else if (line && type !== 'add' && failureOf(model) === null) {
      this._lines.delete(model);
      line.dispose();
    }
  }

  private _offer(model: ICodeCellModel): void {
    const cell = this._conversation.panel.content.widgets.find(cell => cell.model === model);
    if (!(cell instanceof CodeCell) || this._lines.has(model) || failureOf(model) === null) {
      return;
    }
    const line = new FixLine(this._conversation, model, this._trans);
    this._lines.set(model, line);
    cell.disposed.connect(() => line.dispose());
    void cell.ready.then(() => {
      if (!line.isDisposed && cell.layout instanceof PanelLayout) {
        cell.layout.insertWidget(cell.layout.widgets.length - 1, line); // below the outputs, above the footer
      }
    });
  }

  private _models = new WeakMap<Outputs, ICodeCellModel>();
  private _lines = new WeakMap<ICodeCellModel, FixLine>();
  private _isPython = false;
}
