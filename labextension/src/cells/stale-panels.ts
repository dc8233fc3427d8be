/** Replaces panels by text after their kernel, and with it their widgets, has ended. */

import { CodeCellModel } from '@jupyterlab/cells';
import { IOutputModel } from '@jupyterlab/rendermime';
import { TranslationBundle } from '@jupyterlab/translation';

import { Change, Conversation } from '../kernel/conversation';
import { Listener } from './listener';

const WIDGET = 'application/vnd.jupyter.widget-view+json';
const WIDGET_TARGET = 'jupyter.widget';
/** First line of a panel's text, with its state. */
const PANEL = /^CodeAct · .*/;

export class StalePanels extends Listener {
  constructor(
    private _conversation: Conversation,
    private _trans: TranslationBundle
  ) {
    super();
    const { context, sessionContext } = _conversation.panel;
    _conversation.changed.connect(this._onChanged, this);
    sessionContext.kernelChanged.connect(this._onKernel, this);
    void Promise.all([context.ready, sessionContext.ready]).then(() => this._check());
  }

  private _onKernel(): void {
    void this._check();
  }

  private _onChanged({ isOpen }: Conversation, change: Change): void {
    if (change === 'open' && !isOpen) {
      this._replace(this._widgets());
    }
  }

  /** Replace the panels whose widgets this kernel does not have: a notebook keeps those of earlier kernels. */
  private async _check(): Promise<void> {
    const stale = this._widgets();
    const { session } = this._conversation.panel.sessionContext;
    if (stale.size === 0 || this.isDisposed) {
      return;
    }
    if (session?.kernel) {
      const { kernel } = session;
      const reply = await kernel.requestCommInfo({ target_name: WIDGET_TARGET }).catch(() => null);
      if (reply?.content.status !== 'ok' || kernel !== this._conversation.panel.sessionContext.session?.kernel) {
        return;
      }
      Object.keys(reply.content.comms).forEach(widget => stale.delete(widget));
    }
    this._replace(stale);
  }

  /** Return the ids of the widgets of all panels in the notebook. */
  private _widgets(): Set<string> {
    const cells = [...(this._conversation.panel.content.model?.cells ?? [])];
    return new Set(cells.flatMap(cell => (cell instanceof CodeCellModel ? widgetsOf(cell) : [])));
  }

  /** Replace the widgets by the text that their outputs hold for front ends without widgets. */
  private _replace(stale: ReadonlySet<string>): void {
    for (const cell of this._conversation.panel.content.model?.cells ?? []) {
      if (!(cell instanceof CodeCellModel)) {
        continue;
      }
      for (let index = 0; index < cell.outputs.length; index++) {
        const output = cell.outputs.get(index);
        const text = output.data['text/plain'];
        if (typeof text === 'string' && stale.has(widgetOf(output))) {
          const data = { 'text/plain': text.replace(PANEL, this._text()) };
          cell.outputs.set(index, { output_type: 'display_data', data, metadata: {} });
        }
      }
    }
  }

  private _text(): string {
    return `CodeAct · ${this._trans.__('The kernel has ended. Restart it, load CodeAct, and run %1.', '%codeact continue')}`;
  }
}

function widgetsOf({ outputs }: CodeCellModel): string[] {
  return Array.from({ length: outputs.length }, (_, index) => widgetOf(outputs.get(index))).filter(Boolean);
}

/** Return the id of the widget if the output is a panel, else an empty string. */
function widgetOf({ data }: IOutputModel): string {
  const [text, view] = [data['text/plain'], data[WIDGET] as { model_id?: unknown } | undefined];
  const id = view?.model_id;
  return typeof text === 'string' && PANEL.test(text) && typeof id === 'string' ? id : '';
}
