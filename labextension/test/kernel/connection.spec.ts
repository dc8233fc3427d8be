/** The comm to a kernel: opened when CodeAct is there, closed with the kernel, and never waited for in vain. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Connection } from '../../src/kernel/connection';
import { TARGET } from '../../src/kernel/protocol';
import { FakeKernel, FakeSession, page, stored, stubWindow } from './fake-kernel';

stubWindow();

const STOP = { type: 'stop' } as const;
const MINUTE = 60_000;

function connect(kernel = new FakeKernel()): { connection: Connection; kernel: FakeKernel; session: FakeSession } {
  const session = new FakeSession(kernel);
  return { connection: new Connection(session.context), kernel, session };
}

async function opened(): Promise<{ connection: Connection; kernel: FakeKernel; session: FakeSession }> {
  const kernel = new FakeKernel();
  kernel.comms = { one: {} };
  const made = connect(kernel);
  await settle();
  expect(made.connection.isOpen).toBe(true);
  return made;
}

/** Let all that is resolved go on. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  stored.clear();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a connection opens', () => {
  test('where CodeAct is loaded', async () => {
    const { kernel, connection } = await opened();
    expect(stored.get(`${TARGET}:${kernel.id}`)).toBe('yes');
    connection.dispose();
  });

  test('where it is loaded later', async () => {
    const { kernel, connection } = connect();
    await settle();
    expect(connection.isOpen).toBe(false);
    kernel.targets.get(TARGET)?.();
    expect(connection.isOpen).toBe(true);
  });

  test('later, where the kernel is gone when the comm is opened', async () => {
    const { kernel, connection } = connect();
    await settle();
    kernel.open = () => {
      throw new Error('dead');
    };
    kernel.targets.get(TARGET)?.();
    await settle();
    expect(connection.isOpen).toBe(false);
    expect(stored.size).toBe(0);
    await expect(connection.request(STOP)).rejects.toThrow('not loaded');
    kernel.open = () => undefined;
    kernel.targets.get(TARGET)?.();
    await settle();
    expect(connection.isOpen).toBe(true);
  });

  test('once, for who loads CodeAct while the comm is being opened, too', async () => {
    const { kernel, connection } = connect();
    await settle();
    let start = (): void => undefined;
    kernel.supportsSubshells = true;
    kernel.subshellStarted = new Promise(done => (start = done));
    kernel.targets.get(TARGET)?.();
    const loaded = connection.load().then(() => connection.isOpen);
    await settle();
    expect(connection.isOpen).toBe(false);
    start();
    expect(await loaded).toBe(true);
    expect(connection.isOpen).toBe(true);
  });

  test('after a reload, without a question to a busy kernel', async () => {
    const kernel = new FakeKernel();
    kernel.commInfo = () => new Promise(() => undefined);
    stored.set(`${TARGET}:${kernel.id}`, 'yes');
    const { connection } = connect(kernel);
    await settle();
    expect(connection.isOpen).toBe(true);
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('disposed'))],
    ['does not come', () => new Promise<object>(() => undefined)],
    ['is an error', () => Promise.resolve({ content: { status: 'error' } })]
  ])('later, where the answer about comms %s', async (_, answer) => {
    const kernel = new FakeKernel();
    kernel.commInfo = answer;
    const { connection } = connect(kernel);
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(connection.isOpen).toBe(false);
    kernel.targets.get(TARGET)?.();
    expect(connection.isOpen).toBe(true);
  });
});

test('a kernel that could not be asked is asked again when the page is connected again', async () => {
  const kernel = new FakeKernel();
  kernel.commInfo = () => new Promise(() => undefined);
  const { connection, session } = connect(kernel);
  await vi.advanceTimersByTimeAsync(MINUTE);
  kernel.commInfo = () => Promise.resolve({ content: { status: 'ok', comms: { one: {} } } });
  session.connectionStatusChanged.emit('connected');
  await settle();
  expect(connection.isOpen).toBe(true);
});

describe('a connection closes', () => {
  test.each(['restarting', 'autorestarting', 'dead'])('when the kernel is %s', async status => {
    const { connection, kernel, session } = await opened();
    kernel.reply = null;
    const request = connection.request(STOP);
    session.becomes(status);
    await expect(request).rejects.toThrow('The connection to the kernel was lost');
    expect(connection.isOpen).toBe(false);
    expect(stored.size).toBe(0);
  });

  test('when another kernel comes, whose target it then has', async () => {
    const { connection, kernel, session } = await opened();
    const other = new FakeKernel('other');
    session.change(other);
    await settle();
    expect(connection.isOpen).toBe(false);
    expect(kernel.targets.size).toBe(0);
    other.targets.get(TARGET)?.();
    expect(connection.isOpen).toBe(true);
  });

  test('with its notebook, and leaves nothing in the kernel', async () => {
    const { connection, kernel } = await opened();
    const changes: boolean[] = [];
    connection.changed.connect((_, isOpen) => changes.push(isOpen));
    connection.dispose();
    connection.dispose();
    expect(kernel.targets.size).toBe(0);
    expect(changes).toEqual([false]);
    page.dispatchEvent(new Event('pagehide'));
    expect(kernel.sent).toEqual([]);
  });

  test('with its notebook, even if the kernel is gone already', async () => {
    const { connection, kernel } = await opened();
    kernel.isDisposed = true;
    kernel.removeCommTarget = () => {
      throw new Error('Kernel is disposed');
    };
    expect(() => connection.dispose()).not.toThrow();
  });
});

describe('a request', () => {
  test('resolves with the data of its reply, or rejects with the error', async () => {
    const { connection, kernel } = await opened();
    kernel.reply = ({ type }) => (type === 'models' ? { data: [1] } : { error: 'No step waits.' });
    expect(await connection.request({ type: 'models' })).toEqual([1]);
    await expect(connection.request(STOP)).rejects.toThrow(/^No step waits\.$/);
  });

  test('rejects where CodeAct is not loaded', async () => {
    const { connection } = connect();
    await expect(connection.request(STOP)).rejects.toThrow('CodeAct is not loaded');
  });

  test('rejects when an idle kernel is silent', async () => {
    const { connection, kernel } = await opened();
    kernel.reply = null;
    const request = connection.request(STOP);
    const told = expect(request).rejects.toThrow('The kernel does not answer');
    await vi.advanceTimersByTimeAsync(MINUTE);
    await told;
  });

  test('waits as long as the kernel is busy', async () => {
    const { connection, kernel, session } = await opened();
    kernel.reply = null;
    session.becomes('busy');
    let outcome = '';
    void connection.request(STOP).then(
      () => (outcome = 'replied'),
      () => (outcome = 'rejected')
    );
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(outcome).toBe('');
    session.becomes('idle');
    kernel.say({ type: 'reply', request: kernel.sent.at(-1)?.request, error: '', data: null });
    await settle();
    expect(outcome).toBe('replied');
  });

  test('that is late is not answered twice', async () => {
    const { connection, kernel } = await opened();
    kernel.reply = null;
    const request = connection.request(STOP);
    const told = expect(request).rejects.toThrow('does not answer');
    await vi.advanceTimersByTimeAsync(MINUTE);
    await told;
    const received: unknown[] = [];
    connection.received.connect((_, message) => received.push(message));
    kernel.say({ type: 'reply', request: kernel.sent.at(-1)?.request, error: '', data: null });
    expect(received).toEqual([]);
  });
});
