/** The trial of a step: one line, which opens to show outputs, effects and names. */

import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { ITrial } from '../kernel/protocol';
import { told } from './labels';

interface IProps {
  trial: ITrial;
  step: number;
  /** True if the user has changed the code since. */
  isEdited: boolean;
  trans: TranslationBundle;
}

export function TrialFold({ trial, step, isEdited, trans }: IProps): React.JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const now = told(trial.line, trans);
  const line = isEdited ? trans.__('Before your edit: %1', now) : now;
  if (trial.outcome === 'not_tried') {
    return <div className="jp-CodeAct-trial jp-CodeAct-trial-line">{line}</div>;
  }
  return (
    <details
      className="jp-CodeAct-trial"
      data-outcome={trial.outcome}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary className="jp-CodeAct-trial-line">
        <Words text={line} />
      </summary>
      {isOpen && <Content trial={trial} step={step} trans={trans} />}
    </details>
  );
}

/** The result of untrusted code: shown as text, never as markup, and figures only as PNG images. */
function Content({ trial, step, trans }: Omit<IProps, 'isEdited'>): React.JSX.Element {
  const names = [
    trial.effects.length > 0 && trans.__('Would %1.', trial.effects.map(each => told(each, trans)).join(', ')),
    trial.added.length > 0 && trans.__('Defines %1.', trial.added.join(', ')),
    trial.changed.length > 0 && trans.__('Changes %1.', trial.changed.join(', ')),
    trial.removed.length > 0 && trans.__('Removes %1.', trial.removed.join(', '))
  ].filter(Boolean);
  return (
    <div
      className="jp-CodeAct-trial-content"
      role="region"
      tabIndex={0}
      aria-label={trans.__('Trial of step %1', step)}
    >
      <p>{trans.__('A trial in a copy of the kernel; it changed nothing.')}</p>
      {names.length > 0 && (
        <p>
          <Words text={names.join(' ')} />
        </p>
      )}
      {trial.outputs && <pre>{trial.outputs}</pre>}
      {trial.error && <pre className="jp-CodeAct-warning">{trial.error}</pre>}
      {trial.figures.map((figure, index) => (
        <img key={index} alt={trans.__('Figure %1 of the trial', index + 1)} src={`data:image/png;base64,${figure}`} />
      ))}
    </div>
  );
}

/** The text, with the parts between backticks as code. */
export function Words({ text }: { text: string }): React.JSX.Element {
  const parts = text.split('`');
  return (
    <>{parts.length % 2 ? parts.map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part)) : text}</>
  );
}
