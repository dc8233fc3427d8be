/** What the commands and the controls of the chat do. */

import { Dialog, showDialog } from '@jupyterlab/apputils';

import { failureOf } from '../cells/failure';
import { lastFailed, toText } from './cells';
import type { ChatModel } from './model';
import { describe, help, ICommand, isCommand, Name } from './slash';

/** Throws what went wrong. */
export async function runCommand(model: ChatModel, { name, argument }: ICommand): Promise<void> {
  const { trans } = model;
  if (!isCommand(name)) {
    throw new Error(trans.__('There is no command /%1. /help lists those that there are.', name));
  }
  if (argument && !describe(trans)[name].takes && name !== 'fix' && name !== 'explain') {
    throw new Error(trans.__('/%1 takes nothing after it.', name));
  }
  await ACTIONS[name](model, argument);
}

const ACTIONS: { [name in Name]: (model: ChatModel, argument: string) => Promise<void> } = {
  reset: model => model.conversation.reset(),
  model: (model, name) => (name ? chooseModel(model, name) : listModels(model)),
  mode: async (model, mode) => {
    if (mode !== 'ask' && mode !== 'auto') {
      throw new Error(model.trans.__('The mode is ask or auto: /mode ask'));
    }
    await chooseMode(model, mode);
  },
  stop: model => model.conversation.stop(),
  continue: model => model.conversation.continue(),
  fix: async (model, text) => {
    const cell = lastFailed(model.conversation.panel);
    if (!cell) {
      throw new Error(model.trans.__('No cell of this notebook has failed.'));
    }
    const cells = [{ source: cell.sharedModel.getSource(), output: failureOf(cell) ?? '' }];
    await model.conversation.ask(text, { kind: 'fix', after: cell.id, cells });
  },
  explain: async (model, text) => {
    const cell = model.conversation.panel.content.activeCell?.model;
    if (!cell?.sharedModel.getSource().trim()) {
      throw new Error(model.trans.__('Select the cell to explain in the notebook.'));
    }
    await model.conversation.ask(text, { kind: 'explain', after: cell.id, cells: [toText(cell)] });
  },
  help: model => {
    model.note(help(model.trans));
    return Promise.resolve();
  }
};

async function listModels(model: ChatModel): Promise<void> {
  await model.conversation.load();
  const models = await model.conversation.models();
  model.note(models.map(({ name, title }) => `/model ${name}  ${title}`).join('\n'));
}

/** Uses the model from now on, and fetches its file when it is not there. */
export async function chooseModel({ conversation }: ChatModel, name: string): Promise<void> {
  await conversation.load();
  const models = await conversation.models();
  await conversation.set('model', name);
  if (models.some(model => model.name === name && !model.installed)) {
    await conversation.pull(name);
  }
}

/** Changes the mode; to run by itself needs the user's word. */
export async function chooseMode({ conversation, trans }: ChatModel, mode: 'ask' | 'auto'): Promise<void> {
  if (mode === 'auto' && !(await isMeant())) {
    return;
  }
  await conversation.load();
  await conversation.set('mode', mode);

  async function isMeant(): Promise<boolean> {
    const { button } = await showDialog({
      title: trans.__('Run the model’s code without asking?'),
      body: trans.__(
        'From now on CodeAct runs each step in %1 at once, before you have read it. ' +
          'The code can do whatever you can: change and delete files, or use the network. Stop ends it at any time.',
        conversation.panel.title.label
      ),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Run by itself') })],
      defaultButton: 0
    });
    return button.accept;
  }
}
