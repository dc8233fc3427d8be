/** Form for the reason of a rejection. Enter sends it, Escape cancels. */

import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

interface IProps {
  step: number;
  trans: TranslationBundle;
  onSend: (reason: string) => void;
  onCancel: () => void;
}

export function ReasonForm({ step, trans, onSend, onCancel }: IProps): React.JSX.Element {
  const input = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => input.current?.focus(), []);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    onSend(input.current?.value.trim() ?? '');
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape') {
      onCancel();
    }
    event.stopPropagation();
  };
  return (
    <form className="jp-CodeAct-row" onSubmit={submit} onKeyDown={onKey} data-lm-suppress-shortcuts="true">
      <b>{trans.__('Reject step %1', step)}</b>
      <input
        ref={input}
        className="jp-CodeAct-reason"
        aria-label={trans.__('Reason')}
        placeholder={trans.__('Why? The model reads this and tries again (empty: stop here)')}
      />
      <button type="submit" className="jp-CodeAct-button">
        {trans.__('Send')}
      </button>
      <button type="button" className="jp-CodeAct-button" onClick={onCancel}>
        {trans.__('Cancel')}
      </button>
    </form>
  );
}
