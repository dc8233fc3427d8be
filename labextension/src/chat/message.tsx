/** Content of a message besides the model's Markdown: a question, a step, or a line of text. */

import { MessagePreambleProps, MessagePreambleRegistry } from '@jupyter/chat';
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Elapsed } from '../review/elapsed';
import { told } from '../review/labels';
import { Words } from '../review/trial';
import { StepCard, WritingCard } from './card';
import { CopyButton } from './copy';
import { View } from './entries';
import { ChatModel } from './model';
import { IOutgoing } from './outbox';
import { useConversation } from './subscriptions';

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
      return view.outgoing ? (
        <Outgoing question={view.outgoing} model={model} />
      ) : (
        <Question text={view.text} trans={trans} />
      );
    case 'step':
      return <StepCard model={model} step={view.step} />;
    case 'writing':
      return <WritingCard step={view.step} code={view.code} model={model} />;
    case 'thinking':
      return <Thinking isWriting={view.isWriting} read={view.read} model={model} />;
    case 'thoughts':
      return <Thoughts text={view.text} trans={trans} />;
    case 'basis':
      return <Basis {...view} model={model} />;
    case 'ending':
      return (
        <>
          <Line text={told(view.text, trans) || endingText(view.status, trans)} isError={isFailure(view.status)} />
          {view.again && <EndingActions question={view.again} model={model} />}
        </>
      );
    case 'line':
      return <Line text={told(view.text, trans)} isError={view.isError} />;
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
function Thoughts({ text, trans }: { text: string; trans: TranslationBundle }): React.JSX.Element {
  return (
    <details className="jp-CodeAct-line">
      <summary>{trans.__('thinking …')}</summary>
      <div>{text}</div>
    </details>
  );
}

function Line({ text, isError }: { text: string; isError: boolean }): React.JSX.Element {
  return (
    <div className={isError ? 'jp-CodeAct-line jp-mod-error' : 'jp-CodeAct-line'}>
      <Words text={text} />
    </div>
  );
}

/** A question that the kernel has not begun. */
function Outgoing({ question, model }: { question: IOutgoing; model: ChatModel }): React.JSX.Element {
  const { outbox, conversation, trans } = model;
  const { id, text, state } = question;
  useConversation(conversation);
  const { phase } = conversation.status;
  const label = {
    sent: trans.__('Waits for the kernel, which is busy'),
    queued: phase === 'waits' ? trans.__('Waits: a step needs your decision first') : trans.__('Next in line'),
    held: trans.__('Not sent yet')
  }[state];
  return (
    <div className="jp-CodeAct-outgoing" data-state={state}>
      <Question text={text} trans={trans} />
      <div className="jp-CodeAct-outgoing-state" role="status">
        {label}
        {state !== 'sent' && phase !== 'thinking' && phase !== 'running' && (
          <button type="button" className="jp-CodeAct-button jp-mod-link" onClick={() => outbox.send(id)}>
            {phase === 'waits' ? trans.__('Change the step with this') : trans.__('Send now')}
          </button>
        )}
        {state !== 'sent' && (
          <button type="button" className="jp-CodeAct-button jp-mod-link" onClick={() => outbox.remove(id)}>
            {trans.__('Remove')}
          </button>
        )}
      </div>
    </div>
  );
}

interface IThinkingProps {
  isWriting: boolean;
  /** Per cent of the prompt that the model has read; 0 if that is not known. */
  read: number;
  model: ChatModel;
}

/** What the model does before its code begins, and for how long. */
function Thinking({ isWriting, read, model }: IThinkingProps): React.JSX.Element {
  const { conversation, trans } = model;
  useConversation(conversation);
  const { window, host } = conversation.status;
  const isLoading = window === 0 && !host; // it tells the size of its window with its first words
  const label = isWriting
    ? trans.__('writing')
    : read
      ? trans.__('reading, %1 % done', String(read))
      : isLoading
        ? trans.__('loading the model and reading')
        : trans.__('reading');
  return (
    <div className="jp-CodeAct-line jp-CodeAct-thinking">
      <span className="jp-CodeAct-dot" aria-hidden />
      <Elapsed label={label} since={model.since} trans={trans} />
    </div>
  );
}

interface IBasisProps {
  basis: string;
  summary: string;
  answer: string;
  again: string;
  model: ChatModel;
}

/** What an answer rests on, below that what it has cost, and what can be done with it. */
function Basis({ basis, summary, answer, again, model }: IBasisProps): React.JSX.Element {
  return (
    <div className="jp-CodeAct-line">
      {basis && (
        <div className="jp-CodeAct-basis">
          <Words text={told(basis, model.trans)} />
        </div>
      )}
      {told(summary, model.trans)}
      <div className="jp-CodeAct-answer-actions">
        <CopyButton text={answer} trans={model.trans} />
        {again && <Again question={again} model={model} />}
      </div>
    </div>
  );
}

/** What can be done after a question that ended without an answer. */
function EndingActions({ question, model }: { question: string; model: ChatModel }): React.JSX.Element {
  const { conversation, trans } = model;
  useConversation(conversation);
  return (
    <div className="jp-CodeAct-answer-actions">
      {conversation.status.resumable && (
        <button
          type="button"
          className="jp-CodeAct-button jp-mod-link"
          title={trans.__('Go on with this question where it ended')}
          onClick={() => model.attempt(conversation.continue())}
        >
          {trans.__('Continue')}
        </button>
      )}
      <Again question={question} model={model} />
    </div>
  );
}

/** Button that asks a question again. */
function Again({ question, model }: { question: string; model: ChatModel }): React.JSX.Element {
  return (
    <button
      type="button"
      className="jp-CodeAct-button jp-mod-link"
      title={model.trans.__('Ask the same question again: the model may come to another answer')}
      onClick={() => model.outbox.add(question, { kind: 'question', text: question })}
    >
      {model.trans.__('Ask again')}
    </button>
  );
}

/** True if the end is the fault of neither the user nor the question. */
function isFailure(status: string): boolean {
  return status === 'failed' || status === 'no_model';
}

function endingText(status: string, trans: TranslationBundle): string {
  return status === 'rejected' ? trans.__('You rejected the step.') : trans.__('Stopped.');
}
