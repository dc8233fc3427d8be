/** The error of a step, folded to the user's own lines, so that the next step stays in view. */

import { CodeCell } from '@jupyterlab/cells';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import { IFailure, ownFrames } from '../kernel/cell-text';

/** An error is folded if that hides so many lines at least. */
const MIN_HIDDEN = 5;
/** MIME type under which JupyterLab renders a traceback. */
const MIME_TYPE = 'application/vnd.jupyter.stderr';
/** Class of the whole error in the outputs. */
const WHOLE = 'jp-CodeAct-wholeError';
/** Class of a cell that shows the whole error. */
const IS_WHOLE = 'jp-mod-wholeError';

export class ShortError extends Panel {
  /** Return the folded error of the cell's last run; null if folding it would hide little. */
  static of(cell: CodeCell, rendermime: IRenderMimeRegistry, trans: TranslationBundle): ShortError | null {
    const { outputs } = cell.model;
    const index = Array.from({ length: outputs.length }, (_, index) => outputs.get(index).type).lastIndexOf('error');
    const whole = cell.outputArea.widgets.at(index);
    if (index < 0 || !whole) {
      return null;
    }
    const failure = outputs.get(index).toJSON() as unknown as IFailure;
    const { text, hidden } = ownFrames(failure);
    const lines = failure.traceback.join('\n').split('\n').length - text.split('\n').length;
    return lines < MIN_HIDDEN ? null : new ShortError(cell, whole, text, hidden, rendermime, trans);
  }

  private constructor(
    private _cell: CodeCell,
    private _whole: Widget,
    text: string,
    hidden: number,
    rendermime: IRenderMimeRegistry,
    trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CodeAct-shortError');
    _whole.addClass(WHOLE);
    const short = rendermime.createRenderer(MIME_TYPE);
    void short.renderModel(rendermime.createModel({ data: { [MIME_TYPE]: text } }));
    this.addWidget(short);
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'jp-CodeAct-button jp-mod-link';
    const tell = (): void => {
      const isWhole = _cell.hasClass(IS_WHOLE);
      button.ariaExpanded = String(isWhole);
      button.textContent = isWhole
        ? trans.__('Show only your lines')
        : trans._n('Show the whole error: %1 more frame', 'Show the whole error: %1 more frames', hidden);
    };
    button.onclick = () => {
      _cell.toggleClass(IS_WHOLE);
      tell();
    };
    tell();
    this.node.append(button);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._whole.removeClass(WHOLE);
      this._cell.removeClass(IS_WHOLE);
      super.dispose();
    }
  }
}
