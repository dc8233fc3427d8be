/** Content of a message besides the model's Markdown: a question, a step, or a line of text. */

import { MessagePreambleProps, MessagePreambleRegistry } from '@jupyter/chat';
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Words } from '../review/trial';
import { StepCard, WritingCard } from './card';
import { View } from './entries';
import { ChatModel } from './model';

/** A question with more characters or lines is folded. */
const MAX_CHARS = 400;
const MAX_LINES = 8;

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
      return <Question text={view.text} trans={trans} />;
    case 'step':
      return <StepCard model={model} step={view.step} />;
    case 'writing':
      return <WritingCard step={view.step} code={view.code} trans={trans} />;
    case 'thinking':
      return <Thinking text={view.text} trans={trans} />;
    case 'basis':
      return <Basis basis={view.basis} summary={view.summary} />;
    case 'ending':
      return <Line text={view.text || endingText(view.status, trans)} isError={view.status === 'failed'} />;
    case 'line':
      return <Line text={view.text} isError={view.isError} />;
    case 'markdown':
      return null;
  }
}

function Question({ text, trans }: { text: string; trans: TranslationBundle }): React.JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const isLong = text.length > MAX_CHARS || text.split('\n').length > MAX_LINES;
  return (
    <div className="jp-CodeAct-question">
      <div className={isLong && !isOpen ? 'jp-CodeAct-folded' : ''}>{text}</div>
      {isLong && (
        <button
          type="button"
          className="jp-CodeAct-button jp-mod-link"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? trans.__('Show less') : trans.__('Show all')}
        </button>
      )}
    </div>
  );
}

/** What the model thinks before its reply, if it does: folded, and gone when the reply is there. */
function Thinking({ text, trans }: { text: string; trans: TranslationBundle }): React.JSX.Element {
  return text ? (
    <details className="jp-CodeAct-line">
      <summary>{trans.__('thinking …')}</summary>
      <div>{text}</div>
    </details>
  ) : (
    <div className="jp-CodeAct-line">{trans.__('thinking')}</div>
  );
}

function Line({ text, isError }: { text: string; isError: boolean }): React.JSX.Element {
  return <div className={isError ? 'jp-CodeAct-line jp-mod-error' : 'jp-CodeAct-line'}>{text}</div>;
}

/** What an answer rests on, and below that what it has cost. */
function Basis({ basis, summary }: { basis: string; summary: string }): React.JSX.Element {
  return (
    <div className="jp-CodeAct-line">
      {basis && (
        <div className="jp-CodeAct-basis">
          <Words text={basis} />
        </div>
      )}
      {summary}
    </div>
  );
}

function endingText(status: string, trans: TranslationBundle): string {
  return status === 'rejected' ? trans.__('You rejected the step.') : trans.__('Stopped.');
}
