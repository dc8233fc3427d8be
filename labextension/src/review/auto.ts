/** The question before `auto` mode, wherever the user asks for it. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { Conversation } from '../kernel/conversation';

/** Ask if steps may run in these notebooks without an approval; resolve with the user's word. */
export async function isAutoConfirmed(conversations: Conversation[], trans: TranslationBundle): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Run the model’s code without asking?'),
    body: trans.__(
      'From now on CodeAct runs steps in %1 at once, before you have read them, if their trials wanted no more than ' +
        'the kernel’s option `reach` allows. Code may do other things than in its trial, and can do whatever you can: ' +
        'change and delete files, or use the network. Stop ends it at any time.',
      conversations.map(({ panel }) => panel.title.label).join(', ')
    ),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Run without asking') })],
    defaultButton: 0
  });
  return button.accept;
}
