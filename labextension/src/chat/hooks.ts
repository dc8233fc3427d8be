/** How the components follow what they show. */

import { ISignal } from '@lumino/signaling';
import { useCallback, useEffect, useReducer, useSyncExternalStore } from 'react';

import { Reviewing } from '../cells/reviewing';
import { IDoing } from '../cells/state';
import { Change, Conversation } from '../conversation';
import { findCell } from './cells';

const NOTHING: IDoing = { sent: '', rejecting: '', notice: '' };

/** Renders again with each emission, or with each that matters. */
export function useSignal<S, A>(signal: ISignal<S, A>, matters: (argument: A) => boolean = always): void {
  const [, refresh] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const onEmitted = (_: S, argument: A): void => {
      if (matters(argument)) {
        refresh();
      }
    };
    signal.connect(onEmitted);
    return () => {
      signal.disconnect(onEmitted);
    };
  }, [signal, matters]);
}

/** Renders again when anything in the conversation changes but the reply that is being written. */
export function useConversation(conversation: Conversation): void {
  useSignal(conversation.changed, isNoStream);
}

/** What a cell of the notebook holds at this moment; null when it is not there, and for no id. */
export function useSource({ panel }: Conversation, id: string | null): string | null {
  const { contentChanged } = panel.context.model;
  const subscribe = useCallback(
    (notify: () => void) => {
      contentChanged.connect(notify);
      return () => {
        contentChanged.disconnect(notify);
      };
    },
    [contentChanged]
  );
  return useSyncExternalStore(subscribe, () => (id && findCell(panel, id)?.sharedModel.getSource()) ?? null);
}

/** What this page is doing about the step that waits. */
export function useReviewing(conversation: Conversation): IDoing {
  const reviewing = Reviewing.of(conversation);
  const subscribe = useCallback(
    (notify: () => void) => {
      reviewing?.changed.connect(notify);
      return () => {
        reviewing?.changed.disconnect(notify);
      };
    },
    [reviewing]
  );
  return useSyncExternalStore(subscribe, () => reviewing?.doing ?? NOTHING);
}

function always(): boolean {
  return true;
}

function isNoStream(change: Change): boolean {
  return change !== 'stream';
}
