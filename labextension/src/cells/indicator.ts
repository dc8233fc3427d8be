/** In the notebook's toolbar: that a cell waits for the user, and the way to it. */

import { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { Conversation } from '../conversation';
import { reveal } from '../review';

export class Indicator extends Widget {
  constructor(
    private _conversation: Conversation,
    trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CodeAct-indicatorItem');
    const button = (this._button = document.createElement('button'));
    button.type = 'button';
    button.className = 'jp-CodeAct-indicator';
    button.textContent = trans.__('1 cell waits for you');
    button.title = trans.__('Show the cell that CodeAct proposes');
    button.onclick = () => void reveal(_conversation);
    this.node.append(button);
    _conversation.changed.connect(this._refresh, this);
    this._refresh();
  }

  /**
   * From the first use on it keeps its room: a toolbar whose contents change is measured anew and moves its items, which
   * takes longer than to show the cell. It is the button that is hidden, since a hidden widget has the panel laid out.
   */
  private _refresh(): void {
    const { isOpen, pending } = this._conversation;
    this._button.hidden = !isOpen;
    this._button.classList.toggle('jp-mod-unseen', pending === null);
  }

  private _button: HTMLButtonElement;
}

/** Puts it to the left of the kernel's name, or to the end of the toolbar where that is not shown. */
export function addIndicator(conversation: Conversation, trans: TranslationBundle): void {
  const { panel } = conversation;
  void panel.context.ready.then(() => {
    if (!panel.isDisposed) {
      const indicator = new Indicator(conversation, trans);
      const isPlaced = panel.toolbar.insertBefore('kernelName', 'codeact', indicator);
      if (!isPlaced) {
        panel.toolbar.addItem('codeact', indicator);
      }
    }
  });
}
