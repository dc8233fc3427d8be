/** Cells as the text that a question quotes: source, and error or output. */

import { ICellModel, ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { IOutputModel } from '@jupyterlab/rendermime';

import { ICellText, Item } from './protocol';

/** Content of an error output. */
export interface IFailure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Errors that need no fix: an interrupt, and a step that was run without approval. */
const NO_FAILURE = ['KeyboardInterrupt', 'Refused'];
/** Number of lines kept of a traceback: the last ones, which hold the place and the error. */
const TRACEBACK_LINES = 30;
/** Frame of a traceback in a library, which the user need not correct. */
const LIBRARY = /^File (?:.*[\\/](?:site-packages|dist-packages|python3\.\d+)[\\/]|<frozen |[^\n]*\.pyx:)/;
// eslint-disable-next-line no-control-regex
const ANSI = /\x1b\[[0-9;]*[A-Za-z]/g;
/** MIME types of an output's text. An error has its traceback under the last. */
const TEXT_TYPES = ['text/plain', 'application/vnd.jupyter.stdout', 'application/vnd.jupyter.stderr'];
/** Those that say more than `<IPython.core.display.Markdown object>`, which is then under the first. */
const OTHER_TYPES = ['text/markdown', 'text/latex', 'text/html'];
const OBJECT = /^<[^\n]*>$/;

/** Return the error of the cell's last run as plain text; null if there is none to fix. */
export function failureOf(model: ICodeCellModel): string | null {
  for (let index = model.outputs.length - 1; index >= 0; index--) {
    const output = model.outputs.get(index);
    if (output.type === 'error') {
      const failure = output.toJSON() as unknown as IFailure;
      return NO_FAILURE.includes(failure.ename) ? null : failureText(failure);
    }
  }
  return null;
}

/** Return the error's name and message and the end of its traceback, without frames in libraries. */
export function failureText({ ename, evalue, traceback }: IFailure): string {
  const parts = traceback
    .join('\n')
    .replace(ANSI, '')
    .split(/\n{2,}/);
  const own = parts.filter(part => !LIBRARY.test(part));
  const lines = own.join('\n\n').split('\n').slice(-TRACEBACK_LINES);
  return [`${ename}: ${evalue}`, ...lines].join('\n').trim();
}

/** Return the traceback, in its colours, without frames in libraries, and the number of these. */
export function ownFrames({ traceback }: IFailure): { text: string; hidden: number } {
  const own = traceback.filter(part => !LIBRARY.test(part.replace(ANSI, '').trimStart()));
  return { text: own.join('\n'), hidden: traceback.length - own.length };
}

/**
 * Return the cell's source and the text of all its outputs. Of a step that the user has not changed since, that is what
 * the model has read of them, with its figures described: `items` are those of the conversation.
 */
export function toText(cell: ICellModel, items: ReadonlyArray<Item>): ICellText {
  const source = cell.sharedModel.getSource();
  const step = [...items].reverse().find(item => item.kind === 'step' && item.cell === cell.id);
  if (step?.kind === 'step' && step.code === source && step.observation) {
    return { source, output: step.observation };
  }
  const outputs = isCodeCellModel(cell) ? outputsOf(cell) : [];
  return { source, output: outputs.map(outputText).filter(Boolean).join('\n').replace(ANSI, '') };
}

function outputsOf(cell: ICodeCellModel): IOutputModel[] {
  return Array.from({ length: cell.outputs.length }, (_, index) => cell.outputs.get(index));
}

function outputText({ data }: IOutputModel): string {
  const text =
    TEXT_TYPES.map(type => data[type])
      .find(isText)
      ?.trimEnd() ?? '';
  const other = OBJECT.test(text) ? OTHER_TYPES.find(type => isText(data[type])) : undefined;
  return other ? (other === 'text/html' ? textOfHtml : String)(data[other] as string).trim() : text;
}

function isText(data: unknown): data is string {
  return typeof data === 'string';
}

/** Return the text of a fragment of HTML, a row of a table in a line. */
function textOfHtml(html: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html'); // which runs and loads nothing
  body.querySelectorAll('style, script').forEach(element => element.remove());
  body.querySelectorAll('td, th').forEach(cell => cell.append(' '));
  body.querySelectorAll('tr, p, div, li, br, h1, h2, h3, h4').forEach(line => line.after('\n'));
  return body.textContent.replace(/[^\S\n]+/g, ' ').replace(/\s*\n\s*/g, '\n');
}
