/** Error notifications, for actions that cannot show an error elsewhere. */

import { Notification, showErrorMessage } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { Conversation } from '../kernel/conversation';
import { told } from '../review/labels';

/** JupyterLab cuts notifications of more characters. */
const CUT = 140;

/** Show the error until the user closes it; the whole of a long one on demand. */
export function notifyError(conversation: Conversation | null, error: unknown, trans: TranslationBundle): void {
  const where = conversation ? `CodeAct, ${conversation.panel.title.label}` : 'CodeAct';
  const text = told(error instanceof Error ? error.message : String(error), trans);
  const whole = {
    label: trans.__('Show all of it'),
    callback: (event: MouseEvent) => {
      event.preventDefault(); // the notification stays
      void showErrorMessage(where, text);
    }
  };
  const message = `${where}: ${text}`;
  Notification.error(message, { autoClose: false, actions: message.length > CUT ? [whole] : [] });
}
