/** `@` in a question: variables, which keep their names, and cells, which go along with it. */

/** A code cell as far as a mention needs it. */
export interface IMentionable {
  /** Its execution count; null when it has not run. */
  count: number | null;
  source: string;
}

export interface IMentioned {
  /** The question, without the `@`. */
  text: string;
  /** The indices of the mentioned cells, each once. */
  cells: number[];
}

/** Not within a word (an e-mail address), and not in a decorator with arguments or an attribute. */
const MENTION = /(^|[\s(,;:"'])@([A-Za-z_]\w*)/g;
const CELL = /^cell(\d+)$/;

/** By which number each cell is mentioned: its execution count, or its position where no cell has run as that. */
export function numberCells(cells: ReadonlyArray<IMentionable>): Map<number, number> {
  const numbers = new Map<number, number>();
  cells.forEach((cell, index) => {
    if (cell.count !== null) {
      numbers.set(cell.count, index);
    }
  });
  cells.forEach((cell, index) => {
    if (cell.count === null && !numbers.has(index + 1)) {
      numbers.set(index + 1, index);
    }
  });
  return numbers;
}

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

/** The cells whose mention begins with `prefix`, such as `cell` or `cell1`, in the order of their numbers. */
export function completeCells(prefix: string, cells: ReadonlyArray<IMentionable>): { name: string; line: string }[] {
  return [...numberCells(cells)]
    .sort(([one], [other]) => one - other)
    .map(([number, index]) => ({ name: `cell${number}`, line: firstLine(cells[index].source) }))
    .filter(({ name, line }) => name.startsWith(prefix) && line !== '');
}

/** The first line that is not empty. */
export function firstLine(source: string): string {
  return source.trimStart().split('\n', 1)[0].trimEnd();
}
