/** The panel in the sidebar: the chat of the current notebook. */

import { JlThemeProvider } from '@jupyter/chat';
import { IThemeManager } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon, historyIcon, LabIcon, ReactWidget, settingsIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Message } from '@lumino/messaging';
import { Menu } from '@lumino/widgets';
import * as React from 'react';

import { Conversation } from '../kernel/conversation';
import { Conversations } from '../kernel/conversations';
import { beginAnew, openEarlier } from '../shell/leaving';
import { RECORD_COMMANDS } from '../shell/record';
import { Settings } from '../shell/settings';
import { Unavailable } from './empty';
import { ChatModel } from './model';
import { useConversation, useSignal } from './subscriptions';
import { ChatView } from './view';

/** JupyterLab's command that opens the settings. */
const SETTINGS = 'settingeditor:open';

/** A cell with a prompt in it. */
const chatIcon = new LabIcon({
  name: 'codeact-jupyter:chat',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 22 22">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 3h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-8l-4 4v-4H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zm1 2v9h14V5z"/>
    <path d="M7 6.5l3.2 3-3.2 3-1.1-1.2 1.9-1.8-1.9-1.8zM11 11h4.5v1.5H11z"/>
  </g>
</svg>`
});

export interface IChatPanelOptions {
  conversations: Conversations;
  settings: Settings;
  commands: CommandRegistry;
  themes: IThemeManager | null;
  languages: IEditorLanguageRegistry | null;
  trans: TranslationBundle;
}

export class ChatPanel extends ReactWidget {
  constructor(private _options: IChatPanelOptions) {
    super();
    this.id = 'codeact-chat';
    this.addClass('jp-CodeAct-chat');
    this.title.icon = chatIcon;
    this.title.caption = 'CodeAct';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _options.trans.__('CodeAct chat'));
    _options.conversations.currentChanged.connect(this._onCurrent, this);
    this._onCurrent();
  }

  /** Focus the input or, if no question can be asked, the button. A text is put at the end of the input. */
  focusInput(text = ''): void {
    if (text && this._model) {
      const { input } = this._model;
      input.value = [input.value.trimEnd(), text].filter(part => part).join(' ');
    }
    this._model?.input.focus();
    this.node.querySelector<HTMLElement>('.jp-CodeAct-empty button')?.focus();
  }

  protected onActivateRequest(_: Message): void {
    this.focusInput();
  }

  protected onAfterShow(_: Message): void {
    this._load();
  }

  protected render(): React.JSX.Element {
    const { commands, themes, trans } = this._options;
    const model = this._model;
    return (
      <JlThemeProvider themeManager={themes}>
        <div className="jp-CodeAct-title">
          <b>CodeAct</b>
          <span className="jp-CodeAct-name">{model && <Name model={model} />}</span>
          {model && (
            <>
              <button
                type="button"
                className="jp-CodeAct-button"
                title={trans.__('Begin a new conversation')}
                onClick={() => model.attempt(beginAnew(model.conversation, trans))}
              >
                {trans.__('New')}
              </button>
              <IconButton
                icon={historyIcon}
                label={trans.__('Earlier conversations')}
                onClick={() => model.attempt(openEarlier(model.conversation, trans))}
              />
            </>
          )}
          {model && (
            <IconButton
              icon={ellipsesIcon}
              label={trans.__('More')}
              hasMenu
              onClick={event => openMenu(commands, event)}
            />
          )}
          {commands.hasCommand(SETTINGS) && (
            <IconButton
              icon={settingsIcon}
              label={trans.__('Settings')}
              onClick={() => void commands.execute(SETTINGS, { query: 'CodeAct' })}
            />
          )}
        </div>
        {model ? (
          <Body model={model} commands={commands} />
        ) : (
          <Unavailable kernel={null} commands={commands} trans={trans} />
        )}
      </JlThemeProvider>
    );
  }

  private _onCurrent(): void {
    this._model?.kernel.changed.disconnect(this._load, this);
    const { current } = this._options.conversations;
    this._model = current && this._modelOf(current);
    this._model?.kernel.changed.connect(this._load, this);
    this._load();
    this.update();
  }

  /** Load CodeAct while the chat is visible: past messages come from the kernel. */
  private _load(): void {
    if (this.isVisible) {
      void this._model?.load();
    }
  }

  private _modelOf(conversation: Conversation): ChatModel {
    const { trans, settings, languages } = this._options;
    const known = this._models.get(conversation);
    if (known) {
      return known;
    }
    const model = new ChatModel(conversation, trans, settings, languages);
    this._models.set(conversation, model);
    conversation.panel.disposed.connect(() => this._models.delete(conversation));
    return model;
  }

  private _model: ChatModel | null = null;
  private _models = new Map<Conversation, ChatModel>();
}

function Body({ model, commands }: { model: ChatModel; commands: CommandRegistry }): React.JSX.Element {
  useSignal(model.kernel.changed);
  useConversation(model.conversation);
  const { state } = model.kernel;
  return state === 'foreign' || (state === 'none' && !model.conversation.isPast) ? (
    <Unavailable kernel={state} commands={commands} trans={model.trans} />
  ) : (
    <ChatView model={model} />
  );
}

function Name({ model }: { model: ChatModel }): React.JSX.Element {
  const { title } = model.conversation.panel;
  useSignal(title.changed);
  return <>{title.label}</>;
}

/** Open the menu of what can be done with the notebook as a whole, below its button. */
function openMenu(commands: CommandRegistry, { currentTarget }: React.MouseEvent): void {
  const menu = new Menu({ commands });
  RECORD_COMMANDS.forEach(command => menu.addItem({ command }));
  menu.aboutToClose.connect(() => requestAnimationFrame(() => menu.dispose())); // its command runs after it has closed
  const { left, bottom } = currentTarget.getBoundingClientRect();
  menu.open(left, bottom);
}

function IconButton(props: {
  icon: LabIcon;
  label: string;
  hasMenu?: boolean;
  onClick: (event: React.MouseEvent) => void;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className="jp-CodeAct-icon"
      aria-label={props.label}
      aria-haspopup={props.hasMenu ? 'menu' : undefined}
      title={props.label}
      onClick={props.onClick}
    >
      <props.icon.react tag="span" />
    </button>
  );
}
