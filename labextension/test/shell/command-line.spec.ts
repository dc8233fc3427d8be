/** A command line that runs in a kernel of its own, and the names of the files that it writes. */

import { Session } from '@jupyterlab/services';
import { expect, test } from 'vitest';

import { codeOf, freeName, runCommandLine } from '../../src/shell/command-line';

interface IMessage {
  header: { msg_type: string };
  content: object;
}

const says = (text: string): IMessage => ({ header: { msg_type: 'stream' }, content: { name: 'stdout', text } });
const ends = (code: string): IMessage => ({
  header: { msg_type: 'execute_result' },
  content: { data: { 'text/plain': code } }
});

/** A server whose kernels send these messages, and what it was asked for. */
function server(messages: IMessage[], failure?: Error): { sessions: Session.IManager; done: string[] } {
  const done: string[] = [];
  const requestExecute = ({ code }: { code: string }): object => {
    done.push(code);
    const future = {
      onIOPub: (_: IMessage): void => undefined,
      get done(): Promise<void> {
        messages.forEach(message => future.onIOPub(message));
        return failure ? Promise.reject(failure) : Promise.resolve();
      }
    };
    return future;
  };
  const startNew = ({ path, kernel }: { path: string; kernel: object }): Promise<object> => {
    done.push(`${path.replace(/codeact-.*/, '')} ${JSON.stringify(kernel)}`);
    const shutdown = (): Promise<void> => Promise.resolve(void done.push('shutdown'));
    return Promise.resolve({ kernel: { requestExecute }, shutdown, dispose: () => done.push('dispose') });
  };
  return { sessions: { startNew } as unknown as Session.IManager, done };
}

test('it runs in the folder, in a kernel that ends with it', async () => {
  const { sessions, done } = server([says('2 of 3 steps kept\n'), says('done\n'), ends('0')]);
  const outcome = await runCommandLine(sessions, { folder: 'a/b', kernel: 'python3', args: ['keep', './c.ipynb'] });
  expect(outcome).toEqual({ code: 0, text: '2 of 3 steps kept\ndone\n' });
  expect(done).toEqual(['a/b/ {"name":"python3"}', codeOf(['keep', './c.ipynb']), 'shutdown', 'dispose']);
});

test.each([
  [[says('no such file\n'), ends('2')], { code: 2, text: 'no such file\n' }],
  [
    [{ header: { msg_type: 'error' }, content: { ename: 'KeyboardInterrupt', evalue: '' } }],
    { code: null, text: 'KeyboardInterrupt: ' }
  ],
  [[{ header: { msg_type: 'status' }, content: {} }], { code: null, text: '' }]
])('what went wrong is told: %j', async (messages, outcome) => {
  const { sessions } = server(messages);
  expect(await runCommandLine(sessions, { folder: '', kernel: 'python3', args: [] })).toEqual(outcome);
});

test('a kernel that dies ends it, and is let go', async () => {
  const { sessions, done } = server([], new Error('Canceled'));
  await expect(runCommandLine(sessions, { folder: '', kernel: 'python3', args: [] })).rejects.toThrow('Canceled');
  expect(done.slice(-2)).toEqual(['shutdown', 'dispose']);
});

test('no text of an argument is code', () => {
  const line = codeOf(["it's.ipynb", '"; import os', '\n\\', '€']).split('\n')[1];
  expect(line).toContain(String.raw`*["it's.ipynb","\"; import os","\n\\","€"]]`);
});

test.each<[string, string[], string]>([
  ['a-report.html', [], 'a-report.html'],
  ['a-report.html', ['a-report.html'], 'a-report-2.html'],
  ['a-report.html', ['a-report-2.html', 'a-report.html', 'a-report-3.html'], 'a-report-4.html'],
  ['a.b-clean.ipynb', ['a.b-clean.ipynb'], 'a.b-clean-2.ipynb']
])('%s beside %j is written as %s', (name, taken, expected) => {
  expect(freeName(name, taken)).toBe(expected);
});
