/** The panels of a kernel that is gone: their widgets are dead, and what they say is no longer so. */

import { CodeCellModel } from '@jupyterlab/cells';
import { IOutputModel } from '@jupyterlab/rendermime';
import { TranslationBundle } from '@jupyterlab/translation';

import { Change, Conversation } from '../conversation';
import { Listener } from './listener';

const WIDGET = 'application/vnd.jupyter.widget-view+json';
const WIDGET_TARGET = 'jupyter.widget';
/** How the text of a panel begins; its first line says how things stood. */
const PANEL = /^CodeAct · .*/;

export class Leftovers extends Listener {
  constructor(
    private _conversation: Conversation,
    private _trans: TranslationBundle
  ) {
    super();
    const { context, sessionContext } = _conversation.panel;
    _conversation.changed.connect(this._onChanged, this);
    sessionContext.kernelChanged.connect(this._onKernel, this);
    void Promise.all([context.ready, sessionContext.ready]).then(() => this._look());
  }

  private _onKernel(): void {
    void this._look();
  }

  private _onChanged({ isOpen }: Conversation, change: Change): void {
    if (change === 'open' && !isOpen) {
      this._settle(this._shown());
    }
  }

  /** The notebook may come with panels of a kernel that ended earlier: this one does not have their widgets. */
  private async _look(): Promise<void> {
    const shown = this._shown();
    const { session } = this._conversation.panel.sessionContext;
    if (shown.size === 0 || this.isDisposed) {
      return;
    }
    if (session?.kernel) {
      const { kernel } = session;
      const reply = await kernel.requestCommInfo({ target_name: WIDGET_TARGET }).catch(() => null);
      if (reply?.content.status !== 'ok' || kernel !== this._conversation.panel.sessionContext.session?.kernel) {
        return;
      }
      Object.keys(reply.content.comms).forEach(widget => shown.delete(widget));
    }
    this._settle(shown);
  }

  /** The widgets of all panels, by their ids. */
  private _shown(): Set<string> {
    const cells = [...(this._conversation.panel.content.model?.cells ?? [])];
    return new Set(cells.flatMap(cell => (cell instanceof CodeCellModel ? widgetsOf(cell) : [])));
  }

  /** In the place of these widgets comes their text, which is in the output too. */
  private _settle(dead: ReadonlySet<string>): void {
    for (const cell of this._conversation.panel.content.model?.cells ?? []) {
      if (!(cell instanceof CodeCellModel)) {
        continue;
      }
      for (let index = 0; index < cell.outputs.length; index++) {
        const output = cell.outputs.get(index);
        const text = output.data['text/plain'];
        if (typeof text === 'string' && dead.has(widgetOf(output))) {
          const data = { 'text/plain': text.replace(PANEL, this._words()) };
          cell.outputs.set(index, { output_type: 'display_data', data, metadata: {} });
        }
      }
    }
  }

  private _words(): string {
    return `CodeAct · ${this._trans.__('The kernel ended here. %1 takes it up again.', '%codeact continue')}`;
  }
}

function widgetsOf({ outputs }: CodeCellModel): string[] {
  return Array.from({ length: outputs.length }, (_, index) => widgetOf(outputs.get(index))).filter(Boolean);
}

/** The id of the widget that an output of ours shows; an empty string for any other output. */
function widgetOf({ data }: IOutputModel): string {
  const [text, view] = [data['text/plain'], data[WIDGET] as { model_id?: unknown } | undefined];
  const id = view?.model_id;
  return typeof text === 'string' && PANEL.test(text) && typeof id === 'string' ? id : '';
}
