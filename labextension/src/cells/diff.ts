/** What the user changed in a proposal, line by line. */

import { diffArrays } from 'diff';

export interface ILine {
  sign: '+' | '-' | ' ';
  text: string;
}

/** Whether the texts differ in more than the space around them, which the kernel does not count as an edit either. */
export function isEdited(proposed: string, now: string): boolean {
  return proposed.trim() !== now.trim();
}

/** All lines of both texts, in order; those that were replaced before those that replace them. */
export function lineDiff(proposed: string, now: string): ILine[] {
  return diffArrays(proposed.trimEnd().split('\n'), now.trimEnd().split('\n')).flatMap(({ added, removed, value }) => {
    const sign = added ? '+' : removed ? '-' : ' ';
    return value.map((text): ILine => ({ sign, text }));
  });
}

/** How many lines were changed: a line that replaces another counts once. */
export function changedLines(lines: ReadonlyArray<ILine>): number {
  let changed = 0;
  let added = 0;
  let removed = 0;
  for (const { sign } of [...lines, { sign: ' ' }]) {
    if (sign === ' ') {
      changed += Math.max(added, removed);
      added = removed = 0;
    } else if (sign === '+') {
      added++;
    } else {
      removed++;
    }
  }
  return changed;
}
