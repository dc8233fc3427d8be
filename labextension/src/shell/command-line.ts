/** `jupyter codeact` as a user would run it in a terminal: in a kernel of its own, which ends with it. */

import { KernelMessage, Session } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';

export interface IRun {
  /** Path of the folder where it runs, from the server's root. */
  folder: string;
  /** Name of the kernel: the command is that of its environment. */
  kernel: string;
  args: ReadonlyArray<string>;
}

export interface IOutcome {
  /** Exit code; null if the command could not be run. */
  code: number | null;
  /** What it printed. */
  text: string;
}

/** Run a command to its end. The user's kernels are left alone. */
export async function runCommandLine(sessions: Session.IManager, { folder, kernel, args }: IRun): Promise<IOutcome> {
  const path = [folder, `codeact-${UUID.uuid4()}`].filter(part => part).join('/');
  const session = await sessions.startNew({ name: 'CodeAct', path, type: 'console', kernel: { name: kernel } });
  try {
    const future = session.kernel?.requestExecute({ code: codeOf(args), store_history: false });
    const outcome: IOutcome = { code: null, text: '' };
    if (future) {
      future.onIOPub = message => note(outcome, message);
      await future.done;
    }
    return outcome;
  } finally {
    await session.shutdown();
    session.dispose();
  }
}

/** Return Python code that runs the command: it shows what that prints, and its value is the exit code. */
export function codeOf(args: ReadonlyArray<string>): string {
  const main = 'import sys; from codeact_jupyter.cli import main; sys.exit(main())';
  return [
    'import subprocess, sys',
    `_command = [sys.executable, '-c', ${JSON.stringify(main)}, *${JSON.stringify(args)}]`,
    '_done = subprocess.run(_command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)',
    "print(_done.stdout.decode(errors='replace'), end='')",
    '_done.returncode'
  ].join('\n');
}

function note(outcome: IOutcome, message: KernelMessage.IIOPubMessage): void {
  const content = message.content as { [name: string]: unknown };
  if (message.header.msg_type === 'stream') {
    outcome.text += String(content.text);
  } else if (message.header.msg_type === 'error') {
    outcome.text += `${String(content.ename)}: ${String(content.evalue)}`;
  } else if (message.header.msg_type === 'execute_result') {
    outcome.code = Number((content.data as { [type: string]: unknown })['text/plain']);
  }
}

/** Return the name, or the first one like it with a number that is not taken: `a-2.html`. */
export function freeName(name: string, taken: ReadonlyArray<string>): string {
  const dot = name.lastIndexOf('.');
  let free = name;
  for (let number = 2; taken.includes(free); number++) {
    free = `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
  }
  return free;
}
