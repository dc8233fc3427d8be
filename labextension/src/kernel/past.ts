/** What is left of a conversation when its kernel has ended. */

import { IStatus, Item } from './protocol';

/** Status while CodeAct is not loaded. */
export const NOT_LOADED: IStatus = {
  phase: 'idle',
  step: 0,
  ended: '',
  model: '',
  host: '',
  mode: 'ask',
  speed: 0,
  used: 0,
  window: 0,
  progress: '',
  download: null,
  resumable: false,
  undo: ''
};

/** Return the item as it is when its kernel has ended. */
export function ended(item: Item): Item {
  if (item.kind !== 'step' || (item.state !== 'waits' && item.state !== 'running')) {
    return item;
  }
  return { ...item, state: item.state === 'waits' ? 'left' : 'stopped' };
}
