import { expect, it, vi } from 'vitest';

import { failureText } from '../../src/kernel/cell-text';

// Needs a browser.
vi.mock('@jupyterlab/cells', () => ({}));

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
