/** Cells as the text that a question quotes: source, and error or output. */

import { ICellModel, ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { IOutputModel } from '@jupyterlab/rendermime';

import { ICellText } from './protocol';

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

/** Return the cell's source and the text of all its outputs. */
export function toText(cell: ICellModel): ICellText {
  const outputs = isCodeCellModel(cell) ? outputsOf(cell) : [];
  const output = outputs.map(outputText).filter(Boolean).join('\n').replace(ANSI, '');
  return { source: cell.sharedModel.getSource(), output };
}

function outputsOf(cell: ICodeCellModel): IOutputModel[] {
  return Array.from({ length: cell.outputs.length }, (_, index) => cell.outputs.get(index));
}

function outputText(output: IOutputModel): string {
  const text = TEXT_TYPES.map(type => output.data[type]).find(text => typeof text === 'string');
  return text?.trimEnd() ?? '';
}
