/** Whether questions can be asked, and what starts a kernel that has ended. */

import { beforeEach, describe, expect, test, vi } from 'vitest';

import { KernelState, KernelWatch } from '../../src/kernel/kernel-watch';
import { FakeKernel, FakeSession } from './fake-kernel';

const settle = (): Promise<void> => new Promise(done => setTimeout(done, 0));

class Session extends FakeSession {
  readonly done: string[] = [];
  restartKernel(): Promise<void> {
    return Promise.resolve(void this.done.push('restart'));
  }
  changeKernel({ name }: { name: string }): Promise<void> {
    return Promise.resolve(void this.done.push(`start ${name}`));
  }
}

function kernel(language: string): FakeKernel {
  return Object.assign(new FakeKernel(), { info: Promise.resolve({ language_info: { name: language } }) });
}

let session: Session;
let watch: KernelWatch;
const changes = vi.fn();

beforeEach(async () => {
  session = new Session(kernel('python'));
  watch = new KernelWatch(session.context);
  watch.changed.connect(changes);
  await settle();
  changes.mockClear();
});

test.each<[string | null, KernelState]>([
  ['python', 'python'],
  ['R', 'foreign'],
  [null, 'none']
])('with a kernel of %j the state is %s', async (language, state) => {
  session.change(language === null ? null : kernel(language));
  await settle();
  expect(watch.state).toBe(state);
});

describe('a kernel that has ended', () => {
  test('is told, and restarted', async () => {
    expect(watch.hasEnded).toBe(false);
    session.becomes('dead');
    expect([watch.hasEnded, watch.isIdle, changes.mock.calls.length]).toEqual([true, false, 1]);
    await watch.restart();
    expect(session.done).toEqual(['restart']);
  });

  test('and was shut down is started by its name', async () => {
    session.change(null);
    await settle();
    expect(watch.hasEnded).toBe(true);
    await watch.restart();
    expect(session.done).toEqual(['start python3']);
  });

  test.each(['busy', 'idle', 'autorestarting', 'restarting'])('is no kernel that is %s', status => {
    session.becomes(status);
    expect(watch.hasEnded).toBe(false);
  });
});

test('after it is disposed of nothing is told', async () => {
  watch.dispose();
  session.change(null);
  session.becomes('dead');
  await settle();
  expect(changes).not.toHaveBeenCalled();
});
