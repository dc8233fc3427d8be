/** Our facts in a cell's metadata, as they stand in a notebook that anybody may have written: nothing in them approves. */

import { ICellModel } from '@jupyterlab/cells';

import { IPending, IStep, METADATA_KEY, StepState } from '../protocol';

export interface IFacts {
  proposal: string;
  /** The id of the step's cell; a cell with another id is a copy of it. */
  cell: string;
  step: number;
  model: string;
  state: StepState;
  /** As proposed. Of a step that ran as proposed it is the cell's own text, and left out. */
  code?: string;
  /** Whether it was proposed in `auto` mode, and so ran without being asked for. */
  auto?: boolean;
  edited?: boolean;
  seconds?: number;
  /** Why it was rejected. */
  reason?: string;
}

const STATES: ReadonlyArray<unknown> = ['waits', 'running', 'done', 'failed', 'rejected', 'stopped', 'left'];
/** A step in one of these states stays as it is. */
const SETTLED: ReadonlyArray<StepState> = ['done', 'failed', 'rejected', 'stopped'];

export function isSettled(state: StepState): boolean {
  return SETTLED.includes(state);
}

/** The facts that a value holds, or null when it is something else. */
export function toFacts(value: unknown): IFacts | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { proposal, cell, step, model, state, code, auto, edited, seconds, reason } = value as Record<string, unknown>;
  if (typeof proposal !== 'string' || typeof cell !== 'string' || typeof step !== 'number' || !STATES.includes(state)) {
    return null;
  }
  return {
    proposal,
    cell,
    step,
    model: typeof model === 'string' ? model : '',
    state: state as StepState,
    ...(typeof code === 'string' && { code }),
    ...(auto === true && { auto }),
    ...(edited === true && { edited }),
    ...(typeof seconds === 'number' && { seconds }),
    ...(typeof reason === 'string' && { reason })
  };
}

/** Of a step that was just proposed. */
export function factsOfPending({ proposal, cell, step, model, code, run }: IPending): IFacts {
  return { proposal, cell, step, model, code, state: 'waits', ...(run && { auto: true }) };
}

/** What stays in the notebook of a step that has settled. */
export function settled(facts: IFacts, { state, edited, seconds, reason }: IStep): IFacts {
  const { code, ...rest } = facts;
  return { ...rest, state, edited, seconds, ...(edited && { code }), ...(reason && { reason }) };
}

export function readFacts(model: ICellModel): IFacts | null {
  return toFacts(model.getMetadata(METADATA_KEY));
}

export function writeFacts(model: ICellModel, facts: IFacts): void {
  model.setMetadata(METADATA_KEY, facts);
}
