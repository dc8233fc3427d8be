/** The button that undoes a step, on the bar and the card of the one that can be undone next. */

import { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { Change, Conversation } from '../kernel/conversation';
import { told } from './labels';
import { Words } from './trial';

/** Nothing, unless the kernel can undo this step next. A refusal is shown beside the button. */
export function Undo(props: {
  conversation: Conversation;
  proposal: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { conversation, proposal, trans } = props;
  const [refusal, setRefusal] = React.useState('');
  const undo = ({ currentTarget }: React.MouseEvent<HTMLElement>): void => {
    // The button goes when the step is undone: keep the focus in its cell or card.
    const cell = currentTarget.closest<HTMLElement>('.jp-Cell');
    (cell ?? currentTarget.closest('.jp-CodeAct-card')?.querySelector('button'))?.focus();
    setRefusal('');
    conversation
      .undo(proposal)
      .catch((error: unknown) => setRefusal(String(error instanceof Error ? error.message : error)));
  };
  return (
    <UseSignal signal={conversation.changed} shouldUpdate={isNotStream}>
      {() =>
        conversation.status.undo === proposal && (
          <>
            {refusal && (
              <span className="jp-CodeAct-notice" role="status">
                <Words text={told(refusal, trans)} />
              </span>
            )}
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

function isNotStream(_: Conversation, change: Change): boolean {
  return change !== 'stream';
}
