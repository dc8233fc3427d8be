/** The line on which the user says why a step is sent back. */

import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

interface IProps {
  trans: TranslationBundle;
  onSend: (reason: string) => void;
  onCancel: () => void;
}

export function RejectForm({ trans, onSend, onCancel }: IProps): React.JSX.Element {
  const [reason, setReason] = React.useState('');
  return (
    <form
      className="jp-CodeAct-card-actions"
      onSubmit={event => {
        event.preventDefault();
        onSend(reason.trim());
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onCancel();
        }
      }}
    >
      <input
        autoFocus
        className="jp-CodeAct-card-input"
        aria-label={trans.__('Reason')}
        placeholder={trans.__('Why? The model reads this and tries again (empty: stop here)')}
        title={trans.__('Why? The model reads this and tries again (empty: stop here)')}
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
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
