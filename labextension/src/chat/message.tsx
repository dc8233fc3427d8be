/** What a message shows besides the model's Markdown: a question, a step, or a quiet line. */

import { MessagePreambleProps, MessagePreambleRegistry } from '@jupyter/chat';
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { StepCard, WritingCard } from './card';
import { View } from './entries';
import { ChatModel } from './model';

export function preambles(): MessagePreambleRegistry {
  const registry = new MessagePreambleRegistry();
  registry.addComponent(Message);
  return registry;
}

function Message({ model, message }: MessagePreambleProps): React.JSX.Element | null {
  const view = message.metadata?.codeact;
  return view && model instanceof ChatModel ? show(view, model) : null;
}

function show(view: View, model: ChatModel): React.JSX.Element | null {
  const { trans } = model;
  switch (view.kind) {
    case 'question':
      return <div className="jp-CodeAct-question">{view.text}</div>;
    case 'step':
      return <StepCard model={model} step={view.step} />;
    case 'writing':
      return <WritingCard step={view.step} code={view.code} trans={trans} />;
    case 'thinking':
      return <div className="jp-CodeAct-line">{trans.__('thinking')}</div>;
    case 'ending':
      return <Line text={view.text || endingText(view.status, trans)} isError={view.status === 'failed'} />;
    case 'line':
      return <Line text={view.text} isError={view.isError} />;
    case 'markdown':
      return null;
  }
}

function Line({ text, isError }: { text: string; isError: boolean }): React.JSX.Element {
  return <div className={isError ? 'jp-CodeAct-line jp-mod-error' : 'jp-CodeAct-line'}>{text}</div>;
}

function endingText(status: string, trans: TranslationBundle): string {
  return status === 'rejected' ? trans.__('You rejected the step.') : trans.__('Stopped.');
}
