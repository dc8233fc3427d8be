/** The commands on what the agent did: a clean notebook, a report, a replay. Each is `jupyter codeact` (`docs/record.md`). */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { Conversation } from '../kernel/conversation';
import { Conversations, IConversations } from '../kernel/conversations';
import { collapseFailed } from '../review/collapse';
import { freeName, runCommandLine } from './command-line';
import { notifyError } from './notify';

/** The commands, in the order of the chat's menu. */
export const RECORD_COMMANDS = ['keep', 'collapse', 'report', 'replay'].map(name => `codeact-jupyter:${name}`);

/** JupyterLab's command that opens a file. */
const OPEN = 'docmanager:open';

interface IAction {
  label: string;
  caption: string;
  /** What runs, for the user to agree to; left out if nothing of the notebook does. */
  warning?: string;
  /** Name of the file that is written, of that of the notebook; left out if there is none. */
  file?: (stem: string) => string;
  /** The command's arguments besides the notebook and the file. */
  args: string[];
}

export const record: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:record',
  description: 'The commands on what CodeAct did in a notebook: keep, collapse, report, replay.',
  autoStart: true,
  requires: [IConversations],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    conversations: Conversations,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('codeact_jupyter');
    const add = (id: string, label: string, caption: string, act: (conversation: Conversation) => unknown): void => {
      app.commands.addCommand(id, {
        label,
        caption,
        isEnabled: () => conversations.current !== null,
        describedBy: { args: { type: 'object', properties: {} } },
        execute: async () => {
          const { current } = conversations;
          try {
            await (current && act(current));
          } catch (error) {
            notifyError(current, error, trans);
          }
        }
      });
      palette?.addItem({ command: id, category: trans.__('CodeAct') });
    };
    const actions = actionsOf(trans);
    for (const [id, action] of Object.entries(actions)) {
      add(`codeact-jupyter:${id}`, action.label, action.caption, current => make(app, current, action, trans));
    }
    add(
      'codeact-jupyter:collapse',
      trans.__('Collapse Failed Attempts'),
      trans.__('Fold the steps of CodeAct that failed, were rejected or stopped; their bars stay'),
      ({ panel }) => {
        if (collapseFailed(panel) === 0) {
          Notification.info(trans.__('No step in %1 has failed, or was rejected or stopped.', panel.title.label));
        }
      }
    );
    const tell = (): void => RECORD_COMMANDS.forEach(id => app.commands.notifyCommandChanged(id));
    conversations.currentChanged.connect(tell);
  }
};

function actionsOf(trans: TranslationBundle): { [id: string]: IAction } {
  return {
    keep: {
      label: trans.__('Keep Only What Led to the Answer…'),
      caption: trans.__('Write a copy of the notebook without the steps on which no answer rests'),
      warning: trans.__(
        'A copy without the steps on which no answer rests is written beside it, if that runs from top to bottom in a ' +
          'fresh kernel. What its cells write to files, they write again.'
      ),
      file: stem => `${stem}-clean.ipynb`,
      args: ['keep']
    },
    report: {
      label: trans.__('Report on This Notebook'),
      caption: trans.__('Write a page that says who wrote what, what ran, and what was edited or rejected'),
      file: stem => `${stem}-report.html`,
      args: ['report', '--html']
    },
    replay: {
      label: trans.__('Replay Without the Model…'),
      caption: trans.__('Run what ran in the notebook again, in a fresh kernel, and compare the outputs'),
      warning: trans.__(
        'Your cells and the steps that were approved are run again, in a fresh kernel, and their outputs are compared ' +
          'with the recorded ones. What they write to files, they write again.'
      ),
      args: ['replay']
    }
  };
}

/** Run the command on the notebook as it is now, and show what it says and has written. */
async function make(
  app: JupyterFrontEnd,
  { panel }: Conversation,
  { label, warning, file, args }: IAction,
  trans: TranslationBundle
): Promise<void> {
  const { context, sessionContext } = panel;
  const { contents, sessions } = app.serviceManager;
  const title = `${label.replace('…', '')}: ${panel.title.label}`;
  if (warning && !(await showDialog({ title, body: warning })).button.accept) {
    return;
  }
  if (context.model.dirty) {
    await context.save();
  }
  const [folder, name] = split(contents.localPath(context.path));
  const listed = (await contents.get(split(context.path)[0])) as { content: { name: string }[] };
  const taken = listed.content.map(each => each.name);
  const out = file && freeName(file(name.replace(/\.ipynb$/, '')), taken);
  const kernel = sessionContext.session?.kernel?.name ?? sessionContext.prevKernelName;
  const all = [...args, `./${name}`, ...(out ? ['--out', `./${out}`] : [])];
  const notice = Notification.emit(title, 'in-progress', { autoClose: false });
  const { code, text } = await runCommandLine(sessions, { folder, kernel, args: all }).finally(() =>
    Notification.dismiss(notice)
  );
  if (out && code === 0) {
    await app.commands.execute(OPEN, { path: [split(context.path)[0], out].filter(part => part).join('/') });
  }
  if (code !== 0 || warning) {
    const body = new Widget({ node: document.createElement('pre') });
    body.addClass('jp-CodeAct-record');
    body.node.tabIndex = 0;
    body.node.textContent = text.trim() || trans.__('The command could not be run.');
    await showDialog({ title, body, buttons: [Dialog.okButton()] });
  }
}

/** Return the folder, which may be empty, and the name. */
function split(path: string): [string, string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
}
