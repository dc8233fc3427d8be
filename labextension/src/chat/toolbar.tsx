/** The buttons of the input: one to send, and while something goes on one to stop it. */

import { InputToolbarRegistry } from '@jupyter/chat';
import * as React from 'react';

import { useConversation, useSignal } from './hooks';
import { ChatModel } from './model';

type Props = InputToolbarRegistry.IToolbarItemProps;

export function toolbar(): InputToolbarRegistry {
  const registry = new InputToolbarRegistry();
  registry.addItem('buttons', { element: Buttons, position: 10 });
  return registry;
}

function Buttons({ chatModel }: Props): React.JSX.Element | null {
  return chatModel instanceof ChatModel ? <SendOrStop model={chatModel} /> : null;
}

function SendOrStop({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, input, trans } = model;
  useConversation(conversation);
  useSignal(input.valueChanged);
  const { phase } = conversation.status;
  if (phase !== 'idle' && phase !== 'paused') {
    return (
      <button type="button" className="jp-CodeAct-button" onClick={() => model.attempt(conversation.stop())}>
        {trans.__('Stop')}
      </button>
    );
  }
  return (
    <button
      type="button"
      className="jp-CodeAct-button jp-mod-go"
      disabled={!input.value.trim()}
      onClick={() => {
        input.send(input.value);
        input.focus();
      }}
    >
      {trans.__('Send')}
    </button>
  );
}
