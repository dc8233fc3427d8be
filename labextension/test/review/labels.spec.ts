import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { addsLabel, modelLabel, outcomeLabel, sentTo, told } from '../../src/review/labels';
import { IStepMetadata } from '../../src/review/metadata';

const trans = nullTranslator.load('codeact_jupyter');
const METADATA: IStepMetadata = { proposal: 'p', cell: 'c', step: 1, model: 'qwen', state: 'done', seconds: 0.04 };

describe('outcomeLabel', () => {
  it.each([
    [{}, 'CodeAct step 1 · approved as proposed · 0.1 s · qwen'],
    [{ edited: true, seconds: 12.3 }, 'CodeAct step 1 · edited by you · 12 s · qwen'],
    [{ state: 'failed', auto: true }, 'CodeAct step 1 · run without asking · failed · 0.1 s · qwen'],
    [{ state: 'stopped', seconds: 0, model: '' }, 'CodeAct step 1 · approved as proposed · stopped'],
    [
      { state: 'undone', seconds: 0, model: '', reason: 'Step 1 is undone: `x` is removed.' },
      'CodeAct step 1 · approved as proposed · Step 1 is undone: x is removed.'
    ],
    [{ state: 'rejected', reason: 'use the median' }, 'CodeAct step 1 · rejected: use the median · qwen']
  ] as [Partial<IStepMetadata>, string][])('%j', (change, label) => {
    expect(outcomeLabel({ ...METADATA, ...change }, trans)).toBe(label);
  });
});

describe('modelLabel', () => {
  const file = {
    name: 'm',
    title: 'f',
    bytes: 5.3e9,
    installed: true,
    licence: 'MIT',
    needs: 6.4e9,
    left: 2.6e9,
    seconds: 0,
    purpose: ''
  };
  it.each([
    [{}, 'm (keeps 2.6 GB of memory free)'],
    [{ seconds: 21.4 }, 'm (keeps 2.6 GB of memory free, 21 s a step)'],
    [{ installed: false }, 'm (downloads 5.3 GB, keeps 2.6 GB of memory free, MIT)'],
    [{ left: -1, seconds: 3 }, 'm (needs 6.4 GB of memory, 3.0 s a step)'],
    [{ installed: false, left: -3e9, seconds: 90 }, 'm (downloads 5.3 GB, needs 6.4 GB of memory, 90 s a step, MIT)']
  ])('%j', (change, label) => {
    expect(modelLabel({ ...file, ...change }, trans)).toBe(label);
  });
});

it('names the host to which the text goes', () => {
  expect(sentTo('example.org:8000', trans)).toBe('sent to example.org:8000');
});

it('names six of many names', () => {
  expect(addsLabel(['a', 'b'], trans)).toBe('defines a, b');
  expect(addsLabel(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], trans)).toBe('defines a, b, c, d, e, f, …');
  expect(addsLabel([], trans)).toBe('');
});

it.each(['', 'Stopped.', 'paused at 10 MB of 25 MB (42 %)', 'Run `%%codeact` or `%codeact 1`.', '100%% %1 %2 %'])(
  'leaves a text of the kernel that has no translation as it is: %s',
  text => {
    expect(told(text, trans)).toBe(text);
  }
);
