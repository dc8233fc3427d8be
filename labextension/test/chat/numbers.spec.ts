import { describe, expect, it } from 'vitest';

import { findNumbers } from '../../src/chat/numbers';
import { INumber } from '../../src/kernel/protocol';

const of = (...numbers: string[]): INumber[] =>
  numbers.map(number => ({ number, place: 'step 1', cell: 'codeact-p1', output: number, row: '', column: '' }));

/** The texts with the numbers that are found between brackets. */
function marked(texts: string[], numbers: INumber[]): string[] {
  const shown = [...texts];
  for (const { text, start, number } of findNumbers(texts, numbers).reverse()) {
    const end = start + number.number.length;
    shown[text] = `${shown[text].slice(0, start)}[${number.number}]${shown[text].slice(end)}`;
  }
  return shown;
}

describe('the numbers of an answer', () => {
  it('are found in the order of its texts', () => {
    expect(marked(['Rome has ', '5,076', ' of 20,901, Oslo 5.'], of('5,076', '20,901', '5'))).toEqual([
      'Rome has ',
      '[5,076]',
      ' of [20,901], Oslo [5].'
    ]);
  });

  it('may occur twice', () => {
    expect(marked(['7 cats, 7 dogs'], of('7', '7'))).toEqual(['[7] cats, [7] dogs']);
    expect(marked(['7 cats, 7 dogs'], of('7'))).toEqual(['[7] cats, 7 dogs']);
  });

  it.each([
    ['of a longer one', '15, 5.2, 1.5, 5,000 and 5', '15, 5.2, 1.5, 5,000 and [5]'],
    ['of a name', 'df5, x_5, #5, α5 and 5', 'df5, x_5, #5, α5 and [5]'],
    ['of an ordinal', 'the 5th and 5', 'the 5th and [5]'],
    ['but before a unit or a full stop', '5kg.', '[5]kg.']
  ])('are no part %s', (_, text, shown) => {
    expect(marked([text], of('5'))).toEqual([shown]);
  });

  it('are found with their signs and separators as they are written', () => {
    expect(marked(['$1 234.50, 12 % (.5)'], of('1 234.50', '12', '.5'))).toEqual(['$[1 234.50], [12] % ([.5])']);
    expect(marked(["1'000 and 2’000"], of("1'000", '2’000'))).toEqual(["[1'000] and [2’000]"]);
  });

  it('are left alone where no step showed them, and those after them are still found in their places', () => {
    const numbers = of('5', '5', '9');
    numbers[0] = { ...numbers[0], place: '', cell: '' };
    expect(marked(['5 asked, 5 shown, 9'], numbers)).toEqual(['5 asked, [5] shown, [9]']);
  });

  it('are left out if the text does not have them', () => {
    expect(marked(['five of 9'], of('5', '9'))).toEqual(['five of [9]']);
    expect(marked([], of('5'))).toEqual([]);
  });
});
