/** The panels of a kernel that is gone: their widgets are dead, and what they say is no longer so. */

import { CodeCellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';

import { Change, Conversation } from '../conversation';
import { Listener } from './listener';

const WIDGET = 'application/vnd.jupyter.widget-view+json';
/** How the text of a panel begins; its first line says how things stood. */
const PANEL = /^CodeAct · .*/;

export class Leftovers extends Listener {
  constructor(
    conversation: Conversation,
    private _trans: TranslationBundle
  ) {
    super();
    conversation.changed.connect(this._onChanged, this);
  }

  private _onChanged({ isOpen, panel }: Conversation, change: Change): void {
    if (change !== 'open' || isOpen) {
      return;
    }
    for (const model of panel.content.model?.cells ?? []) {
      if (model instanceof CodeCellModel) {
        this._settle(model);
      }
    }
  }

  /** In the place of the widgets comes their text, which is in the output too. */
  private _settle({ outputs }: CodeCellModel): void {
    for (let index = 0; index < outputs.length; index++) {
      const output = outputs.get(index);
      const text = output.data['text/plain'];
      if (WIDGET in output.data && typeof text === 'string' && PANEL.test(text)) {
        const first = `CodeAct · ${this._trans.__('The kernel ended here. %1 takes it up again.', '%codeact continue')}`;
        outputs.set(index, {
          output_type: 'display_data',
          data: { 'text/plain': text.replace(PANEL, first) },
          metadata: {}
        });
      }
    }
  }
}
