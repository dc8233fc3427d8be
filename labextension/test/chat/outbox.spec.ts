/** Questions are shown at once, sent one after the other, and never lost. */

import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { beforeEach, expect, test } from 'vitest';

import { IRequest, Outbox } from '../../src/chat/outbox';
import { Change, Conversation } from '../../src/kernel/conversation';
import { Item, Phase } from '../../src/kernel/protocol';
import { stored, stubWindow } from '../kernel/fake-kernel';

const FIX: IRequest = { kind: 'fix', text: 'why', cell: 'c1' };

stubWindow();
beforeEach(() => stored.clear());

/** A chat whose kernel does what a test says. */
class Chat {
  readonly changed = new Signal<this, Change>(this);
  isOpen = true;
  items: Item[] = [];
  status: { phase: Phase; ended: string } = { phase: 'idle', ended: '' };
  readonly asked: string[] = [];
  readonly requests: (IRequest | undefined)[] = [];
  readonly failed: string[] = [];
  reply = new PromiseDelegate<void>();
  readonly outbox = new Outbox(
    this as unknown as Conversation,
    'box',
    ({ text, request }) => {
      this.asked.push(text);
      this.requests.push(request);
      this.reply = new PromiseDelegate();
      return this.reply.promise;
    },
    (text, problem) => this.failed.push(`${text}: ${(problem as Error).message}`)
  );

  get shown(): string[] {
    return this.outbox.questions.map(({ text, state }) => `${text} ${state}`);
  }

  becomes(phase: Phase, ended = ''): void {
    this.status = { phase, ended };
    this.changed.emit('status');
  }

  /** The kernel begins the question that was sent last. */
  async begins(): Promise<void> {
    this.items = [...this.items, question(this.asked.at(-1) ?? '')];
    this.changed.emit('items');
    this.becomes('thinking');
    this.reply.resolve();
    await settle();
  }

  async answers(): Promise<void> {
    this.becomes('idle', 'answered');
    await settle();
  }
}

const question = (text: string): Item => ({ kind: 'question', text });
const settle = (): Promise<void> => new Promise(done => setTimeout(done, 0));

test('a question is shown until its own message comes', async () => {
  const chat = new Chat();
  chat.outbox.add('a');
  expect(chat.shown).toEqual(['a sent']);
  expect(chat.asked).toEqual(['a']);
  await chat.begins();
  expect(chat.shown).toEqual([]);
});

test('one that cannot be sent is given back with the reason', async () => {
  const chat = new Chat();
  chat.outbox.add('a');
  chat.reply.reject(new Error('no kernel'));
  await settle();
  expect([chat.shown, chat.failed]).toEqual([[], ['a: no kernel']]);
  chat.outbox.add('b');
  expect(chat.shown).toEqual(['b sent']);
});

test('while the model works questions queue, and each follows the answer before it', async () => {
  const chat = new Chat();
  chat.outbox.add('a');
  chat.outbox.add('b'); // before the kernel has replied
  await chat.begins();
  chat.outbox.add('c');
  expect(chat.shown).toEqual(['b queued', 'c queued']);
  chat.becomes('waits');
  chat.becomes('running');
  chat.becomes('thinking');
  expect(chat.asked).toEqual(['a']);
  await chat.answers();
  expect(chat.shown).toEqual(['b sent', 'c queued']);
  await chat.begins();
  await chat.answers();
  await chat.begins();
  expect([chat.asked, chat.shown]).toEqual([['a', 'b', 'c'], []]);
});

test('a question whose status comes late is not taken for answered', async () => {
  const chat = new Chat();
  chat.status = { phase: 'idle', ended: 'answered' }; // of an earlier one
  chat.outbox.add('a');
  chat.outbox.add('b');
  chat.items = [question('a')];
  chat.changed.emit('items');
  chat.reply.resolve();
  await settle();
  chat.changed.emit('status'); // the old one again
  await settle();
  expect(chat.asked).toEqual(['a']);
  chat.becomes('thinking');
  await chat.answers();
  expect(chat.asked).toEqual(['a', 'b']);
});

test('one that is answered before the reply to its request comes is followed by the next', async () => {
  const chat = new Chat();
  chat.outbox.add('a');
  chat.outbox.add('b');
  chat.becomes('thinking');
  chat.becomes('idle', 'answered');
  chat.reply.resolve();
  await settle();
  expect(chat.asked).toEqual(['a', 'b']);
});

test.each(['stopped', 'failed', 'rejected', 'limit', 'no_answer', 'no_model'])(
  'after a question that ended as %s the user decides about the next',
  async ended => {
    const chat = new Chat();
    chat.outbox.add('a');
    await chat.begins();
    chat.outbox.add('b');
    chat.outbox.add('c');
    chat.becomes('idle', ended);
    expect([chat.shown, chat.asked]).toEqual([['b held', 'c held'], ['a']]);
    chat.outbox.remove(chat.outbox.questions[0].id);
    chat.outbox.send(chat.outbox.questions[0].id);
    expect([chat.shown, chat.asked]).toEqual([['c sent'], ['a', 'c']]);
  }
);

test('when the kernel ends questions are kept', () => {
  const chat = new Chat();
  chat.becomes('thinking');
  chat.outbox.add('a');
  chat.isOpen = false;
  chat.status = { phase: 'idle', ended: '' };
  chat.changed.emit('open');
  expect(chat.shown).toEqual(['a held']);
});

test('what waits is there again after a reload, for the user to decide, and what was sent is not', async () => {
  const chat = new Chat();
  chat.outbox.add('a');
  chat.outbox.add('b', FIX);
  chat.outbox.add('c');
  chat.outbox.dispose();
  const again = new Chat();
  expect(again.shown).toEqual(['b held', 'c held']);
  again.becomes('idle', 'answered');
  await settle();
  expect(again.asked).toEqual([]);
  again.outbox.send(again.outbox.questions[0].id);
  expect([again.asked, again.requests]).toEqual([['b'], [FIX]]);
  again.outbox.remove(again.outbox.questions[1].id);
  expect(new Chat().shown).toEqual([]);
});

test('while a step waits a message is sent, and refines it', () => {
  const chat = new Chat();
  chat.becomes('waits');
  chat.outbox.add('by month');
  expect(chat.asked).toEqual(['by month']);
});

test('what is under way is neither removed nor sent again', () => {
  const chat = new Chat();
  chat.outbox.add('a');
  const [{ id }] = chat.outbox.questions;
  chat.outbox.remove(id);
  chat.outbox.send(id);
  expect([chat.shown, chat.asked]).toEqual([['a sent'], ['a']]);
});

test.each([
  ['another conversation began', { phase: 'idle', ended: '' }],
  ['an earlier one was opened', { phase: 'idle', ended: '' }]
] as const)('after %s the questions that waited are kept, and not sent there', async (_, status) => {
  const chat = new Chat();
  chat.outbox.add('a');
  await chat.begins();
  chat.outbox.add('b');
  Object.assign(chat, { items: [], status });
  chat.changed.emit('open');
  chat.status = { phase: 'idle', ended: 'answered' };
  chat.changed.emit('open');
  await settle();
  expect([chat.shown, chat.asked]).toEqual([['b held'], ['a']]);
});

test('a message that is no question leaves it in view', async () => {
  const chat = new Chat();
  chat.outbox.add('a');
  chat.items = [{ kind: 'note', text: 'Step 1 is undone.' }];
  chat.changed.emit('items');
  expect(chat.shown).toEqual(['a sent']);
  await chat.begins();
  expect(chat.shown).toEqual([]);
});

test.each([undefined, FIX])('what is sent in place of the text goes with it: %j', async request => {
  const chat = new Chat();
  chat.becomes('thinking');
  chat.outbox.add('@cell2?', request);
  expect(chat.shown).toEqual(['@cell2? queued']);
  await chat.answers();
  expect(chat.requests).toEqual([request]);
});

test('nothing happens after the notebook is closed', async () => {
  const chat = new Chat();
  chat.outbox.add('a');
  chat.outbox.dispose();
  chat.reply.reject(new Error('closed'));
  await settle();
  expect([chat.shown, chat.failed]).toEqual([[], []]);
});
