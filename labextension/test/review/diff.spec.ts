import { describe, expect, it } from 'vitest';

import { changedLines, isEdited, lineDiff } from '../../src/review/diff';

const signs = (before: string, after: string): string[] => lineDiff(before, after).map(({ sign, text }) => sign + text);

describe('lineDiff', () => {
  it('shows a replaced line before the one that replaces it', () => {
    expect(signs('a\nb\nc', 'a\nB\nc')).toEqual([' a', '-b', '+B', ' c']);
  });

  it('does not mind a line break at the end', () => {
    expect(signs('a\nb\n', 'a\nb')).toEqual([' a', ' b']);
  });

  it('keeps the text as it is, markup included', () => {
    expect(signs('', '<img src=x onerror=alert(1)>')).toContain('+<img src=x onerror=alert(1)>');
  });
});

describe('changedLines', () => {
  it.each([
    ['a\nb\nc', 'a\nB\nc', 1],
    ['a\nb\nc', 'a\nc', 1],
    ['a', 'a\nb\nc', 2],
    ['a\nb\nc\nd', 'A\nb\nc\nD\nE', 3],
    ['a', 'a', 0]
  ])('from %j to %j: %i', (before, after, count) => {
    expect(changedLines(lineDiff(before, after))).toBe(count);
  });
});

describe('isEdited', () => {
  it('ignores space around the code only', () => {
    expect(isEdited('a = 1', '\na = 1 \n')).toBe(false);
    expect(isEdited('a = 1', 'a =  1')).toBe(true);
  });
});
