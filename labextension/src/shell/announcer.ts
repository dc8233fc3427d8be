/** Announces to screen readers what happens in the current notebook's conversation. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { Conversations, IConversations } from '../kernel/conversations';
import { Item } from '../kernel/protocol';
import { differsLabel } from '../review/labels';

/** Number of sentences that stay in the document: one that is replaced at once may not be read. */
const MAX_SENTENCES = 3;

export const announcer: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:announcer',
  description: 'Announces to screen readers what CodeAct does in the current notebook.',
  autoStart: true,
  requires: [IConversations],
  optional: [ITranslator],
  activate: (_app: JupyterFrontEnd, conversations: Conversations, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load('codeact_jupyter');
    const region = document.createElement('div');
    region.className = 'jp-CodeAct-live';
    region.setAttribute('role', 'log');
    region.setAttribute('aria-live', 'polite');
    region.setAttribute('aria-label', trans.__('CodeAct'));
    document.body.append(region);

    let announced: ReadonlyArray<Item> = [];
    conversations.currentChanged.connect((_, current) => {
      announced = current?.items ?? [];
    });
    conversations.changed.connect((_, { conversation, change }) => {
      if (conversation !== conversations.current || (change !== 'items' && change !== 'open')) {
        return;
      }
      if (change === 'items') {
        region.append(...announcements(announced, conversation.items, trans).map(toElement));
        [...region.children].slice(0, -MAX_SENTENCES).forEach(old => old.remove());
      }
      announced = conversation.items;
    });
  }
};

/** Return a sentence for each new item, and for each step with a new state. */
export function announcements(
  before: ReadonlyArray<Item>,
  now: ReadonlyArray<Item>,
  trans: TranslationBundle
): string[] {
  return now.flatMap((item, index) => {
    const last = before.at(index);
    const text = item === last || isSameStep(item, last) ? null : announcement(item, trans);
    return text === null ? [] : [text];
  });
}

/** True if both are the same step in the same state. */
function isSameStep(item: Item, last: Item | undefined): boolean {
  return item.kind === 'step' && last?.kind === 'step' && item.proposal === last.proposal && item.state === last.state;
}

function announcement(item: Item, trans: TranslationBundle): string | null {
  if (item.kind === 'answer') {
    return trans.__('CodeAct has answered.');
  }
  if (item.kind === 'ending') {
    return trans.__('CodeAct has stopped.');
  }
  if (item.kind !== 'step') {
    return null;
  }
  const { step, tried, differs, invisible } = item;
  const sentence = {
    waits: trans.__('Step %1 waits for you.', step),
    running: trans.__('Step %1 is running.', step),
    done: trans.__('Step %1 is done.', step),
    failed: trans.__('Step %1 failed.', step),
    rejected: trans.__('Step %1 was rejected.', step),
    stopped: trans.__('Step %1 was stopped.', step),
    left: trans.__('Step %1 was not run.', step),
    undone: trans.__('Step %1 was undone.', step)
  }[item.state];
  const notes =
    item.state === 'waits'
      ? [tried?.line.replaceAll('`', ''), invisible.split('\n')[0]]
      : [differs ? differsLabel(trans) : ''];
  return [sentence, ...notes.filter(Boolean).map(note => `${note}.`)].join(' ');
}

function toElement(text: string): HTMLElement {
  const line = document.createElement('div');
  line.textContent = text;
  return line;
}
