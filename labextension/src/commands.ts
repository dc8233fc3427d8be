/** What the user can do by name: palette entries and the commands behind them. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

export const LOAD = 'codeact-jupyter:load';

export const commands: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:plugin',
  description: 'Loads the CodeAct agent into the kernel of the current notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, notebooks: INotebookTracker, palette: ICommandPalette | null): void => {
    app.commands.addCommand(LOAD, {
      label: 'Load CodeAct in This Notebook',
      caption: 'Run %load_ext codeact_jupyter in the kernel of the current notebook',
      isEnabled: () => kernelOf(notebooks.currentWidget) !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const panel = notebooks.currentWidget;
        const error = panel && (await load(panel));
        if (error) {
          const message = `CodeAct could not be loaded into ${panel.title.label}. ${error}`;
          Notification.error(message, { autoClose: false });
        } else if (panel) {
          const message = `CodeAct is loaded in ${panel.title.label}: begin a cell with %%codeact.`;
          Notification.success(message, { autoClose: 5000 });
        }
      }
    });
    const refresh = (): void => app.commands.notifyCommandChanged(LOAD);
    notebooks.currentChanged.connect(refresh);
    notebooks.widgetAdded.connect((_, panel) => panel.sessionContext.kernelChanged.connect(refresh));
    palette?.addItem({ command: LOAD, category: 'Notebook Operations' });
  }
};

/** Loads the IPython extension, unseen in the notebook and its history; returns what went wrong, or null. */
async function load(panel: NotebookPanel): Promise<string | null> {
  const kernel = kernelOf(panel);
  if (!kernel) {
    return 'The notebook has no kernel: start one and try again.';
  }
  const reply = await kernel.requestExecute({ code: '%load_ext codeact_jupyter', silent: true }).done;
  return reply.content.status === 'error' ? `${reply.content.ename}: ${reply.content.evalue}` : null;
}

function kernelOf(panel: NotebookPanel | null) {
  return panel?.sessionContext.session?.kernel ?? null;
}
