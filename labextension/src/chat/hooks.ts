/** How the components follow what they show. */

import { ISignal } from '@lumino/signaling';
import { useEffect, useReducer } from 'react';

import { Change, Conversation } from '../conversation';
import { findCell } from './cells';

/** Renders again with each emission, or with each that `matters`. */
export function useSignal<S, A>(signal: ISignal<S, A>, matters?: (argument: A) => boolean): void {
  const [, refresh] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const onEmitted = (_: S, argument: A): void => {
      if (!matters || matters(argument)) {
        refresh();
      }
    };
    signal.connect(onEmitted);
    return () => {
      signal.disconnect(onEmitted);
    };
  }, [signal]);
}

/** Renders again when one of these parts of the conversation changes. */
export function useConversation(conversation: Conversation, ...parts: Change[]): void {
  useSignal(conversation.changed, change => change === 'open' || parts.includes(change));
}

/** What a cell of the notebook holds at this moment; null when it is not there. */
export function useSource({ panel }: Conversation, id: string): string | null {
  const read = (): string | null => findCell(panel, id)?.sharedModel.getSource() ?? null;
  const [source, setSource] = useReducer((_: string | null, next: string | null) => next, null, read);
  useEffect(() => {
    const follow = (): void => setSource(read());
    const { model } = panel.context;
    follow();
    model.contentChanged.connect(follow);
    return () => {
      model.contentChanged.disconnect(follow);
    };
  }, [panel, id]);
  return source;
}
