/** Screen readers get a sentence for each step and state, once. */

import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { Item, IStep, ITrial, StepState } from '../../src/kernel/protocol';
import { announcements } from '../../src/shell/announcer';

const TRANS = nullTranslator.load('codeact_jupyter');
const QUESTION: Item = { kind: 'question', text: 'Why?' };

function step(state: StepState, other: Partial<IStep> = {}): IStep {
  const text = {
    thought: '',
    code: '1',
    model: 'm',
    reason: '',
    observation: '',
    tried: null,
    differs: false,
    invisible: '',
    record: null
  };
  return { kind: 'step', proposal: 'p', cell: 'c', step: 2, state, edited: false, seconds: 0, ...text, ...other };
}

test.each<[StepState, string]>([
  ['waits', 'Step 2 waits for you.'],
  ['running', 'Step 2 is running.'],
  ['done', 'Step 2 is done.'],
  ['failed', 'Step 2 failed.'],
  ['stopped', 'Step 2 was stopped.']
])('a step that now is: %s', (state, sentence) => {
  expect(announcements([QUESTION], [QUESTION, step(state)], TRANS)).toEqual([sentence]);
});

test('a trial is told with the step that waits, and after the run if the output differs', () => {
  const tried = { line: 'Tried: 5076.02 · defines `means` · 0.02 s' } as ITrial;
  const waits = step('waits', { tried });
  const spoken = 'Step 2 waits for you. Tried: 5076.02 · defines means · 0.02 s.';
  expect(announcements([], [waits], TRANS)).toEqual([spoken]);
  expect(announcements([waits], [step('running', { tried })], TRANS)).toEqual(['Step 2 is running.']);
  expect(announcements([waits], [step('done', { tried, differs: true })], TRANS)).toEqual([
    'Step 2 is done. The output differs from the trial.'
  ]);
});

test('invisible characters are told with the step that waits', () => {
  const invisible = 'Contains invisible characters: U+00AD in line 1 (written as \\xad)\n1: x = "a\\xadb"';
  const spoken = 'Step 2 waits for you. Contains invisible characters: U+00AD in line 1 (written as \\xad).';
  expect(announcements([], [step('waits', { invisible })], TRANS)).toEqual([spoken]);
  expect(announcements([], [step('running', { invisible })], TRANS)).toEqual(['Step 2 is running.']);
});

test('only another step, or another state of it, is news', () => {
  const before = step('waits');
  expect(announcements([before], [before], TRANS)).toEqual([]);
  expect(announcements([before], [{ ...before, edited: true }], TRANS)).toEqual([]);
  expect(announcements([before], [step('waits', { proposal: 'another' })], TRANS)).toEqual(['Step 2 waits for you.']);
});

test('the answer and the end are told in a sentence, the question and notes are not', () => {
  const answer: Item = { kind: 'answer', text: 'Because.', summary: '', basis: '', numbers: [] };
  const ending: Item = { kind: 'ending', status: 'stopped', text: 'Stopped.' };
  const note: Item = { kind: 'note', text: 'The kernel was restarted.' };
  expect(announcements([], [QUESTION, note, answer, ending], TRANS)).toEqual([
    'CodeAct has answered.',
    'CodeAct has stopped.'
  ]);
});
