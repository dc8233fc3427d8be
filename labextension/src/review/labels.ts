/** Labels of a step, on its bar and on its card. */

import { TranslationBundle } from '@jupyterlab/translation';

import { IModelFile } from '../kernel/protocol';
import { IStepMetadata } from './metadata';

/** Return the outcome of a step in a final state. */
export function outcomeLabel(metadata: IStepMetadata, trans: TranslationBundle): string {
  const { step, state, auto, edited, seconds = 0, model, reason } = metadata;
  const how = edited
    ? trans.__('edited by you')
    : auto
      ? trans.__('run without asking')
      : trans.__('approved as proposed');
  const parts = [trans.__('CodeAct step %1', step)];
  if (state === 'rejected') {
    parts.push(reason ? trans.__('rejected: %1', reason) : trans.__('rejected'));
  } else {
    parts.push(how);
    if (state === 'failed') {
      parts.push(trans.__('failed'));
    } else if (state === 'stopped') {
      parts.push(trans.__('stopped'));
    }
    if (seconds > 0) {
      parts.push(trans.__('%1 s', formatSeconds(seconds)));
    }
  }
  const undone = state === 'undone' ? (reason && told(reason.replaceAll('`', ''), trans)) || trans.__('undone') : '';
  return [...parts, model, undone].filter(part => part).join(' · ');
}

/** Return the remark on a step whose output differs from that of its trial. */
export function differsLabel(trans: TranslationBundle): string {
  return trans.__('The output differs from the trial');
}

export function formatSeconds(seconds: number): string {
  return seconds < 9.95 ? Math.max(seconds, 0.1).toFixed(1) : seconds.toFixed(0);
}

/** Return the new names that the step binds, or an empty string. */
export function addsLabel(adds: ReadonlyArray<string>, trans: TranslationBundle): string {
  return adds.length ? trans.__('defines %1', list(adds)) : '';
}

/** Return the existing names that the step rebinds, or an empty string. */
export function replacesLabel(replaces: ReadonlyArray<string>, trans: TranslationBundle): string {
  return replaces.length ? trans.__('replaces %1', list(replaces)) : '';
}

/** Return a text of the kernel in the user's language, as far as its translation is known. */
export function told(text: string, trans: TranslationBundle): string {
  return trans.__(text.replaceAll('%', '%%')); // it has no places to fill
}

/** Return where the text of the conversation goes, if it leaves the kernel. */
export function sentTo(host: string, trans: TranslationBundle): string {
  return trans.__('sent to %1', host);
}

/** Return a model's line in a list: its name, the memory, the time for a step, and what a download would be. */
export function modelLabel(file: IModelFile, trans: TranslationBundle): string {
  const parts = [
    file.installed ? '' : trans.__('downloads %1', formatBytes(file.bytes)),
    file.left < 0
      ? trans.__('needs %1 of memory', formatBytes(file.needs))
      : trans.__('keeps %1 of memory free', formatBytes(file.left)),
    file.seconds > 0 ? trans.__('%1 s a step', formatSeconds(file.seconds)) : '',
    file.installed ? '' : file.licence
  ].filter(part => part);
  return `${file.name} (${parts.join(', ')})`;
}

export function formatBytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Maximum number of names in a label. */
const MAX_NAMES = 6;

function list(names: ReadonlyArray<string>): string {
  return names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', …' : '');
}
