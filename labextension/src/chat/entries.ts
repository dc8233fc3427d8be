/** The conversation as a list of chat messages, and the difference of two such lists. */

import { JSONExt, ReadonlyJSONObject } from '@lumino/coreutils';

import { INumber, IStep, IStream, Item } from '../kernel/protocol';
import { IOutgoing } from './outbox';

/** Content of a message besides its body, which is Markdown of the model. `again`: the question to ask again, or empty. */
export type View =
  | { kind: 'question'; text: string; outgoing?: IOutgoing }
  | { kind: 'markdown'; numbers?: INumber[] }
  | { kind: 'thinking'; isWriting: boolean; read: number }
  | { kind: 'thoughts'; text: string }
  | { kind: 'step'; step: IStep }
  | { kind: 'writing'; step: number; code: string }
  | { kind: 'basis'; basis: string; summary: string; answer: string; again: string }
  | { kind: 'ending'; status: string; text: string; again: string }
  | { kind: 'line'; text: string; isError: boolean };

export interface IEntry {
  id: string;
  body: string;
  view: View;
}

/** A line that only this page shows: the reply to a command, or an error. */
export interface ILocalNote {
  id: string;
  text: string;
  isError: boolean;
  /** Number of items before it. */
  after: number;
}

export interface IDifference {
  /** Number of entries at the beginning that stay, and indices of those among them that have changed. */
  kept: number;
  changed: number[];
  /** Number of entries after them that are removed, and the entries that replace them. */
  removed: number;
  added: IEntry[];
}

/**
 * Return the messages, oldest first. An id is made of an item's index and part, so that a reply under generation and
 * the item that it becomes are the same message. `isThinking` adds a line at the place of the coming reply. `outgoing`
 * are the questions that have not begun.
 */
export function toMessages(
  items: ReadonlyArray<Item>,
  stream: IStream | null,
  notes: ReadonlyArray<ILocalNote> = [],
  isThinking = false,
  outgoing: ReadonlyArray<IOutgoing> = []
): IEntry[] {
  const entries: IEntry[] = [];
  const addNotes = (after: number): void => {
    for (const note of notes.filter(note => note.after === after)) {
      entries.push({ id: note.id, body: '', view: { kind: 'line', text: note.text, isError: note.isError } });
    }
  };
  addNotes(0);
  let question = '';
  const last = items.reduce((place, { kind }, index) => (kind === 'note' ? place : index), -1);
  items.forEach((item, index) => {
    question = item.kind === 'question' ? item.text : question;
    const isLast = index === last && !isThinking;
    entries.push(...ofItem(item, index, isLast ? question : ''));
    addNotes(index + 1);
  });
  const next = items.length;
  const thinking = stream?.thinking.trim() ?? '';
  if (thinking) {
    entries.push({ id: `${next}:thinking`, body: '', view: { kind: 'thoughts', text: thinking } });
  }
  if (stream?.thought.trim()) {
    entries.push({ id: `${next}:text`, body: stream.thought, view: { kind: 'markdown' } });
  }
  if (stream?.code.trim()) {
    entries.push({ id: `${next}:step`, body: '', view: { kind: 'writing', step: stream.step, code: stream.code } });
  }
  if (isThinking && !stream?.code.trim()) {
    const isWriting = Boolean(stream?.thought.trim());
    entries.push({ id: `${next}:state`, body: '', view: { kind: 'thinking', isWriting, read: stream?.read ?? 0 } });
  }
  for (const each of outgoing) {
    entries.push({ id: `out:${each.id}`, body: '', view: { kind: 'question', text: each.text, outgoing: each } });
  }
  return entries;
}

function ofItem(item: Item, index: number, again: string): IEntry[] {
  const text = (body: string): IEntry => ({ id: `${index}:text`, body, view: { kind: 'markdown' } });
  const line = (view: View): IEntry => ({ id: `${index}:line`, body: '', view });
  switch (item.kind) {
    case 'question':
      return [line({ kind: 'question', text: item.text })];
    case 'step': {
      const card: IEntry = { id: `${index}:step`, body: '', view: { kind: 'step', step: item } };
      return item.thought.trim() ? [text(item.thought), card] : [card];
    }
    case 'answer': {
      const { numbers, basis, summary } = item;
      const answer: IEntry = { ...text(item.text), view: { kind: 'markdown', numbers } };
      return [answer, line({ kind: 'basis', basis, summary, answer: item.text, again })];
    }
    case 'ending':
      return [line({ kind: 'ending', status: item.status, text: item.text, again })];
    case 'note':
      return [line({ kind: 'line', text: item.text, isError: false })];
  }
}

/** Return the difference between two lists. */
export function compare(before: ReadonlyArray<IEntry>, after: ReadonlyArray<IEntry>): IDifference {
  let kept = 0;
  while (kept < before.length && kept < after.length && before[kept].id === after[kept].id) {
    kept++;
  }
  const changed = [...Array(kept).keys()].filter(index => !isEqual(before[index], after[index]));
  return { kept, changed, removed: before.length - kept, added: after.slice(kept) };
}

function isEqual(one: IEntry, other: IEntry): boolean {
  return JSONExt.deepEqual(one as unknown as ReadonlyJSONObject, other as unknown as ReadonlyJSONObject);
}
