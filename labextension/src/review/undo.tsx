/** The button on the bar of the step that can be undone next. */

import { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { Conversation } from '../kernel/conversation';

/** Nothing, unless the kernel can undo this step next. A refusal is shown beside the button. */
export function Undo(props: {
  conversation: Conversation;
  proposal: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { conversation, proposal, trans } = props;
  const [refusal, setRefusal] = React.useState('');
  const undo = (): void => {
    setRefusal('');
    conversation
      .undo(proposal)
      .catch((error: unknown) => setRefusal(String(error instanceof Error ? error.message : error)));
  };
  return (
    <UseSignal signal={conversation.changed}>
      {() =>
        conversation.status.undo === proposal && (
          <>
            {refusal && (
              <span className="jp-CodeAct-notice" role="status">
                {refusal}
              </span>
            )}
            <span className="jp-CodeAct-space" />
            <button
              type="button"
              className="jp-CodeAct-button"
              title={trans.__('Put back the names and values that this step changed')}
              onClick={undo}
            >
              {trans.__('Undo')}
            </button>
          </>
        )
      }
    </UseSignal>
  );
}
