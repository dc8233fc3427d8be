/** "Fix with CodeAct" below each cell whose last run ended in an error, and that error folded if it is a step's. */

import { CodeCell, ICellModel, ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';
import { PanelLayout, Widget } from '@lumino/widgets';

import { failureOf } from '../kernel/cell-text';
import { Change, Conversation } from '../kernel/conversation';
import { KernelWatch } from '../kernel/kernel-watch';
import { told } from '../review/labels';
import { readMetadata } from '../review/metadata';
import { Settings } from '../shell/settings';
import { Listener } from './listener';
import { ShortError } from './short-error';

type Outputs = ICodeCellModel['outputs'];

/** Class of the panel while the buttons are hidden: CodeAct is busy, no Python kernel runs, or the setting is off. */
const HIDDEN = 'jp-CodeAct-noFix';

export class FixButtons extends Listener {
  constructor(
    private _conversation: Conversation,
    private _settings: Settings,
    private _askAbout: (cell: string) => void,
    private _trans: TranslationBundle
  ) {
    super();
    const { panel } = _conversation;
    _conversation.changed.connect(this._onChanged, this);
    _settings.changed.connect(this._refresh, this);
    this._kernel = new KernelWatch(panel.sessionContext);
    this._kernel.changed.connect(this._refresh, this);
    this._refresh();
    void panel.context.ready.then(() => {
      const { model } = panel.content;
      if (model && !this.isDisposed) {
        model.cells.changed.connect(this._onCells, this);
        this._add([...model.cells]);
      }
    });
  }

  dispose(): void {
    this._kernel.dispose();
    super.dispose();
  }

  private _onChanged(_: Conversation, change: Change): void {
    if (change === 'status' || change === 'open') {
      this._refresh();
    }
  }

  private _refresh(): void {
    const isBusy = ['thinking', 'waits', 'running'].includes(this._conversation.status.phase);
    this._conversation.panel.toggleClass(
      HIDDEN,
      isBusy || this._kernel.state !== 'python' || !this._settings.fixButton
    );
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
        this._addButton(model);
      }
    }
  }

  /** Add a button when an error is added, and remove it when no error is left. */
  private _onOutputs(outputs: Outputs, { type, newValues }: { type: string; newValues: { type: string }[] }): void {
    const model = this._models.get(outputs);
    if (!model) {
      return;
    }
    const button = this._buttons.get(model);
    if (type === 'add' && newValues.some(output => output.type === 'error')) {
      this._addButton(model);
    } else if (button && type !== 'add' && failureOf(model) === null) {
      this._buttons.delete(model);
      button.dispose();
    }
  }

  private _addButton(model: ICodeCellModel): void {
    const cell = this._conversation.panel.content.widgets.find(cell => cell.model === model);
    if (!(cell instanceof CodeCell) || this._buttons.has(model) || failureOf(model) === null) {
      return;
    }
    const button = new FixButton(this._conversation, model, this._askAbout, this._trans);
    this._buttons.set(model, button);
    cell.disposed.connect(() => button.dispose());
    void cell.ready.then(() => {
      if (button.isDisposed || !(cell.layout instanceof PanelLayout)) {
        return;
      }
      const { rendermime } = this._conversation.panel.content;
      const error = readMetadata(model) && ShortError.of(cell, rendermime, this._trans);
      if (error) {
        cell.layout.insertWidget(cell.layout.widgets.length - 1, error); // below the outputs, above the footer
        button.disposed.connect(() => error.dispose());
      }
      cell.layout.insertWidget(cell.layout.widgets.length - 1, button);
    });
  }

  private _models = new WeakMap<Outputs, ICodeCellModel>();
  private _buttons = new WeakMap<ICodeCellModel, FixButton>();
  private _kernel: KernelWatch;
}

class FixButton extends Widget {
  constructor(
    private _conversation: Conversation,
    private _model: ICodeCellModel,
    askAbout: (cell: string) => void,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CodeAct-fix');
    this._button.type = 'button';
    this._button.className = 'jp-CodeAct-button jp-mod-link';
    this._button.textContent = _trans.__('Fix with CodeAct');
    this._button.onclick = event => void this._ask(event);
    const about = document.createElement('button');
    about.type = 'button';
    about.className = 'jp-CodeAct-button jp-mod-link';
    about.textContent = _trans.__('Ask about this output');
    about.onclick = () => askAbout(_model.id);
    this._message.setAttribute('role', 'status');
    this.node.append(this._button, about, this._message);
  }

  private async _ask(event: Event): Promise<void> {
    const output = failureOf(this._model);
    if (!event.isTrusted || output === null) {
      return;
    }
    this._button.disabled = true;
    this._message.textContent = this._trans.__('asking …');
    const source = this._model.sharedModel.getSource();
    try {
      await this._conversation.ask('', { kind: 'fix', after: this._model.id, cells: [{ source, output }] });
      this._message.textContent = '';
    } catch (error) {
      this._message.textContent = told(String(error instanceof Error ? error.message : error), this._trans);
    }
    this._button.disabled = false;
  }

  private _button = document.createElement('button');
  private _message = document.createElement('span');
}
