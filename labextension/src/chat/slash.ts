/** The slash commands: their names, syntax and help. */

import { TranslationBundle } from '@jupyterlab/translation';

export const NAMES = ['reset', 'model', 'mode', 'stop', 'continue', 'fix', 'explain', 'help'] as const;
export type Name = (typeof NAMES)[number];

export interface ICommand {
  /** As typed; may be no command. */
  name: string;
  argument: string;
}

/** Parse a command. Return null if the text is a question, such as one that begins with a path. */
export function parseCommand(text: string): ICommand | null {
  const match = /^\/([A-Za-z]+)(?=\s|$)([^]*)$/.exec(text.trim());
  return match && { name: match[1].toLowerCase(), argument: match[2].trim() };
}

export function isCommand(name: string): name is Name {
  return (NAMES as ReadonlyArray<string>).includes(name);
}

/** Return each command's argument and effect, for the user. */
export function describe(trans: TranslationBundle): { [name in Name]: { takes: string; does: string } } {
  return {
    reset: { takes: '', does: trans.__('Begin a new conversation') },
    model: { takes: trans.__('NAME'), does: trans.__('Use another model') },
    mode: { takes: 'ask|auto', does: trans.__('Ask before each step, or run steps at once') },
    stop: { takes: '', does: trans.__('Stop the agent') },
    continue: { takes: '', does: trans.__('Resume the conversation') },
    fix: { takes: '', does: trans.__('Fix the cell that failed last') },
    explain: { takes: '', does: trans.__('Explain the selected cell') },
    help: { takes: '', does: trans.__('List the commands') }
  };
}

/** Return the list of all commands, for the user. */
export function help(trans: TranslationBundle): string {
  const commands = describe(trans);
  const lines = NAMES.map(name => `${`/${name} ${commands[name].takes}`.trim()} · ${commands[name].does}`);
  return [...lines, `@ · ${trans.__('Mention a variable, or a cell as @cell3')}`].join('\n');
}
