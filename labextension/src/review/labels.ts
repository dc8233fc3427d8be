/** Labels of a step, on its bar and on its card. */

import { TranslationBundle } from '@jupyterlab/translation';

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
  return [...parts, model].filter(part => part).join(' · ');
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
  return adds.length ? trans.__('adds %1', list(adds)) : '';
}

/** Return the existing names that the step rebinds, or an empty string. */
export function replacesLabel(replaces: ReadonlyArray<string>, trans: TranslationBundle): string {
  return replaces.length ? trans.__('replaces %1', list(replaces)) : '';
}

/** Maximum number of names in a label. */
const MAX_NAMES = 6;

function list(names: ReadonlyArray<string>): string {
  return names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', …' : '');
}
