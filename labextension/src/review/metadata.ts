/** The metadata of a step's cell. It is saved with the notebook, which anybody may have written: it approves nothing. */

import { ICellModel } from '@jupyterlab/cells';

import { IPending, IStep, StepState } from '../kernel/protocol';

/** Key of this metadata in that of a cell. */
export const METADATA_KEY = 'codeact';

export interface IStepMetadata {
  proposal: string;
  /** Id of the step's cell. A cell with another id is a copy of it. */
  cell: string;
  step: number;
  model: string;
  state: StepState;
  /** Code as proposed; left out once the step has run unedited. */
  code?: string;
  /** True if it was proposed in `auto` mode, and so ran without approval. */
  auto?: boolean;
  edited?: boolean;
  /** True if its output differs from that of its trial. */
  differs?: boolean;
  seconds?: number;
  /** Reason of a rejection, or what an undo put back and what it did not. */
  reason?: string;
  /** Where it comes from: see `docs/record.md`. */
  record?: object;
}

/** The states of a step: true if it is final. */
const FINAL: { [state in StepState]: boolean } = {
  waits: false,
  running: false,
  done: true,
  failed: true,
  rejected: true,
  stopped: true,
  left: false,
  undone: true
};

export function isFinal(state: StepState): boolean {
  return FINAL[state];
}

/** Parse the metadata of a cell. Return null if it is not that of a step. */
export function parseMetadata(value: unknown): IStepMetadata | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { proposal, cell, step, model, state } = value as Record<string, unknown>;
  const { code, auto, edited, differs, seconds, reason, record } = value as Record<string, unknown>;
  if (typeof proposal !== 'string' || typeof cell !== 'string' || typeof step !== 'number' || !isState(state)) {
    return null;
  }
  return {
    proposal,
    cell,
    step,
    model: typeof model === 'string' ? model : '',
    state,
    ...(typeof code === 'string' && { code }),
    ...(auto === true && { auto }),
    ...(edited === true && { edited }),
    ...(differs === true && { differs }),
    ...(typeof seconds === 'number' && { seconds }),
    ...(typeof reason === 'string' && { reason }),
    ...(typeof record === 'object' && record !== null && { record })
  };
}

function isState(value: unknown): value is StepState {
  return typeof value === 'string' && Object.hasOwn(FINAL, value);
}

/** Return the metadata of a step that was just proposed. */
export function pendingMetadata({ proposal, cell, step, model, code, run }: IPending): IStepMetadata {
  return { proposal, cell, step, model, code, state: 'waits', ...(run && { auto: true }) };
}

/** Return the metadata of a step in a final state. */
export function finalMetadata(metadata: IStepMetadata, step: IStep): IStepMetadata {
  const { code, ...rest } = metadata;
  const { state, edited, seconds, reason, differs, record } = step;
  return {
    ...rest,
    state,
    edited,
    seconds,
    ...(edited && { code }),
    ...(reason && { reason }),
    ...(differs && { differs }),
    ...(record && { record })
  };
}

export function readMetadata(model: ICellModel): IStepMetadata | null {
  return parseMetadata(model.getMetadata(METADATA_KEY));
}

export function writeMetadata(model: ICellModel, metadata: IStepMetadata): void {
  model.setMetadata(METADATA_KEY, metadata);
}
