/** The plugin that tells of a step that waits where the user does not look. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { Conversation } from '../kernel/conversation';
import { Conversations, IConversations } from '../kernel/conversations';
import { reveal } from '../review/review';
import { notifyError } from './notify';

/** Before the title of a browser's tab in which a step waits. */
const MARK = '● ';

export const waiting: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:waiting',
  description: 'Tells of steps of CodeAct that wait in another tab.',
  autoStart: true,
  requires: [IConversations],
  optional: [ITranslator],
  activate: (_app: JupyterFrontEnd, conversations: Conversations, translator: ITranslator | null): void => {
    const notices = new Notices((translator ?? nullTranslator).load('codeact_jupyter'));
    const mark = (): void => markTab(conversations.all.some(({ pending }) => pending && !pending.run));
    conversations.changed.connect((_, { conversation, change }) => {
      if (change === 'pending' || change === 'open') {
        notices.update(conversation);
        mark();
      }
    });
    conversations.currentChanged.connect((_, current) => {
      if (current) {
        notices.dismiss(current);
      }
    });
    document.addEventListener('visibilitychange', () => {
      conversations.all.forEach(each => notices.seen(each));
      mark();
    });
  }
};

/** Mark the title of the browser's tab while the tab is hidden and a step waits. */
export function markTab(isWaiting: boolean): void {
  const title = document.title.startsWith(MARK) ? document.title.slice(MARK.length) : document.title;
  const marked = isWaiting && document.visibilityState === 'hidden' ? `${MARK}${title}` : title;
  if (marked !== document.title) {
    document.title = marked;
  }
}

/** At most one notification for each conversation. */
export class Notices {
  constructor(private _trans: TranslationBundle) {}

  /** Tell of the step that waits, once, if its notebook is not in view; remove the notification of another one. */
  update(conversation: Conversation): void {
    const { panel, pending } = conversation;
    const last = this._told.get(conversation);
    if (last?.proposal === pending?.proposal) {
      return;
    }
    this.dismiss(conversation);
    if (!pending || pending.run || isInView(panel)) {
      return;
    }
    const id = Notification.info(this._trans.__('%1: step %2 waits for you.', panel.title.label, pending.step), {
      autoClose: false,
      actions: [
        {
          label: this._trans.__('Show'),
          callback: () =>
            void reveal(conversation).catch((error: unknown) => notifyError(conversation, error, this._trans))
        }
      ]
    });
    this._told.set(conversation, { proposal: pending.proposal, id });
  }

  /** Remove the notification of a conversation whose notebook has come into view with the browser's tab. */
  seen(conversation: Conversation): void {
    if (isInView(conversation.panel)) {
      this.dismiss(conversation);
    }
  }

  /** Remove the notification of a conversation. */
  dismiss(conversation: Conversation): void {
    const told = this._told.get(conversation);
    if (told) {
      Notification.dismiss(told.id);
      this._told.delete(conversation);
    }
  }

  private _told = new Map<Conversation, { proposal: string; id: string }>();
}

function isInView({ isVisible }: Conversation['panel']): boolean {
  return isVisible && document.visibilityState === 'visible';
}
