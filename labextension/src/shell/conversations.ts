/** The plugin that connects the open notebooks with CodeAct in their kernels, and applies the settings there. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { Conversation } from '../kernel/conversation';
import { Conversations, IConversations } from '../kernel/conversations';
import { Option } from '../kernel/protocol';
import { isAutoConfirmed } from '../review/auto';
import { notifyError } from './notify';
import { ISettings, OptionChanges, Settings } from './settings';

export const conversations: JupyterFrontEndPlugin<Conversations> = {
  id: 'codeact-jupyter:conversations',
  description: 'Connects the open notebooks with CodeAct in their kernels.',
  autoStart: true,
  provides: IConversations,
  requires: [INotebookTracker, ISettings],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    settings: Settings,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('codeact_jupyter');
    const all = new Conversations(notebooks, () => settings.options());
    settings.changed.connect((_, options) => void setOptions(all.all, options, trans));
    const follow = (conversation: Conversation): void => {
      conversation.refused.connect((_, text) => notifyError(conversation, text, trans));
    };
    all.all.forEach(follow);
    all.added.connect((_, conversation) => follow(conversation));
    return all;
  }
};

/** Set the options in all kernels. A kernel without CodeAct gets all options when it is loaded there. */
export async function setOptions(
  conversations: Conversation[],
  options: OptionChanges,
  trans: TranslationBundle
): Promise<void> {
  const { mode, ...others } = options;
  Object.entries(others).forEach(([name, value]) => setOption(conversations, name, value, trans));
  if (mode === 'auto') {
    const asking = conversations.filter(({ isOpen, status }) => isOpen && status.mode !== mode);
    if (asking.length > 0 && (await isAutoConfirmed(asking, trans))) {
      setOption(asking, 'mode', mode, trans);
    }
  } else if ('mode' in options) {
    setOption(conversations, 'mode', mode, trans);
  }
}

function setOption(conversations: Conversation[], name: string, value: Option | null, trans: TranslationBundle): void {
  for (const conversation of conversations) {
    const isModel = name === 'model' && typeof value === 'string';
    const set = isModel ? conversation.prefer(value) : conversation.set(name, value);
    set.catch((error: unknown) => conversation.isOpen && notifyError(conversation, error, trans));
  }
}
