import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { completeCells, firstLine, resolveMentions } from '../../src/chat/mentions';
import { help, isCommand, NAMES, parseCommand } from '../../src/chat/slash';
import { numberCells } from '../../src/kernel/cell-numbers';

describe('a command', () => {
  it('is a word after a slash, and what follows it', () => {
    expect(parseCommand('/model qwen 3 ')).toEqual({ name: 'model', argument: 'qwen 3' });
    expect(parseCommand('  /RESET')).toEqual({ name: 'reset', argument: '' });
    expect(parseCommand('/fix\nwith pandas')).toEqual({ name: 'fix', argument: 'with pandas' });
  });

  it('is no path and no slash within a question', () => {
    for (const text of ['/data/penguins.csv: read it', 'a /reset', '/', '//', '/ reset', '']) {
      expect(parseCommand(text)).toBeNull();
    }
  });

  it('is known or not', () => {
    expect(isCommand('fix')).toBe(true);
    expect(isCommand('toString')).toBe(false);
  });

  it('is in the help', () => {
    const text = help(nullTranslator.load(''));
    for (const name of NAMES) {
      expect(text).toContain(`/${name} `);
    }
  });
});

describe('a mention', () => {
  const cells = [
    { count: 3, source: 'import pandas' },
    { count: null, source: '\n  df.plot()  \nmore' },
    { count: 1, source: 'df' },
    { count: null, source: '' }
  ];

  it('names a cell by its execution count, or by its position where that is free', () => {
    expect([...numberCells(cells)]).toEqual([
      [3, 0],
      [1, 2],
      [2, 1],
      [4, 3]
    ]);
  });

  it.each<[(number | null)[], [number, number][]]>([
    [
      [1, 2, 1], // the kernel was restarted, and the last cell run
      [
        [1, 2],
        [2, 1],
        [3, 0]
      ]
    ],
    [
      [5, 5, null, 2],
      [
        [5, 1],
        [2, 3],
        [1, 0],
        [3, 2]
      ]
    ],
    [
      [null, 1, 1],
      [
        [1, 2],
        [2, 0],
        [3, 1]
      ]
    ]
  ])('has a number for each cell, also where execution counts repeat: %j', (counts, numbers) => {
    const found = numberCells(counts.map(count => ({ count })));
    expect([...found]).toEqual(numbers);
  });

  it('keeps the name of a variable', () => {
    expect(resolveMentions('Plot @means, and (@df).', cells)).toEqual({ text: 'Plot means, and (df).', cells: [] });
  });

  it('keeps the name of a file, and what stands behind a name', () => {
    expect(resolveMentions('Read @sales-2024.csv: @df["kg"], @x[0]?', cells).text).toBe(
      'Read sales-2024.csv: df["kg"], x[0]?'
    );
  });

  it('is no form for the answer', () => {
    for (const text of ['Reply as @mean[value].', 'Say @top{name}, @n[0.00] only', '@answer<number>']) {
      expect(resolveMentions(text, cells).text).toBe(text);
    }
  });

  it('takes a cell along, once', () => {
    const { text, cells: indices } = resolveMentions('@cell3 and @cell2, @cell3 again', cells);
    expect(text).toBe('cell [3] and cell [2], cell [3] again');
    expect(indices).toEqual([0, 1]);
  });

  it('of a cell that is not there stays a name', () => {
    expect(resolveMentions('@cell99', cells)).toEqual({ text: 'cell99', cells: [] });
  });

  it('is not in a mail address', () => {
    expect(resolveMentions('ask me@home.org', cells).text).toBe('ask me@home.org');
  });

  it('of a cell is completed with its first line', () => {
    expect(completeCells('cell', cells)).toEqual([
      { name: 'cell1', line: 'df' },
      { name: 'cell2', line: 'df.plot()' },
      { name: 'cell3', line: 'import pandas' }
    ]);
    expect(completeCells('cell3', cells)).toHaveLength(1);
    expect(completeCells('x', cells)).toEqual([]);
  });

  it('shows a line, not a page', () => {
    expect(firstLine('\n\n  a = 1  \nb')).toBe('a = 1');
    expect(firstLine('')).toBe('');
  });
});
