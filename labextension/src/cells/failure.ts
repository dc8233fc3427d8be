/** The error that a cell's last run ended in, as a question can quote it. */

import { ICodeCellModel } from '@jupyterlab/cells';

export interface IFailure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Errors that are nobody's mistake: an interrupt, and a step that was run without its approval. */
const NO_FAILURE = ['KeyboardInterrupt', 'Refused'];
/** Of a traceback the last lines, which name the place and the error. */
const LINES = 30;
/** The part of a traceback that stands for a place in a library: long, and nothing that the user could correct. */
const LIBRARY = /^File .*[\\/](site-packages|dist-packages|python3\.\d+)[\\/]/;
// eslint-disable-next-line no-control-regex
const ANSI = /\x1b\[[0-9;]*[A-Za-z]/g;

/** The error in plain text, or null where there is none to be fixed. */
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

/** The name and the message of the error, and the last lines of its traceback, places in libraries left out. */
export function failureText({ ename, evalue, traceback }: IFailure): string {
  const parts = traceback
    .join('\n')
    .replace(ANSI, '')
    .split(/\n{2,}/);
  const own = parts.filter(part => !LIBRARY.test(part));
  const lines = own.join('\n\n').split('\n').slice(-LINES);
  return [`${ename}: ${evalue}`, ...lines].join('\n').trim();
}
