/** React hooks that render a component again when its data change. */

import { ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import { ISignal } from '@lumino/signaling';
import { RefObject, useCallback, useEffect, useReducer, useRef, useState, useSyncExternalStore } from 'react';

import { Change, Conversation } from '../kernel/conversation';
import { findCell } from '../review/cells';
import { Reading, shownPart } from '../review/reading';
import { IReviewState, Review } from '../review/review';

const NO_REVIEW: IReviewState = { sent: '', rejecting: '', notice: '' };

/** Render again on each emission for whose argument `matters` returns true. */
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

/** Render again on each change of the conversation but those of the reply under generation. */
export function useConversation(conversation: Conversation): void {
  useSignal(conversation.changed, isNotStream);
}

/** Return what `read` returns, and render again when that is another value after an emission. */
function useValue<S, A, T>(signal: ISignal<S, A> | undefined, read: () => T): T {
  const subscribe = useCallback(
    (notify: () => void) => {
      signal?.connect(notify);
      return () => {
        signal?.disconnect(notify);
      };
    },
    [signal]
  );
  return useSyncExternalStore(subscribe, read);
}

/** Return what `select` returns, and render again when that is another value. */
export function useSelected<T>(conversation: Conversation, select: (conversation: Conversation) => T): T {
  return useValue(conversation.changed, () => select(conversation));
}

/** Return the execution count of a cell model; null if it has none. */
export function useExecutionCount(cell: ICellModel | null): number | null {
  const code = cell && isCodeCellModel(cell) ? cell : null;
  return useValue(code?.stateChanged, () => (code?.isDisposed ? null : (code?.executionCount ?? null)));
}

/** Return the source of a cell of the notebook; null if there is no such cell or `id` is null. */
export function useSource({ panel }: Conversation, id: string | null): string | null {
  const read = (): string | null => (id && findCell(panel, id)?.sharedModel.getSource()) ?? null;
  return useValue(panel.context.model.contentChanged, read);
}

/** Return the state of the review of the waiting step, for the card of that step. */
export function useReviewState(conversation: Conversation, isWaiting: boolean): IReviewState {
  const review = Review.of(conversation);
  return useValue(review?.changed, () => (isWaiting && review?.state) || NO_REVIEW);
}

/** Watch if the user can read an element that shows `code`; null if there is nothing to read. */
export function useReading(element: RefObject<HTMLElement>, code: string | null): Reading {
  const now = useRef(code);
  now.current = code;
  const [reading] = useState(
    () =>
      new Reading(() => {
        const mark = element.current;
        if (!mark || now.current === null) {
          return null;
        }
        const whole = mark.getBoundingClientRect();
        return { whole, shown: shownPart(mark, whole), code: now.current, isTyped: false, mark };
      })
  );
  const isWatched = code !== null;
  useEffect(() => {
    if (isWatched) {
      reading.start();
    }
    return () => reading.stop();
  }, [reading, isWatched]);
  return reading;
}

function always(): boolean {
  return true;
}

function isNotStream(change: Change): boolean {
  return change !== 'stream';
}
