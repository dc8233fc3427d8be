/** The actions of the slash commands and of the chat's controls. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { Conversation } from '../kernel/conversation';
import { IModelFile, Mode } from '../kernel/protocol';
import { isAutoConfirmed } from '../review/auto';
import { formatBytes, modelLabel, told } from '../review/labels';
import { lastFailed } from './notebook';
import { Outbox } from './outbox';
import { describe, help, ICommand, isCommand, Name } from './slash';

/** The chat as far as the actions need it. */
export interface IChat {
  readonly conversation: Conversation;
  readonly outbox: Pick<Outbox, 'add'>;
  readonly trans: TranslationBundle;
  /** Add a line to the chat that only this page shows. */
  note(text: string): void;
}

/** Run a slash command. Reject with a message for the user. */
export async function runCommand(chat: IChat, { name, argument }: ICommand): Promise<void> {
  const { trans } = chat;
  if (!isCommand(name)) {
    throw new Error(trans.__('There is no command /%1. /help lists all commands.', name));
  }
  if (argument && !describe(trans)[name].takes && name !== 'fix' && name !== 'explain') {
    throw new Error(trans.__('/%1 takes no argument.', name));
  }
  await ACTIONS[name](chat, argument);
}

const ACTIONS: { [name in Name]: (chat: IChat, argument: string) => Promise<void> | void } = {
  reset: chat => chat.conversation.reset(),
  model: (chat, name) => (name ? chooseModel(chat, name) : listModels(chat)),
  mode: async (chat, mode) => {
    if (mode !== 'ask' && mode !== 'auto') {
      throw new Error(chat.trans.__('The mode is ask or auto: /mode ask'));
    }
    await chooseMode(chat, mode);
  },
  stop: chat => chat.conversation.stop(),
  continue: chat => chat.conversation.continue(),
  fix: (chat, text) => {
    const cell = lastFailed(chat.conversation.panel);
    if (!cell) {
      throw new Error(chat.trans.__('No cell of this notebook has failed.'));
    }
    chat.outbox.add(`/fix ${text}`.trim(), { kind: 'fix', text, cell: cell.id });
  },
  explain: (chat, text) => {
    const cell = chat.conversation.panel.content.activeCell?.model;
    if (!cell?.sharedModel.getSource().trim()) {
      throw new Error(chat.trans.__('Select the cell to explain in the notebook.'));
    }
    chat.outbox.add(`/explain ${text}`.trim(), { kind: 'explain', text, cell: cell.id });
  },
  help: chat => {
    chat.note(help(chat.trans));
  }
};

async function listModels(chat: IChat): Promise<void> {
  await chat.conversation.load();
  const models = await chat.conversation.models();
  chat.note(models.map(file => `/model ${modelLabel(file, chat.trans)}  ${told(file.purpose, chat.trans)}`).join('\n'));
}

/** Use the model from now on. One that is not installed is downloaded first, if the user agrees to size and licence. */
export async function chooseModel({ conversation, trans }: IChat, name: string): Promise<void> {
  await conversation.load();
  const file = (await conversation.models()).find(model => model.name === name);
  if (!file || file.installed) {
    await conversation.set('model', name);
  } else if (await isAgreed(file)) {
    await conversation.pull(name);
  }

  async function isAgreed({ bytes, licence, left, needs }: IModelFile): Promise<boolean> {
    const memory = left >= 0 ? '' : trans.__('It needs %1 of memory, which is not free now. ', formatBytes(needs));
    const { button } = await showDialog({
      title: trans.__('Download %1?', name),
      body: trans.__(
        'The download takes %1. The weights have the licence %2. %3You can pause it, and go on working meanwhile.',
        formatBytes(bytes),
        licence,
        memory
      ),
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Download') })]
    });
    return button.accept;
  }
}

/** Set the mode. `auto` asks the user for confirmation. */
export async function chooseMode({ conversation, trans }: IChat, mode: Mode): Promise<void> {
  if (mode === 'auto' && !(await isAutoConfirmed([conversation], trans))) {
    return;
  }
  await conversation.load();
  await conversation.set('mode', mode);
}
