/** The plugin that connects the open notebooks with CodeAct in their kernels, and applies the settings there. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { Conversation } from '../kernel/conversation';
import { Conversations, IConversations } from '../kernel/conversations';
import { notifyError } from './notify';
import { ISettings, OptionChanges, Settings } from './settings';

export const conversations: JupyterFrontEndPlugin<Conversations> = {
  id: 'codeact-jupyter:conversations',
  description: 'Connects the open notebooks with CodeAct in their kernels.',
  autoStart: true,
  provides: IConversations,
  requires: [INotebookTracker, ISettings],
  activate: (_app: JupyterFrontEnd, notebooks: INotebookTracker, settings: Settings) => {
    const all = new Conversations(notebooks, () => settings.options());
    settings.changed.connect((_, options) => setOptions(all, options));
    const follow = (conversation: Conversation): void => {
      conversation.refused.connect((_, text) => notifyError(conversation, text));
    };
    all.all.forEach(follow);
    all.added.connect((_, conversation) => follow(conversation));
    return all;
  }
};

/** Set the options in all kernels. A kernel without CodeAct gets all options when it is loaded there. */
function setOptions(conversations: Conversations, options: OptionChanges): void {
  for (const conversation of conversations.all) {
    for (const [name, value] of Object.entries(options)) {
      const isModel = name === 'model' && typeof value === 'string';
      const set = isModel ? conversation.prefer(value) : conversation.set(name, value);
      set.catch((error: unknown) => conversation.isOpen && notifyError(conversation, error));
    }
  }
}
