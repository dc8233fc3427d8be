/** What a page asks for by a message, and what it leaves to code that runs as the user's own cell does. */

import { NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { describe, expect, test, vi } from 'vitest';

import { Conversation } from '../../src/kernel/conversation';
import { Option } from '../../src/kernel/protocol';

// Neither is needed here, and both need a browser.
vi.mock('@jupyterlab/notebook', () => ({ NotebookPanel: null }));
const page = new EventTarget();
vi.stubGlobal('window', Object.assign(page, { sessionStorage: { getItem: () => 'yes', setItem: () => undefined } }));

interface ISent {
  type: string;
  options?: { [name: string]: Option };
  [field: string]: unknown;
}

/** A kernel in which CodeAct is loaded, and which answers each request at once. */
class FakeKernel {
  readonly id = 'k';
  readonly sent: ISent[] = [];
  readonly executed: string[] = [];
  readonly supportsSubshells = false;
  failure: { ename: string; evalue: string } | null = null;

  registerCommTarget(): void {
    // nothing is opened from here
  }

  createComm(): object {
    const comm = {
      open: () => undefined,
      dispose: () => undefined,
      close: () => this.sent.push({ type: 'closed' }),
      onMsg: (_: unknown): void => undefined,
      send: (data: ISent) => {
        this.sent.push(data);
        comm.onMsg({ content: { data: { type: 'reply', request: data.request, error: '', data: null } } });
      }
    };
    return comm;
  }

  requestExecute({ code, silent }: { code: string; silent: boolean }): { done: Promise<object> } {
    expect(silent).toBe(true);
    this.executed.push(code);
    const content = this.failure ? { status: 'error', ...this.failure } : { status: 'ok' };
    return { done: Promise.resolve({ content }) };
  }
}

async function open(options: { [name: string]: Option } = {}): Promise<[Conversation, FakeKernel]> {
  const kernel = new FakeKernel();
  const owner = {};
  const sessionContext = {
    kernelChanged: new Signal(owner),
    statusChanged: new Signal(owner),
    connectionStatusChanged: new Signal(owner),
    ready: Promise.resolve(),
    session: { kernel }
  };
  const panel = { sessionContext, disposed: new Signal(owner) } as unknown as NotebookPanel;
  const conversation = new Conversation(panel, () => options);
  await vi.waitFor(() => expect(kernel.sent).not.toEqual([]));
  return [conversation, kernel];
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
    expect(kernel.executed).toEqual([magic('model m')]);
    await conversation.ask('?');
    expect(kernel.sent.at(-1)).toMatchObject({ type: 'ask', text: '?' });
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
