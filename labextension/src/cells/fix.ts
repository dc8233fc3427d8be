/** Below a cell that failed: a quiet line that asks CodeAct for a fix. */

import { ICodeCellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { Conversation } from '../conversation';
import { failureOf } from './failure';

export class FixLine extends Widget {
  constructor(
    private _conversation: Conversation,
    private _model: ICodeCellModel,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CodeAct-fix');
    this._button.type = 'button';
    this._button.className = 'jp-CodeAct-button jp-mod-link';
    this._button.textContent = _trans.__('Fix with CodeAct');
    this._button.onclick = event => void this._ask(event);
    this._words.setAttribute('role', 'status');
    this.node.append(this._button, this._words);
  }

  private async _ask(event: Event): Promise<void> {
    const output = failureOf(this._model);
    if (!event.isTrusted || output === null) {
      return;
    }
    this._button.disabled = true;
    this._words.textContent = this._trans.__('asking …');
    const source = this._model.sharedModel.getSource();
    try {
      await this._conversation.ask('', { kind: 'fix', after: this._model.id, cells: [{ source, output }] });
      this._words.textContent = '';
    } catch (error) {
      this._words.textContent = String(error instanceof Error ? error.message : error);
    }
    this._button.disabled = false;
  }

  private _button = document.createElement('button');
  private _words = document.createElement('span');
}
