/** The numbers by which a question mentions code cells: `@cell3`. */

/** A code cell that can be mentioned. */
export interface IMentionable {
  /** Execution count; null if it has not run. */
  count: number | null;
  source: string;
}

/**
 * Map the number in a cell's mention to the cell's index. It is the execution count; of several cells with the same one,
 * as after a restart of the kernel, the last has it. The others, and cells that have not run, get their position, or
 * the next number that is free.
 */
export function numberCells(cells: ReadonlyArray<Pick<IMentionable, 'count'>>): Map<number, number> {
  const numbers = new Map<number, number>();
  cells.forEach(({ count }, index) => {
    if (count !== null) {
      numbers.set(count, index);
    }
  });
  cells.forEach(({ count }, index) => {
    if (count === null || numbers.get(count) !== index) {
      let number = index + 1;
      while (numbers.has(number)) {
        number++;
      }
      numbers.set(number, index);
    }
  });
  return numbers;
}
