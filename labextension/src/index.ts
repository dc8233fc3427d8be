import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { cells } from './cells/plugin';
import { chat } from './chat/plugin';
import { commands } from './commands';
import { Conversations, IConversations } from './conversations';

const conversations: JupyterFrontEndPlugin<Conversations> = {
  id: 'codeact-jupyter:conversations',
  description: 'Connects the open notebooks with CodeAct in their kernels.',
  autoStart: true,
  provides: IConversations,
  requires: [INotebookTracker],
  activate: (_app: JupyterFrontEnd, notebooks: INotebookTracker) => new Conversations(notebooks, () => ({}))
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [conversations, cells, chat, commands];

export default plugins;
