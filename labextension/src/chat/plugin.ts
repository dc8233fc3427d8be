/** The plugin that adds the chat to the sidebar. */

import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Conversations, IConversations } from '../kernel/conversations';
import { FOCUS_CHAT } from '../shell/commands';
import { ISettings, Settings } from '../shell/settings';
import { ChatPanel } from './panel';

export const chat: JupyterFrontEndPlugin<void> = {
  id: 'codeact-jupyter:chat',
  description: 'The CodeAct conversation of the current notebook, as a chat in the sidebar.',
  autoStart: true,
  requires: [IConversations, ISettings],
  optional: [ILabShell, ILayoutRestorer, ITranslator, IThemeManager, IEditorLanguageRegistry],
  activate: (
    app: JupyterFrontEnd,
    conversations: Conversations,
    settings: Settings,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    themes: IThemeManager | null,
    languages: IEditorLanguageRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('codeact_jupyter');
    const panel = new ChatPanel({ conversations, settings, commands: app.commands, themes, languages, trans });
    app.shell.add(panel, 'right', { rank: 400 });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(FOCUS_CHAT, {
      label: trans.__('Focus Chat'),
      caption: trans.__('Show the CodeAct chat and type there'),
      describedBy: { args: { type: 'object', properties: { text: { type: 'string' } } } },
      execute: ({ text }) => {
        if (labShell) {
          labShell.activateById(panel.id);
        } else {
          (app.shell as INotebookShell).expandRight?.(panel.id);
        }
        panel.focusInput(typeof text === 'string' ? text : '');
      }
    });
  }
};

/** Shell of Notebook 7, whose `expandRight` shows a panel of the sidebar. */
interface INotebookShell extends JupyterFrontEnd.IShell {
  expandRight?(id: string): void;
}
