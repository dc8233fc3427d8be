/** The sentences on the bar of a step. */

import { TranslationBundle } from '@jupyterlab/translation';

import { IFacts } from './facts';

/** What became of a step, as it is kept in the notebook: quiet, and true without the kernel. */
export function markWords(facts: IFacts, trans: TranslationBundle): string {
  const { step, state, auto, edited, seconds = 0, model, reason } = facts;
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
      parts.push(trans.__('%1 s', shortSeconds(seconds)));
    }
  }
  return [...parts, model].filter(part => part).join(' · ');
}

export function shortSeconds(seconds: number): string {
  return seconds < 9.95 ? Math.max(seconds, 0.1).toFixed(1) : seconds.toFixed(0);
}

/** What the step binds; names that it replaces are told apart by the caller's colour. */
export function addsWords(adds: ReadonlyArray<string>, trans: TranslationBundle): string {
  return adds.length ? trans.__('adds %1', some(adds)) : '';
}

export function replacesWords(replaces: ReadonlyArray<string>, trans: TranslationBundle): string {
  return replaces.length ? trans.__('replaces %1', some(replaces)) : '';
}

const SHOWN = 6;

function some(names: ReadonlyArray<string>): string {
  return names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');
}
