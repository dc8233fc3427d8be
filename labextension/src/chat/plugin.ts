/** The chat in the sidebar. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Conversations, IConversations } from '../conversations';

export const chat: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:chat',
  description: 'The CodeAct conversation of the current notebook, as a chat in the sidebar.',
  autoStart: true,
  requires: [IConversations],
  activate: (_app: JupyterFrontEnd, _conversations: Conversations): void => {
    return;
  }
};
