import { describe, expect, it } from 'vitest';

import { barState, IStepSituation } from '../../src/cells/state';
import { IPending, IStep, ITrial } from '../../src/kernel/protocol';
import { IStepMetadata } from '../../src/review/metadata';

const PENDING: IPending = {
  proposal: 'p1',
  step: 2,
  code: 'ax = 1\nay = 2',
  cell: 'codeact-p1',
  after: 'a',
  page: 'page',
  nonce: 'n',
  adds: ['ax'],
  replaces: ['ay'],
  model: 'm',
  run: false,
  tried: null
};
const METADATA: IStepMetadata = {
  proposal: 'p1',
  cell: 'codeact-p1',
  step: 2,
  model: 'm',
  state: 'waits',
  code: PENDING.code
};
const STEP: IStep = {
  kind: 'step',
  proposal: 'p1',
  cell: 'codeact-p1',
  step: 2,
  thought: '',
  code: PENDING.code,
  state: 'waits',
  edited: false,
  model: 'm',
  seconds: 0,
  reason: '',
  observation: '',
  tried: null,
  differs: false,
  invisible: '',
  record: null
};
const TRIAL: ITrial = {
  outcome: 'ran',
  line: 'Tried: defines `ax` · 0.02 s',
  outputs: '',
  effects: [],
  added: ['ax'],
  changed: ['ay'],
  removed: [],
  error: '',
  reason: '',
  seconds: 0.02,
  figures: []
};
const NOTE = 'Contains invisible characters: U+200B in line 1 (written as \\u200b)\n1: ax = "a\\u200b"';
const IDLE = { sent: '', rejecting: '', notice: '' };

const state = (change: Partial<IStepSituation> = {}) =>
  barState({
    metadata: METADATA,
    isCode: true,
    hasRun: false,
    source: PENDING.code,
    pending: PENDING,
    step: STEP,
    review: IDLE,
    ...change
  });

describe('barState', () => {
  it('offers a step that waits, with what it assigns', () => {
    expect(state()).toEqual({
      kind: 'waits',
      step: 2,
      edited: 0,
      adds: ['ax'],
      replaces: ['ay'],
      trial: null,
      invisible: '',
      isCode: true,
      isRejecting: false,
      notice: ''
    });
  });

  it('has the trial of the step, also once the user has changed the code', () => {
    const pending = { ...PENDING, tried: TRIAL };
    expect(state({ pending })).toMatchObject({ kind: 'waits', trial: TRIAL });
    expect(state({ pending, source: 'ax = 2' })).toMatchObject({ edited: 2, trial: TRIAL });
  });

  it('has the note on invisible characters, also once the user has changed the code', () => {
    const step = { ...STEP, invisible: NOTE };
    expect(state({ step })).toMatchObject({ kind: 'waits', invisible: NOTE });
    expect(state({ step, source: 'ax = 2' })).toMatchObject({ edited: 2, invisible: NOTE });
    expect(state({ step: null })).toMatchObject({ kind: 'waits', invisible: '' });
  });

  it('keeps in the notebook that the output differs from the trial', () => {
    const done: IStep = { ...STEP, state: 'done', differs: true };
    expect(state({ pending: null, step: done })).toMatchObject({ kind: 'final', metadata: { differs: true } });
    expect(state({ pending: null, step: { ...done, differs: false } })).not.toHaveProperty('metadata.differs');
  });

  it('counts the lines that the user changed', () => {
    expect(state({ source: 'ax = 1\nay = 3\nz = 1' })).toMatchObject({ kind: 'waits', edited: 2 });
  });

  it.each([
    ['nothing waits', { pending: null, step: null }],
    ['another step waits', { pending: { ...PENDING, proposal: 'p2' }, step: null }],
    ['the step waits in another cell', { pending: { ...PENDING, cell: 'other' }, step: null }],
    ['the step was left', { pending: null, step: { ...STEP, state: 'left' as const } }]
  ])('is an ordinary cell when %s', (_, change) => {
    expect(state(change)).toEqual({ kind: 'idle', step: 2, hasRun: false });
  });

  it('is queued from the click until the kernel says that it runs', () => {
    expect(state({ review: { ...IDLE, sent: 'p1' } }).kind).toBe('queued');
    expect(state({ review: { ...IDLE, sent: 'p1' }, pending: null }).kind).toBe('queued');
    expect(state({ review: { ...IDLE, sent: 'p1' }, pending: null, step: { ...STEP, state: 'running' } }).kind).toBe(
      'running'
    );
  });

  it('shows what became of a step whose run has not come back yet', () => {
    const review = { ...IDLE, sent: 'p1' };
    expect(state({ review, pending: null, step: { ...STEP, state: 'done' } }).kind).toBe('final');
  });

  it('knows what became of the step from the conversation, and from the notebook without one', () => {
    const done: IStep = { ...STEP, state: 'done', seconds: 0.1 };
    expect(state({ pending: null, step: done })).toMatchObject({
      kind: 'final',
      metadata: { state: 'done', seconds: 0.1, edited: false }
    });
    expect(state({ pending: null, step: null, metadata: { ...METADATA, state: 'failed' } }).kind).toBe('final');
  });

  it('keeps the proposed code only of a step that was edited', () => {
    const done: IStep = { ...STEP, state: 'done', edited: true };
    expect(state({ pending: null, step: done })).toMatchObject({ metadata: { code: PENDING.code } });
    expect(state({ pending: null, step: { ...done, edited: false } })).not.toHaveProperty('metadata.code');
  });

  it('opens the reason form and shows a notice for this step alone', () => {
    expect(state({ review: { ...IDLE, rejecting: 'p1', notice: 'no' } })).toMatchObject({
      isRejecting: true,
      notice: 'no'
    });
    expect(state({ review: { ...IDLE, rejecting: 'p0' } })).toMatchObject({ isRejecting: false });
  });
});
