/** The commands and their entries in the palette. None approves a step: that takes a click or a key of the user. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { isCodeCellModel } from '@jupyterlab/cells';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { numberCells } from '../kernel/cell-numbers';
import { Conversation } from '../kernel/conversation';
import { Conversations, IConversations } from '../kernel/conversations';
import { openReject, reveal } from '../review/review';
import { beginAnew, openEarlier } from './leaving';
import { notifyError } from './notify';

/** Command that the chat plugin provides. */
export const FOCUS_CHAT = 'codeact-jupyter:focus-chat';

/** Command that asks about the output of the active cell, or of the one with the id in its argument `cell`. */
export const ASK_ABOUT = 'codeact-jupyter:ask-about-output';

interface IAction {
  id: string;
  label: string;
  caption: string;
  /** Return the conversation that the command would act on, or null if it is disabled. */
  target: () => Conversation | null;
  act: (conversation: Conversation) => Promise<void>;
}

export const commands: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:commands',
  description: 'The commands of CodeAct, and their entries in the palette.',
  autoStart: true,
  requires: [IConversations],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    conversations: Conversations,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('codeact_jupyter');
    const category = trans.__('CodeAct');
    const actions = actionsOn(conversations, trans);
    for (const action of actions) {
      app.commands.addCommand(action.id, {
        label: action.label,
        caption: action.caption,
        isEnabled: () => action.target() !== null,
        describedBy: { args: { type: 'object', properties: {} } },
        execute: () => perform(action, trans)
      });
    }
    app.commands.addCommand(ASK_ABOUT, {
      label: trans.__('Ask CodeAct About This Output'),
      caption: trans.__('Mention the cell in the chat, so that the model reads its code and its output'),
      isEnabled: ({ cell }) => mentionOf(conversations.current, cell) !== null,
      describedBy: { args: { type: 'object', properties: { cell: { type: 'string' } } } },
      execute: ({ cell }) => {
        const text = mentionOf(conversations.current, cell);
        return text === null ? undefined : app.commands.execute(FOCUS_CHAT, { text });
      }
    });
    for (const command of [FOCUS_CHAT, ASK_ABOUT, ...actions.map(({ id }) => id)]) {
      palette?.addItem({ command, category });
    }
    onChange(conversations, () => actions.forEach(({ id }) => app.commands.notifyCommandChanged(id)));
  }
};

function actionsOn(conversations: Conversations, trans: TranslationBundle): IAction[] {
  const current = (condition: (conversation: Conversation) => boolean) => (): Conversation | null => {
    const conversation = conversations.current;
    return conversation && condition(conversation) ? conversation : null;
  };
  return [
    {
      id: 'codeact-jupyter:load',
      label: trans.__('Load CodeAct in This Notebook'),
      caption: trans.__('Load CodeAct and its magic %%codeact into the kernel of the current notebook'),
      target: current(conversation => hasKernel(conversation) && !conversation.isOpen),
      act: conversation => conversation.load()
    },
    {
      id: 'codeact-jupyter:next-pending',
      label: trans.__('Go to the Next Waiting Cell'),
      caption: trans.__('Show the next step that waits for you, in any open notebook'),
      target: () => nextWaiting(conversations),
      act: conversation => reveal(conversation)
    },
    {
      id: 'codeact-jupyter:run-pending',
      label: trans.__('Go to the Waiting Cell to Run It'),
      caption: trans.__('Show the step that waits for you in this notebook, without running it'),
      target: current(waits),
      act: conversation => reveal(conversation)
    },
    {
      id: 'codeact-jupyter:reject-pending',
      label: trans.__('Reject the Waiting Cell…'),
      caption: trans.__('Show the step that waits for you in this notebook, and give a reason to reject it'),
      target: current(waits),
      act: conversation => openReject(conversation)
    },
    {
      id: 'codeact-jupyter:stop',
      label: trans.__('Stop CodeAct'),
      caption: trans.__('Stop the agent in the current notebook'),
      target: current(({ status }) => ['thinking', 'waits', 'running'].includes(status.phase)),
      act: conversation => conversation.stop()
    },
    {
      id: 'codeact-jupyter:continue',
      label: trans.__('Continue the CodeAct Conversation'),
      caption: trans.__('Resume the conversation of the current notebook'),
      target: current(canContinue),
      act: conversation => conversation.continue()
    },
    {
      id: 'codeact-jupyter:reset',
      label: trans.__('Begin a New CodeAct Conversation…'),
      caption: trans.__('Start a new conversation in the current notebook'),
      target: current(({ isOpen, items }) => isOpen && items.length > 0),
      act: conversation => beginAnew(conversation, trans)
    },
    {
      id: 'codeact-jupyter:earlier',
      label: trans.__('Open an Earlier CodeAct Conversation…'),
      caption: trans.__('Choose one of the conversations in the current notebook, and go on with it'),
      target: current(hasKernel),
      act: conversation => openEarlier(conversation, trans)
    }
  ];
}

/** Return the mention of a code cell that has run, by its id or the active one; null if there is none. */
export function mentionOf(conversation: Conversation | null, cell: unknown): string | null {
  const { content } = conversation?.panel ?? {};
  const id = typeof cell === 'string' ? cell : content?.activeCell?.model.id;
  const cells = (content?.widgets ?? []).map(({ model }) => model).filter(isCodeCellModel);
  const index = cells.findIndex(model => model.id === id && model.executionCount !== null);
  const numbers = numberCells(cells.map(({ executionCount }) => ({ count: executionCount })));
  const number = [...numbers].find(([, place]) => place === index)?.[0];
  return number === undefined ? null : `@cell${number} `;
}

async function perform({ target, act }: IAction, trans: TranslationBundle): Promise<void> {
  const conversation = target();
  try {
    await (conversation && act(conversation));
  } catch (error) {
    notifyError(conversation, error, trans);
  }
}

/** Call back after each change that can enable or disable a command. */
function onChange(conversations: Conversations, callback: () => void): void {
  const follow = ({ panel }: Conversation): void => {
    panel.sessionContext.kernelChanged.connect(callback);
    panel.disposed.connect(callback);
  };
  conversations.all.forEach(follow);
  conversations.added.connect((_, conversation) => follow(conversation));
  conversations.currentChanged.connect(callback);
  conversations.changed.connect((_, { change }) => {
    if (change !== 'stream') {
      callback();
    }
  });
}

export function waits(conversation: Conversation): boolean {
  return conversation.status.phase === 'waits';
}

/** Return the first conversation with a waiting step, starting with the current one, or after it if its cell is active. */
export function nextWaiting({ all, current }: Conversations): Conversation | null {
  const start = current ? all.indexOf(current) + (isActive(current) ? 1 : 0) : 0;
  return [...all.slice(start), ...all.slice(0, start)].find(waits) ?? null;
}

/** True if the waiting step's cell is the active one. */
function isActive({ panel, pending }: Conversation): boolean {
  return pending !== null && panel.content.activeCell?.model.id === pending.cell;
}

/** True if the conversation may be resumable. Before CodeAct is loaded this is unknown. */
function canContinue(conversation: Conversation): boolean {
  const { phase, resumable } = conversation.status;
  return conversation.isOpen ? resumable && (phase === 'idle' || phase === 'paused') : hasKernel(conversation);
}

function hasKernel({ panel }: Conversation): boolean {
  return Boolean(panel.sessionContext.session?.kernel);
}
