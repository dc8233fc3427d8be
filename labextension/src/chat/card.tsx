/** Card of a step in the chat: its code and state, and while it waits the controls for its review. */

import { isCodeCellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IPending, IStep, StepState } from '../kernel/protocol';
import { findCell } from '../review/cells';
import { isEdited } from '../review/diff';
import { DiffView } from '../review/diff-view';
import { Elapsed } from '../review/elapsed';
import { InvisibleNote } from '../review/invisible';
import { addsLabel, differsLabel, formatSeconds, replacesLabel, sentTo } from '../review/labels';
import { readMetadata } from '../review/metadata';
import { ReasonForm } from '../review/reason-form';
import { approve, reveal, show } from '../review/review';
import { TrialFold, Words } from '../review/trial';
import { Undo } from '../review/undo';
import { Code } from './code';
import { CopyButton } from './copy';
import { firstLine } from './mentions';
import type { ChatModel } from './model';
import { Outputs } from './outputs';
import { useExecutionCount, useReading, useReviewState, useSelected, useSource } from './subscriptions';

/** Symbols of the states. */
const MARKS: { [state in StepState]: string } = {
  waits: '●',
  running: '●',
  done: '✓',
  failed: '✗',
  rejected: '–',
  stopped: '–',
  left: '–',
  undone: '↶'
};

/** It is rendered again only if its own step changes: there may be a hundred of them. */
export const StepCard = React.memo(({ model, step }: { model: ChatModel; step: IStep }): React.JSX.Element => {
  const { conversation, trans } = model;
  const waits = step.state === 'waits';
  const pending = useSelected(conversation, ({ pending }) =>
    waits && pending?.proposal === step.proposal ? pending : null
  );
  const isUndoable = useSelected(conversation, ({ status }) => status.undo === step.proposal);
  const host = useSelected(conversation, ({ status }) => status.host);
  const count = useExecutionCount(waits ? null : findCell(conversation.panel, step.cell));
  const source = useSource(conversation, waits ? step.cell : null);
  const { sent, notice } = useReviewState(conversation, waits);
  const [isRejecting, setRejecting] = React.useState(false);
  const card = React.useRef<HTMLDivElement>(null);
  const head = React.useRef<HTMLButtonElement>(null);
  // The pressed control is removed: keep the focus in the card.
  const keepFocus = (): void => head.current?.focus();
  const code = waits && source !== null ? source : step.code;
  const edited = waits ? isEdited(step.code, code) : step.edited;
  const isSent = sent === step.proposal;
  const reading = useReading(card, pending ? code : null);
  const trial = pending?.tried ?? (waits || step.differs ? step.tried : null);
  return (
    <div
      ref={card}
      className="jp-CodeAct-card"
      data-state={step.state}
      role="group"
      aria-label={trans.__('CodeAct step %1', step.step)}
    >
      <button
        ref={head}
        type="button"
        className="jp-CodeAct-card-head"
        title={trans.__('Show the cell')}
        onClick={() => model.attempt(pending ? reveal(conversation) : show(conversation, step.cell))}
      >
        <span className="jp-CodeAct-card-mark" aria-hidden>
          {MARKS[step.state]}
        </span>
        <span className="jp-CodeAct-card-words">{headline(step, count, host, edited, isSent, trans)}</span>
        <span className="jp-CodeAct-card-aside">{waits ? effects(pending, trans) : seconds(step, trans)}</span>
      </button>
      {waits || step.state === 'running' ? (
        <CopiedCode code={code} model={model} />
      ) : (
        <FoldedCode step={step} model={model} />
      )}
      {waits && edited && <DiffView proposed={step.code} now={code} trans={trans} />}
      {step.differs && <div className="jp-CodeAct-card-note jp-CodeAct-notice">{differsLabel(trans)}</div>}
      {waits && step.invisible && <InvisibleNote note={step.invisible} trans={trans} />}
      {trial && <TrialFold trial={trial} step={step.step} isEdited={waits && edited} trans={trans} />}
      {pending && notice && (
        <div className="jp-CodeAct-card-note jp-CodeAct-notice" role="status">
          <Words text={notice} />
        </div>
      )}
      {step.reason && step.state !== 'undone' && (
        <div className="jp-CodeAct-card-note">{trans.__('You said: %1', step.reason)}</div>
      )}
      {pending && !isSent && !isRejecting && (
        <div className="jp-CodeAct-card-actions">
          <button
            type="button"
            className="jp-CodeAct-button jp-mod-go"
            onClick={event => {
              keepFocus();
              model.attempt(approve(conversation, event.nativeEvent, reading));
            }}
          >
            {trans.__('Run')}
          </button>
          <button
            type="button"
            className="jp-CodeAct-button"
            onClick={() => model.attempt(reveal(conversation, { edit: true }))}
          >
            {trans.__('Edit in notebook')}
          </button>
          <button type="button" className="jp-CodeAct-button" onClick={() => setRejecting(true)}>
            {trans.__('Reject…')}
          </button>
        </div>
      )}
      {pending && !isSent && isRejecting && (
        <ReasonForm
          step={step.step}
          trans={trans}
          onSend={reason => {
            keepFocus();
            setRejecting(false);
            model.attempt(conversation.reject(step.proposal, reason));
          }}
          onCancel={() => {
            keepFocus();
            setRejecting(false);
          }}
        />
      )}
      {isUndoable && (
        <div className="jp-CodeAct-card-actions">
          <Undo conversation={conversation} proposal={step.proposal} trans={trans} />
        </div>
      )}
      {step.state === 'running' && (
        <div className="jp-CodeAct-card-actions">
          <button type="button" className="jp-CodeAct-button" onClick={() => model.attempt(conversation.stop())}>
            {trans.__('Stop')}
          </button>
        </div>
      )}
    </div>
  );
});
StepCard.displayName = 'StepCard';

interface IWritingProps {
  step: number;
  code: string;
  model: ChatModel;
}

/** Card of a step under generation. */
export function WritingCard({ step, code, model }: IWritingProps): React.JSX.Element {
  const label = model.trans.__('Step %1 · writing', step);
  return (
    <div className="jp-CodeAct-card" data-state="writing">
      <div className="jp-CodeAct-card-head">
        <Elapsed label={label} since={model.since} trans={model.trans} />
      </div>
      <Code code={code} languages={model.languages} />
    </div>
  );
}

/** Folded: the first line of the code. Unfolded: the code, the user's changes of it, and its output. */
function FoldedCode({ step, model }: { step: IStep; model: ChatModel }): React.JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const { trans } = model;
  return (
    <details className="jp-CodeAct-card-more" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{isOpen ? trans.__('Code and output') : <code>{firstLine(step.code)}</code>}</summary>
      {isOpen && <Unfolded step={step} model={model} />}
    </details>
  );
}

function Unfolded({ step, model }: { step: IStep; model: ChatModel }): React.JSX.Element {
  const { conversation, trans } = model;
  const { panel } = conversation;
  const cell = findCell(panel, step.cell);
  const proposed = step.edited && cell ? readMetadata(cell)?.code : undefined;
  const hasOutputs = cell && isCodeCellModel(cell) && cell.outputs.length > 0;
  return (
    <>
      <CopiedCode code={step.code} model={model} />
      {proposed !== undefined && <DiffView proposed={proposed} now={step.code} trans={trans} />}
      {hasOutputs ? (
        <Outputs cell={cell} panel={panel} />
      ) : (
        step.observation && <pre className="jp-CodeAct-card-output">{step.observation}</pre>
      )}
    </>
  );
}

/** Code, and at its corner a button that copies it, which is shown while the pointer or the focus is there. */
function CopiedCode({ code, model }: { code: string; model: ChatModel }): React.JSX.Element {
  return (
    <div className="jp-CodeAct-copied">
      <Code code={code} languages={model.languages} />
      <CopyButton text={code} label={model.trans.__('Copy code')} trans={model.trans} />
    </div>
  );
}

function headline(
  step: IStep,
  count: number | null,
  host: string,
  edited: boolean,
  isSent: boolean,
  trans: TranslationBundle
): string {
  const wasRun = ['done', 'failed', 'stopped', 'running'].includes(step.state);
  return [
    trans.__('Step %1', step.step),
    count === null ? '' : trans.__('cell [%1]', count),
    edited ? trans.__('edited by you') : wasRun ? trans.__('as proposed') : '',
    isSent && step.state === 'waits' ? trans.__('waits for the kernel') : stateText(step.state, trans),
    step.state === 'waits' && host ? sentTo(host, trans) : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

function stateText(state: StepState, trans: TranslationBundle): string {
  switch (state) {
    case 'waits':
      return trans.__('waits for you');
    case 'running':
      return trans.__('running');
    case 'done':
      return '';
    case 'failed':
      return trans.__('failed');
    case 'rejected':
      return trans.__('rejected');
    case 'stopped':
      return trans.__('stopped');
    case 'left':
      return trans.__('not run');
    case 'undone':
      return trans.__('undone');
  }
}

function effects(pending: IPending | null, trans: TranslationBundle): React.JSX.Element | null {
  const adds = pending && pending.tried?.outcome !== 'ran' ? addsLabel(pending.adds, trans) : '';
  return (
    pending && (
      <>
        <span className="jp-CodeAct-warning">{replacesLabel(pending.replaces, trans)}</span>
        {pending.replaces.length > 0 && adds && ' · '}
        <span className="jp-CodeAct-effects">{adds}</span>
      </>
    )
  );
}

function seconds(step: IStep, trans: TranslationBundle): string {
  return step.seconds > 0 ? trans.__('%1 s', formatSeconds(step.seconds)) : '';
}
