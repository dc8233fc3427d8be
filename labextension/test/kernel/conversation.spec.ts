/** What a page asks for by a message, and what it leaves to code that runs as the user's own cell does. */

import { NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Change, Conversation } from '../../src/kernel/conversation';
import { IStep, IStatus, Item, Option, StepState, VERSION } from '../../src/kernel/protocol';
import examples from '../../../tests/fixtures/protocol.json';
import { FakeKernel, FakeSession, page, stored, stubWindow } from './fake-kernel';

// Needs a browser.
vi.mock('@jupyterlab/notebook', () => ({ NotebookPanel: null }));
stubWindow();
vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback, 0));

const SNAPSHOT = examples.fromKernel[0];

beforeEach(() => stored.clear());

/** A conversation in a kernel in which CodeAct is loaded: as it does, the kernel tells its first page that it is this. */
async function open(
  options: { [name: string]: Option } = {},
  kernel = new FakeKernel()
): Promise<[Conversation, FakeKernel, FakeSession]> {
  const before = kernel.sent.length;
  let isFirst = before === 0;
  kernel.comms = { one: {} };
  kernel.reply = ({ type }) => {
    const reply = { models: { data: [] }, attach: { data: isFirst } }[type] ?? {};
    isFirst &&= type !== 'attach';
    return reply;
  };
  const session = new FakeSession(kernel);
  const panel = { sessionContext: session.context, disposed: new Signal({}) } as unknown as NotebookPanel;
  const conversation = new Conversation(panel, () => options);
  await vi.waitFor(() => expect(kernel.sent.length).toBeGreaterThan(before));
  return [conversation, kernel, session];
}

const magic = (text: string): string => `get_ipython().run_line_magic('codeact', ${JSON.stringify(text)})`;

describe('set', () => {
  test('asks for neither `auto` nor a model by a message', async () => {
    const [conversation, kernel] = await open();
    const before = kernel.sent.length;
    await conversation.set('mode', 'auto');
    await conversation.set('model', 'qwen2.5-coder-0.5b');
    await conversation.set('model', `it's "a/path".gguf\n`);
    expect(kernel.sent.length).toBe(before);
    expect(kernel.executed).toEqual(['mode auto', 'model qwen2.5-coder-0.5b', `model it's "a/path".gguf\n`].map(magic));
  });

  test('asks for the rest by a message', async () => {
    const [conversation, kernel] = await open();
    await conversation.set('mode', 'ask');
    await conversation.set('max_turns', 5);
    expect(kernel.sent.slice(-2)).toMatchObject([
      { type: 'set', option: 'mode', value: 'ask' },
      { type: 'set', option: 'max_turns', value: 5 }
    ]);
    expect(kernel.executed).toEqual([]);
  });

  test('tells why the kernel refused', async () => {
    const [conversation, kernel] = await open();
    kernel.failure = { ename: 'UsageError', evalue: 'A step is running.' };
    await expect(conversation.set('mode', 'auto')).rejects.toThrow(/^A step is running\.$/);
  });
});

describe('the settings', () => {
  test('do not switch `auto` on in a kernel, and are there before the first question', async () => {
    const [conversation, kernel] = await open({ mode: 'auto', model: 'm', max_turns: 3 });
    expect(kernel.sent[0]).toMatchObject({ type: 'attach', options: { max_turns: 3 } });
    expect(kernel.sent[0].options).not.toHaveProperty('mode');
    await vi.waitFor(() => expect(kernel.executed).toEqual([magic('model m')]));
    await conversation.ask('?');
    expect(kernel.sent.at(-1)).toMatchObject({ type: 'ask', text: '?' });
  });

  test('do not replace the model that the user has chosen since, after a lost connection or a reload', async () => {
    const [conversation, kernel, session] = await open({ model: 'm', reach: 'read-only' });
    await vi.waitFor(() => expect(kernel.executed).toEqual([magic('model m')]));
    await conversation.set('model', 'other');
    session.connectionStatusChanged.emit('connected');
    const [reloaded] = await open({ model: 'm', reach: 'read-only' }, kernel);
    const attached = kernel.sent.filter(({ type }) => type === 'attach');
    expect(attached.map(({ options }) => options)).toEqual(Array(3).fill({ reach: 'read-only' })); // the kernel takes them once
    await reloaded.ask('?');
    expect(kernel.executed).toEqual(['model m', 'model other'].map(magic));
    [conversation, reloaded].forEach(each => each.dispose());
  });

  test('switch it off', async () => {
    const [, kernel] = await open({ mode: 'ask' });
    expect(kernel.sent[0]).toMatchObject({ type: 'attach', options: { mode: 'ask' } });
    expect(kernel.executed).toEqual([]);
  });
});

describe('a page that is left', () => {
  test('closes its comm, unless the notebook was closed before', async () => {
    const [, kernel] = await open();
    const [closed, other] = await open();
    closed.dispose();
    page.dispatchEvent(new Event('pagehide'));
    expect(kernel.sent.at(-1)).toEqual({ type: 'closed' });
    expect(other.sent.at(-1)).not.toEqual({ type: 'closed' });
  });
});

describe('the model of the settings', () => {
  const MODEL = { name: 'm', installed: false, bytes: 5e9, licence: 'MIT' };

  test('is not downloaded unasked: the kernel keeps its own', async () => {
    const [conversation, kernel] = await open();
    kernel.reply = ({ type }) => (type === 'models' ? { data: [MODEL] } : {});
    await conversation.prefer('m');
    expect(kernel.executed).toEqual([]);
    expect(conversation.missingModel).toEqual(MODEL);
    await conversation.pull('m');
    expect(kernel.executed).toEqual([magic('fetch m')]);
    expect(conversation.missingModel).toBe(null);
  });

  test.each([[[{ ...MODEL, installed: true }]], [[]]])(
    'is used where it is there, or is no name of the catalogue',
    async list => {
      const [conversation, kernel] = await open();
      kernel.reply = ({ type }) => (type === 'models' ? { data: list } : {});
      await conversation.prefer('m');
      expect(kernel.executed).toEqual([magic('model m')]);
      expect(conversation.missingModel).toBe(null);
    }
  );
});

describe('a kernel of another version', () => {
  test('is told the version of this page, and its refusal is passed on', async () => {
    const [conversation, kernel, session] = await open();
    expect(kernel.sent[0]).toMatchObject({ type: 'attach', version: VERSION });
    const refusals: string[] = [];
    conversation.refused.connect((_, text) => refusals.push(text));
    kernel.reply = ({ type }) => (type === 'attach' ? { error: 'Reload the page.' } : {});
    session.connectionStatusChanged.emit('connected');
    await vi.waitFor(() => expect(refusals).toEqual(['Reload the page.']));
  });
});

test('a kernel that has CodeAct loaded and is busy is waited for, and is not taken for one without', async () => {
  const [conversation, kernel, session] = await open();
  const changes: Change[] = [];
  conversation.changed.connect((_, change) => changes.push(change));
  session.connectionStatusChanged.emit('connected');
  expect([conversation.isAwaited, conversation.isOpen, changes]).toEqual([true, false, ['status']]);
  kernel.say(SNAPSHOT);
  expect([conversation.isAwaited, conversation.isOpen]).toEqual([false, true]);
  session.becomes('dead');
  expect([conversation.isAwaited, conversation.isOpen]).toEqual([false, false]);
});

describe('when the kernel ends', () => {
  const step = SNAPSHOT.items?.find((item): boolean => item.kind === 'step') as unknown as IStep;

  async function left(items: Item[], status: 'dead' | 'restarting'): Promise<Conversation> {
    const [conversation, kernel, session] = await open();
    kernel.say({ ...SNAPSHOT, items });
    expect([conversation.isOpen, conversation.isPast]).toEqual([true, false]);
    session.becomes(status);
    return conversation;
  }

  test.each<[StepState, StepState]>([
    ['waits', 'left'],
    ['running', 'stopped'],
    ['done', 'done'],
    ['rejected', 'rejected']
  ])('the conversation stays, without what only a kernel can do: a step that %s is %s', async (before, after) => {
    const question: Item = { kind: 'question', text: 'Why?' };
    const conversation = await left([question, { ...step, state: before }], 'dead');
    expect(conversation.items).toEqual([question, { ...step, state: after }]);
    expect([conversation.isOpen, conversation.isPast]).toEqual([false, true]);
    expect([conversation.pending, conversation.stream, conversation.status.phase]).toEqual([null, null, 'idle']);
  });

  test('without a word said, there is nothing of the past', async () => {
    expect((await left([], 'restarting')).isPast).toBe(false);
  });
});

describe('messages of the kernel', () => {
  test('replace the part that they carry, and tell which', async () => {
    const [conversation, kernel] = await open();
    const changes: Change[] = [];
    conversation.changed.connect((_, change) => changes.push(change));
    examples.fromKernel.filter(({ type }) => type !== 'reply').forEach(message => kernel.say(message));
    await vi.waitFor(() => expect(changes.at(-1)).toBe('stream'));
    const types = examples.fromKernel.map(({ type }) => type);
    expect(changes.filter(change => change === 'open')).toHaveLength(types.filter(type => type === 'snapshot').length);
    expect(changes.filter(change => change === 'items')).toHaveLength(types.filter(type => type === 'item').length);
    expect(changes.filter(change => change === 'stream')).toHaveLength(1); // once per frame
    const last = examples.fromKernel.filter(({ type }) => type === 'status').at(-1) as unknown as { status: IStatus };
    expect(conversation.status).toEqual(last.status);
  });

  test('that are none of the protocol change nothing', async () => {
    const [conversation, kernel] = await open();
    const changes: Change[] = [];
    conversation.changed.connect((_, change) => changes.push(change));
    [{}, { type: 'unknown' }, []].forEach(data => kernel.say(data));
    expect(changes).toEqual([]);
  });
});
