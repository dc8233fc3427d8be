/** Mentions in a question: `@name` of a variable or a file, and `@cell3` of a cell, whose text is sent with it. */

import { IMentionable, numberCells } from '../kernel/cell-numbers';

export interface IMentioned {
  /** The question without the `@` of mentions. */
  text: string;
  /** Indices of the mentioned cells, without duplicates. */
  cells: number[];
}

/** A mention, but not an `@` within a word, as in an e-mail address, or in a form for the answer: `@mean[value]`. */
const MENTION = /(^|[\s(,;:"'])@([A-Za-z_]\w*)(?!\w|[[{<](?!["']|-?\d+\]))/g;
const CELL = /^cell(\d+)$/;

/** Find the mentioned cells, and remove the `@` of all mentions. */
export function resolveMentions(text: string, cells: ReadonlyArray<IMentionable>): IMentioned {
  const numbers = numberCells(cells);
  const mentioned = new Set<number>();
  const resolved = text.replace(MENTION, (_, before: string, name: string) => {
    const number = Number(CELL.exec(name)?.[1]);
    const index = numbers.get(number);
    if (index === undefined) {
      return before + name;
    }
    mentioned.add(index);
    return `${before}cell [${number}]`;
  });
  return { text: resolved, cells: [...mentioned] };
}

/** Return the mentions of cells that begin with `prefix`, in the order of their numbers, with the cell's first line. */
export function completeCells(prefix: string, cells: ReadonlyArray<IMentionable>): { name: string; line: string }[] {
  return [...numberCells(cells)]
    .sort(([one], [other]) => one - other)
    .map(([number, index]) => ({ name: `cell${number}`, line: firstLine(cells[index].source) }))
    .filter(({ name, line }) => name.startsWith(prefix) && line !== '');
}

/** Return the first line that is not empty. */
export function firstLine(source: string): string {
  return source.trimStart().split('\n', 1)[0].trimEnd();
}
