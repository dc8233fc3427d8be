/** The chat where no question can be asked, or was asked yet: what to do about that. */

import { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { KernelState } from '../kernel/kernel-watch';
import type { ChatModel } from './model';
import { useConversation, useSignal } from './subscriptions';

interface IUnavailableProps {
  /** State of the notebook's kernel; null if no notebook is open. */
  kernel: KernelState | null;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** Shown while no question can be asked. */
export function Unavailable({ kernel, commands, trans }: IUnavailableProps): React.JSX.Element {
  const [text, command, label] =
    kernel === null
      ? [trans.__('CodeAct works in a notebook.'), 'notebook:create-new', trans.__('New Notebook')]
      : kernel === 'none'
        ? [trans.__('This notebook has no kernel.'), 'notebook:change-kernel', trans.__('Select Kernel')]
        : [trans.__('CodeAct needs a Python kernel.'), 'notebook:change-kernel', trans.__('Select Kernel')];
  return (
    <div className="jp-CodeAct-empty">
      <p>{text}</p>
      {commands.hasCommand(command) && (
        <button type="button" className="jp-CodeAct-button" onClick={() => void commands.execute(command)}>
          {label}
        </button>
      )}
    </div>
  );
}

/** Shown below a conversation whose kernel has ended. */
export function Ended({ model }: { model: ChatModel }): React.JSX.Element | null {
  const { conversation, kernel, trans } = model;
  useConversation(conversation);
  useSignal(kernel.changed);
  if (!conversation.isPast || !kernel.hasEnded) {
    return null;
  }
  return (
    <div className="jp-CodeAct-ended" role="status">
      <span>
        {trans.__('The kernel has ended, and its variables are gone. The conversation goes on after a restart.')}
      </span>
      <button type="button" className="jp-CodeAct-button jp-mod-go" onClick={() => model.attempt(kernel.restart())}>
        {trans.__('Restart kernel')}
      </button>
    </div>
  );
}

/** Shown before the first question. */
export function Welcome({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, input, trans } = model;
  useConversation(conversation);
  if (conversation.isAwaited) {
    return (
      <div className="jp-CodeAct-welcome" role="status">
        <p className="jp-CodeAct-awaited">{trans.__('The conversation is shown as soon as the kernel is free.')}</p>
      </div>
    );
  }
  const examples = [
    trans.__('Which variables are there, and what do they hold?'),
    trans.__('Describe the data frame: its columns, gaps and oddities.'),
    trans.__('Plot how the numeric columns are distributed.')
  ];
  return (
    <div className="jp-CodeAct-welcome">
      <p>{trans.__('Ask about your data: the model proposes code, and each step waits in a cell for you.')}</p>
      {examples.map(example => (
        <button
          type="button"
          key={example}
          className="jp-CodeAct-button"
          onClick={() => {
            input.value = example;
            input.focus();
          }}
        >
          {example}
        </button>
      ))}
      {!conversation.isOpen && (
        <p className="jp-CodeAct-line">{trans.__('Your first question loads CodeAct into the kernel.')}</p>
      )}
    </div>
  );
}
