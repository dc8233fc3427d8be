import { describe, expect, it, vi } from 'vitest';

import { ICellModel } from '@jupyterlab/cells';

import { failureText, ownFrames, toText } from '../../src/kernel/cell-text';
import { Item } from '../../src/kernel/protocol';

// Needs a browser.
vi.mock('@jupyterlab/cells', () => ({ isCodeCellModel: () => true }));

it('quotes an error without its colours, and the end of a long traceback', () => {
  const text = failureText({
    ename: 'ValueError',
    evalue: 'no',
    traceback: [...Array.from({ length: 99 }, (_, line) => `line ${line}`), '\x1b[0;31mValueError\x1b[0m: no']
  });
  expect(text).toMatch(/^ValueError: no\nline 70\n/);
  expect(text).toMatch(/\nValueError: no$/);
});

it('leaves out of a traceback what is in libraries', () => {
  const traceback = [
    '\x1b[31mFileNotFoundError\x1b[39m    Traceback (most recent call last)',
    'Cell \x1b[32mIn[1]\x1b[39m, line 1\n----> 1 pd.read_csv(path)\n',
    'File \x1b[32m~/env/lib/python3.11/site-packages/pandas/io/readers.py:1866\x1b[39m, in read_csv(path)\n-> 1866 return _read()\n',
    'File ~/work/mine.py:3, in load(path)\n      3 open(path)\n',
    'FileNotFoundError: no such file'
  ];
  const text = failureText({ ename: 'FileNotFoundError', evalue: 'no such file', traceback });
  expect(text).toContain('----> 1 pd.read_csv(path)');
  expect(text).toContain('mine.py');
  expect(text).not.toContain('readers.py');
  expect(text).toMatch(/\nFileNotFoundError: no such file$/);
});

describe('an error folded to the own frames', () => {
  const own = 'Cell \x1b[32mIn[1]\x1b[39m, line 1\n----> 1 pd.read_csv(path)\n';
  const end = '\x1b[31mKeyError\x1b[39m: 1';

  it.each([
    '\x1b[32mFile ~/env/lib/python3.11/site-packages/pandas/io/readers.py:1866\x1b[39m, in read_csv(path)\n-> 1866 go()',
    'File /usr/lib/python3.12/json/decoder.py:355, in JSONDecoder.raw_decode(self)',
    'File C:\\Python\\Lib\\site-packages\\pandas\\core\\frame.py:12, in f()',
    'File pandas/_libs/index.pyx:167, in pandas._libs.index.IndexEngine.get_loc()',
    'File index.pyx:196, in pandas._libs.index.IndexEngine.get_loc()',
    'File <frozen importlib._bootstrap>:1204, in _gcd_import(name)'
  ])('has no %j', frame => {
    const { text, hidden } = ownFrames({ ename: 'KeyError', evalue: '1', traceback: ['---', own, frame, frame, end] });
    expect(text).toBe(['---', own, end].join('\n'));
    expect(hidden).toBe(2);
  });

  it.each([
    'File ~/work/mine.py:3, in load(path)\n      3 open(path)\n',
    'File ~/python3.9-course/exercise.py:3, in load(path)',
    'File /tmp/site-packages.py:1, in f()',
    'The above exception was the direct cause of the following exception:'
  ])('has %j', frame => {
    expect(ownFrames({ ename: 'KeyError', evalue: '1', traceback: [own, frame, end] }).hidden).toBe(0);
  });
});

describe('a cell as text', () => {
  const cell = (source: string, ...outputs: { [type: string]: string }[]): ICellModel =>
    ({
      id: 'c',
      sharedModel: { getSource: () => source },
      outputs: { length: outputs.length, get: (index: number) => ({ data: outputs[index] }) }
    }) as unknown as ICellModel;
  const step = { kind: 'step', cell: 'c', code: 'plot()', observation: 'figure: bars of 3 and 7' } as Item;
  const figure = { 'text/plain': '<Figure size 640x480 with 1 Axes>', 'image/png': 'iVBO' };

  it('of a step has what the model read of its outputs', () => {
    expect(toText(cell('plot()', figure), [step]).output).toBe('figure: bars of 3 and 7');
  });

  it('of a step that was changed since has the outputs', () => {
    expect(toText(cell('plot(2)', figure), [step]).output).toBe('<Figure size 640x480 with 1 Axes>');
  });

  it('has what says more than the name of an object', () => {
    const marked = { 'text/plain': '<IPython.core.display.Markdown object>', 'text/markdown': '**3** trees' };
    const table = { 'text/plain': '   n\n0  3', 'text/html': '<table></table>' };
    expect(toText(cell('show()', marked, table), []).output).toBe('**3** trees\n   n\n0  3');
  });
});
