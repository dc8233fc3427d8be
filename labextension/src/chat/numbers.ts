/** The numbers of an answer: each tells where it stands, and lights up the output of that step's cell. */

import { INumber } from '../kernel/protocol';
import { patternOf } from '../review/spot';

/** What the numbers of an answer do in the notebook. */
export interface IOutputs {
  /** Light up the output that a number comes from, or end that. */
  light(number: INumber, isLit: boolean): void;
  /** Scroll to a cell. */
  show(cell: string): void;
}

/** A number in one of several texts. */
export interface IFound {
  text: number;
  start: number;
  number: INumber;
}

/** Find the numbers, which are in the order of the texts; one that is not found, or in no cell, is left out. */
export function findNumbers(texts: ReadonlyArray<string>, numbers: ReadonlyArray<INumber>): IFound[] {
  const found: IFound[] = [];
  let [text, from] = [0, 0];
  for (const number of numbers) {
    const pattern = patternOf(number.number);
    for (let next = text, start = from; next < texts.length; next++, start = 0) {
      pattern.lastIndex = start;
      const match = pattern.exec(texts[next]);
      if (match) {
        [text, from] = [next, pattern.lastIndex];
        found.push({ text, start: match.index, number });
        break;
      }
    }
  }
  return found.filter(({ number }) => number.cell);
}

/** Make the numbers in an element focusable, with their places as tooltips. */
export function markNumbers(root: HTMLElement, numbers: ReadonlyArray<INumber>, outputs: IOutputs): void {
  const nodes: Text[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    nodes.push(walker.currentNode as Text);
  }
  const texts = nodes.map(node => node.data);
  for (const { text, start, number } of findNumbers(texts, numbers).reverse()) {
    const node = nodes[text].splitText(start);
    node.splitText(number.number.length);
    node.replaceWith(...elementsOf(number, outputs));
  }
}

/** Return the number and its tooltip, which has its text only while it is shown: it is no part of the answer. */
function elementsOf(number: INumber, outputs: IOutputs): HTMLElement[] {
  const tooltip = document.createElement('span');
  tooltip.className = 'jp-CodeAct-place';
  tooltip.role = 'tooltip';
  const element = document.createElement('span');
  element.className = 'jp-CodeAct-number';
  element.role = 'button';
  element.tabIndex = 0;
  element.textContent = number.number;
  element.setAttribute('aria-description', number.place);
  const light = (): void => {
    const isLit = element.matches(':hover, :focus');
    tooltip.textContent = isLit ? number.place : '';
    outputs.light(number, isLit);
  };
  ['mouseenter', 'mouseleave', 'focus', 'blur'].forEach(type => element.addEventListener(type, light));
  element.addEventListener('click', () => outputs.show(number.cell));
  element.addEventListener('keydown', event => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      outputs.show(number.cell);
    }
  });
  return [element, tooltip];
}
