import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { announcer } from './announcer';
import { cells } from './cells/plugin';
import { chat } from './chat/plugin';
import { commands } from './commands';
import { Conversations, IConversations } from './conversations';
import { ISettings, Settings, settings, tell } from './settings';
import { status } from './status';

const conversations: JupyterFrontEndPlugin<Conversations> = {
  id: 'codeact-jupyter:conversations',
  description: 'Connects the open notebooks with CodeAct in their kernels.',
  autoStart: true,
  provides: IConversations,
  requires: [INotebookTracker, ISettings],
  activate: (_app: JupyterFrontEnd, notebooks: INotebookTracker, settings: Settings) => {
    const all = new Conversations(notebooks, () => settings.options());
    settings.changed.connect((_, options) => tell(all, options));
    return all;
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [settings, conversations, cells, chat, commands, status, announcer];

export default plugins;
