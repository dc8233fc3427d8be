import { describe, expect, it } from 'vitest';

import { compare, IEntry, toMessages } from '../../src/chat/entries';
import { IStep, IStream, Item } from '../../src/kernel/protocol';

const question: Item = { kind: 'question', text: 'How heavy?' };
const step: IStep = {
  kind: 'step',
  proposal: 'p1',
  cell: 'codeact-p1',
  step: 1,
  thought: 'I look.',
  code: 'df.mean()',
  state: 'waits',
  edited: false,
  model: 'm',
  seconds: 0,
  reason: '',
  observation: '',
  tried: null,
  differs: false,
  invisible: '',
  record: null
};

const answer: Item = { kind: 'answer', text: '5 kg', summary: '', basis: '', numbers: [] };

/** What a list becomes when a difference is applied to it. */
function apply(before: IEntry[], after: IEntry[]): IEntry[] {
  const { kept, changed, removed, added } = compare(before, after);
  const list = [...before];
  changed.forEach(index => (list[index] = after[index]));
  list.splice(kept, removed, ...added);
  return list;
}

describe('the messages of a conversation', () => {
  it('are one for a question, two for a step with a thought, two for an answer with a summary', () => {
    const messages = toMessages([question, step, { ...answer, summary: '1 step' }], null);
    expect(messages.map(message => message.id)).toEqual(['0:line', '1:text', '1:step', '2:text', '2:line']);
    expect(messages[1].body).toBe('I look.');
  });

  it('have what an answer rests on in the line below it, and its numbers beside the text', () => {
    const numbers = [{ number: '5', place: 'step 1', cell: 'codeact-p1', output: '5', row: '', column: '' }];
    const [text, line] = toMessages([{ ...answer, basis: 'Rests on `df.kg`', numbers }], null);
    expect(text).toEqual({ id: '0:text', body: '5 kg', view: { kind: 'markdown', numbers } });
    const view = { kind: 'basis', basis: 'Rests on `df.kg`', summary: '', answer: '5 kg', again: '' };
    expect(line).toEqual({ id: '0:line', body: '', view });
  });

  it('offer to ask the last question again, once it has ended, and no other', () => {
    const ending: Item = { kind: 'ending', status: 'stopped', text: '' };
    const asked: Item = { kind: 'question', text: 'And now?' };
    const again = (items: Item[], isThinking = false): unknown[] =>
      toMessages(items, null, [], isThinking).flatMap(({ view }) => ('again' in view ? [view.again] : []));
    expect(again([question, answer])).toEqual(['How heavy?']);
    expect(again([question, answer, asked, ending])).toEqual(['', 'And now?']);
    expect(again([question, answer, asked, step])).toEqual(['']);
    expect(again([question, answer], true)).toEqual(['']);
    expect(again([question, answer, { kind: 'note', text: 'Step 1 is undone.' }])).toEqual(['How heavy?']);
  });

  it('end with the questions that have not begun, below the reply that is being written', () => {
    const outgoing = [
      { id: 0, text: 'Why?', state: 'queued' },
      { id: 1, text: 'And?', state: 'queued' }
    ] as const;
    const messages = toMessages(
      [question],
      { step: 1, thinking: '', thought: 'I', code: '', read: 0 },
      [],
      true,
      outgoing
    );
    expect(messages.map(({ id }) => id)).toEqual(['0:line', '1:text', '1:state', 'out:0', 'out:1']);
    expect(messages[4].view).toEqual({ kind: 'question', text: 'And?', outgoing: outgoing[1] });
  });

  it('have no empty thought', () => {
    expect(toMessages([{ ...step, thought: ' ' }], null).map(message => message.id)).toEqual(['0:step']);
  });

  it('end with the reply that is being written, which becomes the step in place', () => {
    const writing = toMessages([question], { step: 1, thinking: '', thought: 'I', code: 'df', read: 0 });
    const written = toMessages([question, step], null);
    expect(writing.map(message => message.id)).toEqual(written.map(message => message.id));
    expect(compare(writing, written)).toMatchObject({ kept: 3, changed: [1, 2], removed: 0, added: [] });
  });

  it('say that the model reads until its first word is there, and then that it writes until there is code', () => {
    const view = (stream: IStream | null): unknown => toMessages([question], stream, [], true).at(-1)?.view;
    const stream = { step: 1, thinking: '', thought: '', code: '', read: 0 };
    expect(view(null)).toEqual({ kind: 'thinking', isWriting: false, read: 0 });
    expect(view({ ...stream, thought: ' ' })).toEqual({ kind: 'thinking', isWriting: false, read: 0 });
    expect(view({ ...stream, read: 40 })).toEqual({ kind: 'thinking', isWriting: false, read: 40 });
    expect(view({ ...stream, thought: 'I' })).toMatchObject({ kind: 'thinking', isWriting: true });
    expect(view({ ...stream, thought: 'I', code: 'df' })).toMatchObject({ kind: 'writing', code: 'df' });
  });

  it('show what a model thinks before its reply in a message of its own, only while the reply is written', () => {
    const stream = { step: 1, thinking: 'Hm. ', thought: '', code: '', read: 0 };
    const thought = { id: '1:thinking', body: '', view: { kind: 'thoughts', text: 'Hm.' } };
    expect(toMessages([question], stream).slice(1)).toEqual([thought]);
    expect(toMessages([question], { ...stream, code: 'df' }).map(({ view }) => view.kind)).toEqual([
      'question',
      'thoughts',
      'writing'
    ]);
    expect(toMessages([question, step], null).some(({ view }) => view.kind === 'thoughts')).toBe(false);
  });

  it('have the notes of the page where they were made', () => {
    const note = { id: 'note:0', text: 'no', isError: true, after: 1 };
    const ids = toMessages([question, step], null, [note]).map(message => message.id);
    expect(ids).toEqual(['0:line', 'note:0', '1:text', '1:step']);
  });
});

describe('the difference of two lists', () => {
  const lists = [
    toMessages([], null),
    toMessages([question], null, [], true),
    toMessages([question], { step: 1, thinking: '', thought: 'I lo', code: '', read: 0 }),
    toMessages([question, step], null),
    toMessages([question, { ...step, state: 'done', seconds: 1 }], null),
    toMessages([question, step], null, [{ id: 'note:0', text: 'x', isError: false, after: 1 }]),
    toMessages([{ kind: 'note', text: 'other' }], null)
  ];

  it('turns the one into the other', () => {
    for (const before of lists) {
      for (const after of lists) {
        expect(apply(before, after)).toEqual(after);
      }
    }
  });

  it('is nothing between equal lists', () => {
    expect(compare(lists[3], toMessages([question, step], null))).toEqual({
      kept: 3,
      changed: [],
      removed: 0,
      added: []
    });
  });

  it('touches only the message that changed', () => {
    expect(compare(lists[3], lists[4])).toMatchObject({ changed: [2], removed: 0, added: [] });
  });
});
