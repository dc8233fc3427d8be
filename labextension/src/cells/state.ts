/** What the bar on a step's cell shows, as a pure function of what is known about the step. */

import { IPending, IStep } from '../protocol';
import { changedLines, isEdited, lineDiff } from './diff';
import { IFacts, isSettled, settled } from './facts';

/** What the page itself is doing about a step. */
export interface IDoing {
  /** The proposal whose cell was sent to the kernel and has not come back, or an empty string. */
  sent: string;
  /** The proposal whose reason form is open, or an empty string. */
  rejecting: string;
  /** Why the waiting step has not run, or an empty string. */
  notice: string;
}

export interface ISituation {
  facts: IFacts;
  isCode: boolean;
  /** Whether the cell has an execution count: the user may have run it as an ordinary one. */
  hasRun: boolean;
  source: string;
  pending: IPending | null;
  /** The step as the conversation has it. */
  step: IStep | null;
  doing: IDoing;
}

export type BarState =
  | {
      kind: 'waits';
      step: number;
      /** The number of lines that the user changed. */
      edited: number;
      adds: string[];
      replaces: string[];
      isCode: boolean;
      isRejecting: boolean;
      notice: string;
    }
  /** Approved, and behind another cell in the kernel's queue. */
  | { kind: 'queued'; step: number }
  | { kind: 'running'; step: number }
  /** Nothing waits for it any longer: an ordinary cell. */
  | { kind: 'idle'; step: number; hasRun: boolean }
  | { kind: 'mark'; step: number; facts: IFacts };

export function barState({ facts, isCode, hasRun, source, pending, step, doing }: ISituation): BarState {
  const { proposal } = facts;
  if (step?.state === 'running') {
    return { kind: 'running', step: facts.step };
  }
  const isSent = doing.sent === proposal;
  if (!isSent && pending?.proposal === proposal && pending.cell === facts.cell) {
    return {
      kind: 'waits',
      step: facts.step,
      edited: isEdited(pending.code, source) ? changedLines(lineDiff(pending.code, source)) : 0,
      adds: pending.adds,
      replaces: pending.replaces,
      isCode,
      isRejecting: doing.rejecting === proposal,
      notice: doing.notice
    };
  }
  const now = step && isSettled(step.state) ? settled(facts, step) : facts;
  if (isSettled(now.state)) {
    return { kind: 'mark', step: facts.step, facts: now };
  }
  return isSent ? { kind: 'queued', step: facts.step } : { kind: 'idle', step: facts.step, hasRun };
}
