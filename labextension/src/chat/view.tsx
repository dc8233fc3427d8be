/** The conversation of one notebook: its messages or a welcome, the input, and what is below it. */

import { Chat, ChatInput, ChatMessages, ChatReactContext } from '@jupyter/chat';
import * as React from 'react';

import { completions } from './completion';
import { Welcome } from './empty';
import { Footer } from './footer';
import { useSignal } from './hooks';
import { replies } from './markdown';
import { preambles } from './message';
import type { ChatModel } from './model';
import { usePinned } from './pin';
import { toolbar } from './toolbar';

const messagePreambleRegistry = preambles();
const inputToolbarRegistry = toolbar();

export function ChatView({ model }: { model: ChatModel }): React.JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  useSignal(model.messagesUpdated);
  const isEmpty = model.messages.length === 0;
  const context = React.useMemo<Chat.IChatProps>(
    () => ({
      model,
      rmRegistry: replies(model.conversation.panel.content.rendermime.markdownParser),
      chatCommandRegistry: completions(model),
      messagePreambleRegistry,
      inputToolbarRegistry,
      area: 'sidebar'
    }),
    [model]
  );
  useQuietMount(root);
  useLabels(root, model, isEmpty);
  useNamedButtons(root);
  usePinned(root, model, isEmpty);
  return (
    <ChatReactContext.Provider value={context}>
      <div className="jp-CodeAct-view" ref={root}>
        {isEmpty ? <Welcome model={model} /> : <ChatMessages key={model.conversation.page} />}
        <ChatInput model={model.input} />
        <Footer model={model} />
      </div>
    </ChatReactContext.Provider>
  );
}

/** The input takes the focus when it is made; here the focus stays where the user is. */
function useQuietMount(root: React.RefObject<HTMLElement>): void {
  React.useLayoutEffect(() => {
    root.current?.setAttribute('inert', '');
  }, [root]);
  React.useEffect(() => {
    root.current?.removeAttribute('inert');
  }, [root]);
}

/** What the library does not let us say: names for its parts, and the hint in the input. */
function useLabels(root: React.RefObject<HTMLElement>, model: ChatModel, isEmpty: boolean): void {
  const { trans } = model;
  React.useEffect(() => {
    const { input } = model;
    const text = input.value;
    input.value = text; // the field, which stays the same, shows this conversation's text
    const field = root.current?.querySelector<HTMLTextAreaElement>('textarea:not([aria-hidden])');
    if (field) {
      field.placeholder = trans.__('Ask about your data. @ for variables, / for commands');
      field.ariaLabel = trans.__('Ask CodeAct');
    }
  }, [root, model, trans]);
  React.useEffect(() => {
    const list = root.current?.querySelector<HTMLElement>('.jp-chat-messages-container');
    if (list) {
      list.role = 'log';
      list.tabIndex = 0;
      list.ariaLive = 'off'; // a live region of ours tells what matters; not each word as it comes
      list.ariaLabel = trans.__('Conversation');
    }
  }, [root, model, trans, isEmpty]);
}

/** The library's buttons that come and go, such as the one to the last message, have a title, which is no name. */
function useNamedButtons(root: React.RefObject<HTMLElement>): void {
  React.useEffect(() => {
    const name = (): void => {
      root.current?.querySelectorAll<HTMLElement>('jp-button[title]').forEach(button => {
        button.ariaLabel = button.title;
      });
    };
    const observer = new MutationObserver(name);
    if (root.current) {
      observer.observe(root.current, { childList: true, subtree: true, attributeFilter: ['title'] });
    }
    return () => {
      observer.disconnect();
    };
  }, [root]);
}
