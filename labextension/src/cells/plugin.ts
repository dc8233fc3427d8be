/** What CodeAct shows in the notebook itself. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Conversations, IConversations } from '../conversations';

export const cells: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:cells',
  description: 'Shows the steps of the CodeAct agent in the notebook, for review.',
  autoStart: true,
  requires: [IConversations],
  activate: (_app: JupyterFrontEnd, _conversations: Conversations): void => {
    return;
  }
};
