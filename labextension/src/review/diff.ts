/** Line difference of a proposal and the user's edit of it. */

import { diffArrays } from 'diff';

export interface ILine {
  sign: '+' | '-' | ' ';
  text: string;
}

/** True if the texts differ in more than the white space around them. The kernel decides likewise. */
export function isEdited(proposed: string, now: string): boolean {
  return proposed.trim() !== now.trim();
}

/** Return all lines of both texts in order, removed ones before those that replace them. */
export function lineDiff(proposed: string, now: string): ILine[] {
  return diffArrays(proposed.trimEnd().split('\n'), now.trimEnd().split('\n')).flatMap(({ added, removed, value }) => {
    const sign = added ? '+' : removed ? '-' : ' ';
    return value.map((text): ILine => ({ sign, text }));
  });
}

/** Count the changed lines. A line that replaces another counts once. */
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
