/**
 * What kernel and page say to each other over one comm per open page, typed once here and once in
 * `codeact_jupyter/wire.py`; `tests/fixtures/protocol.json` holds an example of each, which both sides read in their tests.
 */

export const TARGET = 'codeact-jupyter';
/** The key of an approval in the metadata of an execute request. It is never saved with a notebook. */
export const APPROVAL_KEY = 'codeactApproval';
/** The key of our facts in the metadata of a cell. Nothing there approves anything. */
export const METADATA_KEY = 'codeact';

export type Phase = 'idle' | 'thinking' | 'waits' | 'running' | 'paused';

/** Where the conversation stands. */
export interface IStatus {
  phase: Phase;
  /** Of the episode; 0 before its first. */
  step: number;
  /** How the last episode ended (`answered`, `stopped`, ...), or an empty string. */
  ended: string;
  model: string;
  mode: 'ask' | 'auto';
  /** Tokens per second of the last reply; 0 when unknown. */
  speed: number;
  /** Tokens of the last prompt and reply. */
  used: number;
  /** The model's window in tokens; 0 when unknown. */
  window: number;
  /** What is going on beside the conversation: a download. Empty when nothing is. */
  progress: string;
  /** Whether the conversation can be taken up again by `continue`. */
  resumable: boolean;
}

export type StepState = 'waits' | 'running' | 'done' | 'failed' | 'rejected' | 'stopped' | 'left';

/** One entry of what was said, oldest first. */
export type Item = IQuestion | IStep | IAnswer | IEnding | INote;

export interface IQuestion {
  kind: 'question';
  text: string;
}

export interface IStep {
  kind: 'step';
  /** The proposal's id. */
  proposal: string;
  /** The id of its cell. */
  cell: string;
  step: number;
  thought: string;
  /** As proposed, or as it ran. */
  code: string;
  state: StepState;
  edited: boolean;
  model: string;
  /** Of the run; 0 before it. */
  seconds: number;
  /** Why it was rejected. */
  reason: string;
  /** What the run brought, as the model reads it, shortened. */
  observation: string;
}

export interface IAnswer {
  kind: 'answer';
  text: string;
  /** Turns, seconds and speed, in words. */
  summary: string;
}

export interface IEnding {
  kind: 'ending';
  status: string;
  text: string;
}

export interface INote {
  kind: 'note';
  text: string;
}

/** The reply that is being written. */
export interface IStream {
  step: number;
  thought: string;
  code: string;
}

/** The proposal that waits for the user. */
export interface IPending {
  proposal: string;
  step: number;
  code: string;
  /** The id that its cell has or gets. */
  cell: string;
  /** Its cell goes directly below this one; null or a cell that is gone: to the end. */
  after: string | null;
  /** The page that puts it into the notebook; the others only show it. */
  page: string;
  /** What an approval of it must carry. */
  nonce: string;
  /** Names that it binds and that are new, or replaced. */
  adds: string[];
  replaces: string[];
  model: string;
  /** In `auto` mode: to be run at once. */
  run: boolean;
}

export interface IModel {
  name: string;
  title: string;
  bytes: number;
  installed: boolean;
}

export interface IName {
  name: string;
  type: string;
}

export type FromKernel =
  | { type: 'snapshot'; items: Item[]; status: IStatus; pending: IPending | null; stream: IStream | null }
  | { type: 'item'; index: number; item: Item }
  | { type: 'status'; status: IStatus }
  | { type: 'stream'; stream: IStream | null }
  | { type: 'pending'; pending: IPending | null }
  | { type: 'reply'; request: string; error: string; data: unknown };

/** A cell that a question is about. */
export interface ICellText {
  source: string;
  /** Its error or its output as plain text; may be empty. */
  output: string;
}

export type ToKernel =
  | { type: 'attach'; page: string; options: { [name: string]: string | number | boolean } }
  | {
      type: 'ask';
      kind: 'question' | 'fix' | 'explain';
      text: string;
      /** The step goes below this cell. */
      after: string | null;
      /** The cells that the question mentions; of a `fix` or `explain`, the one that it is about. */
      cells: ICellText[];
    }
  | { type: 'reject'; proposal: string; reason: string }
  | { type: 'stop' }
  | { type: 'reset' }
  | { type: 'continue' }
  | { type: 'set'; option: string; value: string | number | boolean }
  /** This page has the cell of the proposal. */
  | { type: 'placed'; proposal: string }
  /** This page lost it, or never had it, and could put it in. */
  | { type: 'missing'; proposal: string }
  | { type: 'names'; prefix: string }
  | { type: 'models' }
  | { type: 'pull'; model: string };

const KINDS: ReadonlyArray<string> = ['snapshot', 'item', 'status', 'stream', 'pending', 'reply'];

/** Whether a comm message is one of ours; its kernel is trusted to have filled it in. */
export function isFromKernel(data: unknown): data is FromKernel {
  return typeof data === 'object' && data !== null && KINDS.includes((data as { type?: unknown }).type as string);
}
