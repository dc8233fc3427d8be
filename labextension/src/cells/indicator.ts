/** Button in the notebook's toolbar, shown while a step waits out of view: reveals its cell. */

import { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { Change, Conversation } from '../kernel/conversation';
import { reveal } from '../review/review';

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
    _conversation.changed.connect(this._onChanged, this);
    this._refresh();
  }

  dispose(): void {
    this._watch.disconnect();
    super.dispose();
  }

  private _onChanged(_: Conversation, change: Change): void {
    if (change === 'pending' || change === 'open') {
      this._refresh();
    }
  }

  /** Watch if the cell is in view: then its bar says that it waits, and the button need not. */
  private _refresh(): void {
    const { panel, pending } = this._conversation;
    this._watch.disconnect();
    this._isInView = true; // as long as it is unknown
    this._show();
    requestAnimationFrame(() => {
      if (this.isDisposed || pending !== this._conversation.pending) {
        return;
      }
      const cell = panel.content.widgets.find(({ model }) => model.id === pending?.cell);
      if (cell) {
        this._watch.observe(cell.node);
      } else {
        this._isInView = false;
        this._show();
      }
    });
  }

  /**
   * Once CodeAct is loaded the button keeps its place, unseen: a toolbar whose items change is laid out again, which
   * takes longer than showing the cell. The button is hidden, not the widget, which would lay out the panel again.
   */
  private _show(): void {
    const { isOpen, pending } = this._conversation;
    this._button.hidden = !isOpen;
    this._button.classList.toggle('jp-mod-unseen', pending === null || this._isInView);
  }

  private _button: HTMLButtonElement;
  private _isInView = true;
  private _watch = new IntersectionObserver(entries => {
    this._isInView = entries.at(-1)?.isIntersecting ?? false;
    this._show();
  });
}

/** Add the button before the kernel's name, or at the end of a toolbar without it. */
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
