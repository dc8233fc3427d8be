/** The plugin that connects the open notebooks with CodeAct in their kernels, and applies the settings there. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { Conversations, IConversations } from '../kernel/conversations';
import { notifyError } from './notify';
import { ISettings, Options, Settings } from './settings';

export const conversations: JupyterFrontEndPlugin<Conversations> = {
  id: 'codeact-jupyter:conversations',
  description: 'Connects the open notebooks with CodeAct in their kernels.',
  autoStart: true,
  provides: IConversations,
  requires: [INotebookTracker, ISettings],
  activate: (_app: JupyterFrontEnd, notebooks: INotebookTracker, settings: Settings) => {
    const all = new Conversations(notebooks, () => settings.options());
    settings.changed.connect((_, options) => setOptions(all, options));
    return all;
  }
};

/** Set the options in all kernels. A kernel without CodeAct gets all options when it is loaded there. */
function setOptions(conversations: Conversations, options: Options): void {
  for (const conversation of conversations.all) {
    for (const [name, value] of Object.entries(options)) {
      conversation.set(name, value).catch((error: unknown) => conversation.isOpen && notifyError(conversation, error));
    }
  }
}
