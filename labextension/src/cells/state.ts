/** State of the bar of a step's cell, as a pure function. */

import { IPending, IStep, ITrial } from '../kernel/protocol';
import { changedLines, isEdited, lineDiff } from '../review/diff';
import { finalMetadata, isFinal, IStepMetadata } from '../review/metadata';
import { IReviewState } from '../review/review';

/** A step, its cell and its review. */
export interface IStepSituation {
  metadata: IStepMetadata;
  /** True if it is a code cell. */
  isCode: boolean;
  /** True if the cell has an execution count: the user may have run it as an ordinary cell. */
  hasRun: boolean;
  source: string;
  pending: IPending | null;
  /** The step in the conversation; null if it belongs to another one. */
  step: IStep | null;
  review: IReviewState;
}

/** State of the bar, by which it chooses labels and controls. */
export type BarState =
  | {
      kind: 'waits';
      step: number;
      /** Number of lines that the user changed. */
      edited: number;
      adds: string[];
      replaces: string[];
      trial: ITrial | null;
      /** Note on invisible characters in the code as proposed, or empty. */
      invisible: string;
      isCode: boolean;
      isRejecting: boolean;
      notice: string;
    }
  /** Approved, and queued in the kernel behind another cell. */
  | { kind: 'queued'; step: number }
  | { kind: 'running'; step: number }
  /** No longer proposed: an ordinary cell. */
  | { kind: 'idle'; step: number; hasRun: boolean }
  | { kind: 'final'; step: number; metadata: IStepMetadata };

/** Return the state of the bar. */
export function barState({ metadata, isCode, hasRun, source, pending, step, review }: IStepSituation): BarState {
  const { proposal } = metadata;
  if (step?.state === 'running') {
    return { kind: 'running', step: metadata.step };
  }
  const isSent = review.sent === proposal;
  if (!isSent && pending?.proposal === proposal && pending.cell === metadata.cell) {
    return {
      kind: 'waits',
      step: metadata.step,
      edited: isEdited(pending.code, source) ? changedLines(lineDiff(pending.code, source)) : 0,
      adds: pending.adds,
      replaces: pending.replaces,
      trial: pending.tried,
      invisible: step?.invisible ?? '',
      isCode,
      isRejecting: review.rejecting === proposal,
      notice: review.notice
    };
  }
  const now = step && isFinal(step.state) ? finalMetadata(metadata, step) : metadata;
  if (isFinal(now.state)) {
    return { kind: 'final', step: metadata.step, metadata: now };
  }
  return isSent ? { kind: 'queued', step: metadata.step } : { kind: 'idle', step: metadata.step, hasRun };
}
