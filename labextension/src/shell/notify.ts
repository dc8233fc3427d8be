/** Error notifications, for actions that cannot show an error elsewhere. */

import { Notification } from '@jupyterlab/apputils';

import { Conversation } from '../kernel/conversation';

/** Show the error until the user closes it. */
export function notifyError(conversation: Conversation | null, error: unknown): void {
  const where = conversation ? `CodeAct, ${conversation.panel.title.label}` : 'CodeAct';
  Notification.error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { autoClose: false });
}
