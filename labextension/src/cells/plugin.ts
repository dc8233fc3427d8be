/** The plugin that shows the steps in the notebook. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Conversation } from '../kernel/conversation';
import { Conversations, IConversations } from '../kernel/conversations';
import { Review } from '../review/review';
import { ASK_ABOUT } from '../shell/commands';
import { ISettings, Settings } from '../shell/settings';
import { ApprovalEvents } from './approval-events';
import { FixButtons } from './fix';
import { addIndicator } from './indicator';
import { Insertion } from './insertion';
import { PanelNumbers } from './panel-numbers';
import { StalePanels } from './stale-panels';
import { StepCells } from './steps';

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
    const askAbout = (cell: string): void => void app.commands.execute(ASK_ABOUT, { cell });
    const add = (conversation: Conversation): void => {
      const { panel } = conversation;
      const review = new Review(conversation, () => app.shell.activateById(panel.id), trans);
      const parts = [
        review,
        new StepCells(review, askAbout, trans),
        new Insertion(review),
        new ApprovalEvents(review),
        new FixButtons(conversation, settings, askAbout, trans),
        new PanelNumbers(conversation),
        new StalePanels(conversation, trans)
      ];
      addIndicator(conversation, trans);
      panel.disposed.connect(() => parts.forEach(part => part.dispose()));
    };
    conversations.all.forEach(add);
    conversations.added.connect((_, conversation) => add(conversation));
  }
};
