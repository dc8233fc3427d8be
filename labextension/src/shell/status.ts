/** The item in the status bar: the phase of the current notebook's conversation. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { Change } from '../kernel/conversation';
import { Conversations, IConversations } from '../kernel/conversations';
import { sentTo } from '../review/labels';
import { reveal } from '../review/review';
import { FOCUS_CHAT, waits } from './commands';

export const status: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:status',
  description: 'Shows in the status bar what CodeAct does in the current notebook.',
  autoStart: true,
  requires: [IConversations],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    conversations: Conversations,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const openChat = (): void => {
      if (app.commands.hasCommand(FOCUS_CHAT)) {
        void app.commands.execute(FOCUS_CHAT);
      }
    };
    const item = new Status(conversations, openChat, (translator ?? nullTranslator).load('codeact_jupyter'));
    statusBar.registerStatusItem(status.id, {
      item,
      align: 'right',
      rank: 100,
      isActive: () => item.isActive,
      activeStateChanged: item.changed
    });
  }
};

class Status extends Widget {
  constructor(
    private _conversations: Conversations,
    private _openChat: () => void,
    private _trans: TranslationBundle
  ) {
    super({ node: document.createElement('button') });
    this.addClass('jp-CodeAct-status');
    this.addClass('jp-mod-highlighted');
    this.node.addEventListener('click', this._onClick);
    _conversations.currentChanged.connect(this._update, this);
    _conversations.changed.connect(this._onChanged, this);
    this._update();
  }

  /** True if CodeAct is loaded in the kernel of the current notebook. */
  get isActive(): boolean {
    return this._conversations.current?.isOpen ?? false;
  }

  /** Emitted when the text or `isActive` may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  dispose(): void {
    this.node.removeEventListener('click', this._onClick);
    super.dispose();
  }

  private _onChanged(_: Conversations, { change }: { change: Change }): void {
    if (change !== 'stream') {
      this._update();
    }
  }

  private _update(): void {
    const { phase, host } = this._conversations.current?.status ?? { phase: 'idle', host: '' };
    const trans = this._trans;
    const labels = {
      idle: trans.__('CodeAct: idle'),
      thinking: trans.__('CodeAct: thinking'),
      waits: trans.__('CodeAct: waits for you'),
      running: trans.__('CodeAct: running'),
      paused: trans.__('CodeAct: paused')
    };
    this.node.textContent = [labels[phase], host && sentTo(host, trans)].filter(part => part).join(' · ');
    this.node.title = phase === 'waits' ? trans.__('Go to the waiting cell') : trans.__('Open the CodeAct chat');
    this.node.dataset.phase = phase;
    this._changed.emit();
  }

  private _onClick = (): void => {
    const conversation = this._conversations.current;
    if (conversation && waits(conversation)) {
      void reveal(conversation);
    } else {
      this._openChat();
    }
  };

  private _changed = new Signal<this, void>(this);
}
