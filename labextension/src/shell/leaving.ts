/** Leaving a conversation for a new or an earlier one: the user is asked first. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { Conversation } from '../kernel/conversation';
import { choose } from './choice';

/** Begin a new conversation, if the user agrees to leave this one. */
export async function beginAnew(conversation: Conversation, trans: TranslationBundle): Promise<void> {
  if (conversation.items.length > 0) {
    const { button } = await showDialog({
      title: trans.__('Begin a new conversation?'),
      body: trans.__(
        'The model forgets what was said. Your cells and variables stay, and so does this conversation, under ' +
          '“Earlier conversations”.'
      ),
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Begin anew') })]
    });
    if (!button.accept) {
      return;
    }
  }
  await conversation.reset();
}

/** Let the user choose one of the earlier conversations in this notebook, and open it. */
export async function openEarlier(conversation: Conversation, trans: TranslationBundle): Promise<void> {
  const title = trans.__('Earlier conversations in this notebook');
  const earlier = await conversation.earlier();
  if (earlier.length === 0) {
    await showDialog({
      title,
      body: trans.__('There is no earlier conversation in this notebook.'),
      buttons: [Dialog.okButton()]
    });
    return;
  }
  const chosen = await choose({
    title,
    label: trans.__('The model reads the one that you open before your next question. This one stays in the list.'),
    entries: earlier.map(
      ({ title, begun, questions }) =>
        `${title}\n${new Date(1000 * begun).toLocaleString()} · ${trans._n('%1 question', '%1 questions', questions)}`
    ),
    okLabel: trans.__('Open')
  });
  if (chosen !== null) {
    await conversation.reopen(earlier[chosen].name);
  }
}
