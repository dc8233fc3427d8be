/** What went wrong, where no line of ours has a place for it. */

import { Notification } from '@jupyterlab/apputils';

import { Conversation } from './conversation';

export function complain(conversation: Conversation | null, error: unknown): void {
  const where = conversation ? `CodeAct, ${conversation.panel.title.label}` : 'CodeAct';
  Notification.error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { autoClose: false });
}
