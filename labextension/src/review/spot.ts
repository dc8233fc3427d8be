/** The spot of a number in the output of a cell, which is lit while the number is pointed at in an answer. */

import { INumber } from '../kernel/protocol';

/** Name of the highlight; its colours are in `style/cells.css`. */
const HIGHLIGHT = 'codeact-number';

/** An occurrence of a number, with what stands at its left in its row and above it. */
export interface IOccurrence {
  left: string[];
  above: string[];
}

/** Light up the number in an output, or no number. Where several may be meant, none is lit. */
export function lightNumber(output: HTMLElement | null, number: INumber): void {
  if (!('highlights' in CSS)) {
    return; // an old browser: the whole output is lit anyway
  }
  const found = output ? occurrences(output, number.output) : [];
  const place = choose(
    found.map(({ occurrence }) => occurrence),
    number
  );
  if (place < 0) {
    CSS.highlights.delete(HIGHLIGHT);
  } else {
    CSS.highlights.set(HIGHLIGHT, new Highlight(found[place].range));
  }
}

/** Return the index of the one that is meant, or -1: the only one, or the only one with these labels. */
export function choose(found: ReadonlyArray<IOccurrence>, { row, column }: Pick<INumber, 'row' | 'column'>): number {
  if (found.length === 1) {
    return 0;
  }
  const labelled = found.map(
    ({ left, above }) => (!row || left.includes(row)) && (!column || above.includes(column)) && Boolean(row || column)
  );
  const place = labelled.indexOf(true);
  return labelled.indexOf(true, place + 1) < 0 ? place : -1;
}

/** Return a pattern of the number that is no part of a longer one, of a name or of an ordinal. */
export function patternOf(number: string): RegExp {
  const literal = number.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_#]|\\d[.,])${literal}(?!\\d|[.,]\\d|(?:st|nd|rd|th)\\b)`, 'gu');
}

function occurrences(output: HTMLElement, number: string): Array<{ range: Range; occurrence: IOccurrence }> {
  const found: Array<{ range: Range; occurrence: IOccurrence }> = [];
  const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
  while (number && walker.nextNode()) {
    const node = walker.currentNode as Text;
    for (const match of node.data.matchAll(patternOf(number))) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + number.length);
      found.push({ range, occurrence: surroundings(node, match.index) });
    }
  }
  return found;
}

/** Return what is around a number: in an HTML table by its cells, in text by the words of its line. */
function surroundings(node: Text, start: number): IOccurrence {
  const cell = node.parentElement?.closest<HTMLTableCellElement>('td, th');
  const row = cell?.closest('tr');
  if (!cell || !row) {
    const line = node.data.slice(node.data.lastIndexOf('\n', start) + 1, start);
    return { left: [line.trim(), ...line.trim().split(/\s+/)], above: [] };
  }
  const left = [...row.cells].slice(0, cell.cellIndex).map(text);
  const heads = [...(row.closest('table')?.tHead?.rows ?? [])];
  const above = heads.map(head => head.cells[cell.cellIndex]).filter(Boolean);
  return { left: [...left, left.join(' ')], above: above.map(text) };
}

function text(cell: HTMLTableCellElement): string {
  return cell.textContent.trim();
}
