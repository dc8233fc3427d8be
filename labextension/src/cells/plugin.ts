/** What CodeAct shows in the notebook itself. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Conversation } from '../conversation';
import { Conversations, IConversations } from '../conversations';
import { ISettings, Settings } from '../settings';
import { Fixes } from './fixes';
import { Gestures } from './gestures';
import { addIndicator } from './indicator';
import { Leftovers } from './leftovers';
import { Placement } from './placement';
import { Reviewing } from './reviewing';
import { Steps } from './steps';

export const cells: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:cells',
  description: 'Shows the steps of the CodeAct agent in the notebook, for review.',
  autoStart: true,
  requires: [IConversations, ISettings],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    conversations: Conversations,
    settings: Settings,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('codeact_jupyter');
    const add = (conversation: Conversation): void => {
      const { panel } = conversation;
      const reviewing = new Reviewing(conversation, () => app.shell.activateById(panel.id), trans);
      const parts = [
        reviewing,
        new Steps(reviewing, trans),
        new Placement(reviewing),
        new Gestures(reviewing),
        new Fixes(conversation, settings, trans),
        new Leftovers(conversation, trans)
      ];
      addIndicator(conversation, trans);
      panel.disposed.connect(() => parts.forEach(part => part.dispose()));
    };
    conversations.all.forEach(add);
    conversations.added.connect((_, conversation) => add(conversation));
  }
};
